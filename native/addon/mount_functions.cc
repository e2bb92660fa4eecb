// The mount calls.
#include "values.h"

namespace {

Value Mount(const CallbackInfo &info) {
  const std::string data = text(info[4]);
  checked(info, "mount",
          ts_mount(text(info[0]).c_str(), text(info[1]).c_str(), text(info[2]).c_str(), flags(info[3]),
                   data.empty() ? nullptr : data.c_str()));
  return info.Env().Undefined();
}

Value Umount2(const CallbackInfo &info) {
  checked(info, "umount2", ts_umount2(text(info[0]).c_str(), integer(info[1])));
  return info.Env().Undefined();
}

Value OpenTree(const CallbackInfo &info) {
  return Napi::Number::New(info.Env(), checked(info, "open_tree",
                                               ts_open_tree(integer(info[0]), text(info[1]).c_str(),
                                                            static_cast<unsigned>(flags(info[2])))));
}

Value MoveMount(const CallbackInfo &info) {
  checked(info, "move_mount",
          ts_move_mount(integer(info[0]), integer(info[1]), text(info[2]).c_str(),
                        static_cast<unsigned>(flags(info[3]))));
  return info.Env().Undefined();
}

Value MountSetattr(const CallbackInfo &info) {
  checked(info, "mount_setattr",
          ts_mount_setattr(integer(info[0]), text(info[1]).c_str(), static_cast<unsigned>(flags(info[2])),
                           flags(info[3]), flags(info[4]), flags(info[5])));
  return info.Env().Undefined();
}

Value MountIdMap(const CallbackInfo &info) {
  checked(info, "mount_setattr", ts_mount_id_map(integer(info[0]), integer(info[1])));
  return info.Env().Undefined();
}

Value Fsopen(const CallbackInfo &info) {
  return Napi::Number::New(info.Env(), checked(info, "fsopen", ts_fsopen(text(info[0]).c_str())));
}

Value Fsconfig(const CallbackInfo &info) {
  const bool flag = info[2].IsNull();
  const std::string value = flag ? "" : text(info[2]);
  checked(info, "fsconfig",
          ts_fsconfig(integer(info[0]), flag ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING, text(info[1]).c_str(),
                      flag ? nullptr : value.c_str()));
  return info.Env().Undefined();
}

Value FsconfigCreate(const CallbackInfo &info) {
  checked(info, "fsconfig", ts_fsconfig(integer(info[0]), FSCONFIG_CMD_CREATE, nullptr, nullptr));
  return info.Env().Undefined();
}

Value Fsmount(const CallbackInfo &info) {
  return Napi::Number::New(
      info.Env(),
      checked(info, "fsmount", ts_fsmount(integer(info[0]), static_cast<unsigned>(flags(info[1])))));
}

Value PivotRoot(const CallbackInfo &info) {
  checked(info, "pivot_root", syscall(SYS_pivot_root, text(info[0]).c_str(), text(info[1]).c_str()));
  return info.Env().Undefined();
}

} // namespace

const std::vector<NamedFunction> &MountFunctions() {
  static const std::vector<NamedFunction> functions = {
      {"mount", Mount},         {"umount2", Umount2},           {"openTree", OpenTree},
      {"moveMount", MoveMount}, {"mountSetattr", MountSetattr}, {"mountIdMap", MountIdMap},
      {"fsopen", Fsopen},       {"fsconfig", Fsconfig},         {"fsconfigCreate", FsconfigCreate},
      {"fsmount", Fsmount},     {"pivotRoot", PivotRoot}};
  return functions;
}
