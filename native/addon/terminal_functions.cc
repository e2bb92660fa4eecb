// Terminals, and the v2 cgroups' devices.
#include "values.h"
#include <sys/ioctl.h>
#include <termios.h>

namespace {

Value Winsize(const CallbackInfo &info) {
  struct winsize size;
  checked(info, "ioctl", ioctl(integer(info[0]), TIOCGWINSZ, &size));
  auto result = Napi::Object::New(info.Env());
  result.Set("rows", size.ws_row);
  result.Set("columns", size.ws_col);
  return result;
}

Value SetWinsize(const CallbackInfo &info) {
  struct winsize size = {};
  size.ws_row = static_cast<unsigned short>(integer(info[1]));
  size.ws_col = static_cast<unsigned short>(integer(info[2]));
  checked(info, "ioctl", ioctl(integer(info[0]), TIOCSWINSZ, &size));
  return info.Env().Undefined();
}

Value RawMode(const CallbackInfo &info) {
  auto saved = Napi::Buffer<char>::New(info.Env(), ts_mode_size());
  checked(info, "tcsetattr", ts_raw_mode(integer(info[0]), saved.Data(), saved.ByteLength()));
  return saved;
}

Value RestoreMode(const CallbackInfo &info) {
  auto saved = info[1].As<Napi::Uint8Array>();
  checked(info, "tcsetattr", ts_restore_mode(integer(info[0]), saved.Data(), saved.ByteLength()));
  return info.Env().Undefined();
}

Value BpfCgroupDevice(const CallbackInfo &info) {
  auto program = info[1].As<Napi::Uint8Array>();
  const char *call;
  const int result = ts_bpf_cgroup_device(integer(info[0]), program.Data(), program.ByteLength(), &call);
  checked(info, call, result);
  return info.Env().Undefined();
}

} // namespace

const std::vector<NamedFunction> &TerminalFunctions() {
  static const std::vector<NamedFunction> functions = {{"winsize", Winsize},
                                                       {"setWinsize", SetWinsize},
                                                       {"rawMode", RawMode},
                                                       {"restoreMode", RestoreMode},
                                                       {"bpfCgroupDevice", BpfCgroupDevice}};
  return functions;
}
