// Processes and namespaces.
#include "values.h"
#include <sched.h>

namespace {

Value Spawn(const CallbackInfo &info) {
  auto spec = info[0].As<Napi::Object>();
  TextList argv(spec.Get("argv")), env(spec.Get("env"));
  const std::vector<int> fds = integers(spec.Get("fds"));
  struct ts_spawn_spec spawn = {};
  spawn.exe_fd = integer(spec.Get("exeFd"));
  spawn.argv = argv.pointers.data();
  spawn.envp = env.pointers.data();
  spawn.flags = flags(spec.Get("flags"));
  spawn.fds = fds.data();
  spawn.fd_count = fds.size();
  spawn.cgroup_fd = integer(spec.Get("cgroupFd"));
  spawn.new_session = spec.Get("setsid").ToBoolean();
  if (ts_spawn(&spawn))
    throw failure(info.Env(), spawn.failed_call, errno);
  auto result = Napi::Object::New(info.Env());
  result.Set("pid", spawn.pid);
  result.Set("pidfd", spawn.pidfd);
  return result;
}

Value Unshare(const CallbackInfo &info) {
  checked(info, "unshare", unshare(static_cast<int>(flags(info[0]))));
  return info.Env().Undefined();
}

Value Setns(const CallbackInfo &info) {
  checked(info, "setns", setns(integer(info[0]), static_cast<int>(flags(info[1]))));
  return info.Env().Undefined();
}

Value PidfdOpen(const CallbackInfo &info) {
  return Napi::Number::New(info.Env(), checked(info, "pidfd_open", ts_pidfd_open(integer(info[0]))));
}

Value PidfdSendSignal(const CallbackInfo &info) {
  checked(info, "pidfd_send_signal", ts_pidfd_send_signal(integer(info[0]), integer(info[1])));
  return info.Env().Undefined();
}

Value WaitPidfd(const CallbackInfo &info) {
  int code = 0, signal = 0;
  if (!checked(info, "waitid", ts_wait_pidfd(integer(info[0]), &code, &signal)))
    return info.Env().Undefined();
  auto result = Napi::Object::New(info.Env());
  result.Set("code", code);
  result.Set("signal", signal);
  return result;
}

} // namespace

const std::vector<NamedFunction> &ProcessFunctions() {
  static const std::vector<NamedFunction> functions = {{"spawn", Spawn},
                                                       {"unshare", Unshare},
                                                       {"setns", Setns},
                                                       {"pidfdOpen", PidfdOpen},
                                                       {"pidfdSendSignal", PidfdSendSignal},
                                                       {"waitPidfd", WaitPidfd}};
  return functions;
}
