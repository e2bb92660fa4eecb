// The thin C++ file: arguments in, results or errors out. What src/kernel/addon.ts promises is typed there;
// the TypeScript side has validated, so a wrong type here is a mistake of ours and simply throws.
#include "tspod_addon.h"
#include "tspod_kernel.h"
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <napi.h>
#include <poll.h>
#include <sched.h>
#include <string>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>
#include <uv.h>
#include <vector>

namespace {

using Napi::CallbackInfo;
using Napi::Value;

std::string errno_name(int error) {
#ifdef __GLIBC__
  if (const char *name = strerrorname_np(error))
    return name;
#endif
  return uv_err_name(-error);
}

Napi::Error failure(Napi::Env env, const char *call, int error, const std::string &detail = "") {
  const std::string name = errno_name(error);
  auto result = Napi::Error::New(env, std::string(call) + ": " + (detail.empty() ? strerror(error) : detail) +
                                          " (" + name + ")");
  result.Set("code", name);
  result.Set("errno", Napi::Number::New(env, error));
  result.Set("syscall", call);
  return result;
}

int checked(const CallbackInfo &info, const char *call, long result) {
  if (result < 0)
    throw failure(info.Env(), call, errno);
  return static_cast<int>(result);
}

int integer(const Value &value) {
  return value.As<Napi::Number>().Int32Value();
}

std::string text(const Value &value) {
  return value.As<Napi::String>().Utf8Value();
}

/* Flags are unsigned on the wire but may be negative in JavaScript after a bit operation. */
uint64_t flags(const Value &value) {
  if (value.IsBigInt()) {
    bool lossless;
    return value.As<Napi::BigInt>().Uint64Value(&lossless);
  }
  const int64_t number = value.As<Napi::Number>().Int64Value();
  return number < 0 ? static_cast<uint32_t>(number) : static_cast<uint64_t>(number);
}

std::vector<int> integers(const Value &value) {
  auto array = value.As<Napi::Array>();
  std::vector<int> result;
  for (uint32_t i = 0; i < array.Length(); i++)
    result.push_back(integer(array.Get(i)));
  return result;
}

/* A NULL-terminated argv or envp that owns its texts. */
struct TextList {
  std::vector<std::string> texts;
  std::vector<char *> pointers;
  explicit TextList(const Value &value) {
    auto array = value.As<Napi::Array>();
    for (uint32_t i = 0; i < array.Length(); i++)
      texts.push_back(text(array.Get(i)));
    for (auto &one : texts)
      pointers.push_back(one.data());
    pointers.push_back(nullptr);
  }
};

Value pair(Napi::Env env, int first, int second) {
  auto array = Napi::Array::New(env, 2);
  array.Set(0u, first);
  array.Set(1u, second);
  return array;
}

Value list(Napi::Env env, const std::vector<int> &values) {
  auto array = Napi::Array::New(env, values.size());
  for (size_t i = 0; i < values.size(); i++)
    array.Set(static_cast<uint32_t>(i), values[i]);
  return array;
}

// ---- processes and namespaces

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

// ---- descriptors

Value Poll(const CallbackInfo &info) {
  std::vector<struct pollfd> polled;
  for (int fd : integers(info[0]))
    polled.push_back({fd, POLLIN, 0});
  const int timeout = integer(info[1]);
  const uint64_t started = uv_hrtime();
  int left = timeout, ready;
  /* A signal (a child's end, a resized window) must not look like a timeout. */
  while ((ready = poll(polled.data(), polled.size(), left)) < 0 && errno == EINTR)
    if (timeout > 0) {
      const int64_t passed = static_cast<int64_t>((uv_hrtime() - started) / 1000000);
      left = passed >= timeout ? 0 : static_cast<int>(timeout - passed);
    }
  checked(info, "poll", ready);
  std::vector<int> indexes;
  for (size_t i = 0; i < polled.size(); i++)
    if (polled[i].revents)
      indexes.push_back(static_cast<int>(i));
  return list(info.Env(), indexes);
}

/* A watch of a copy of the descriptor: the original can be closed, and watched again, independently. */
struct Watch {
  uv_poll_t poll;
  Napi::FunctionReference callback;
  Napi::AsyncContext context;
  int fd;
  std::shared_ptr<Watch *> slot; /* what the cancelling function sees: null once the watch is over */
  Watch(Napi::Env env, int copy) : context(env, "tspod:watch"), fd(copy) {
    poll.data = this;
  }
};

void EndWatch(void *data) {
  auto *watch = static_cast<Watch *>(data);
  *watch->slot = nullptr;
  napi_remove_env_cleanup_hook(watch->callback.Env(), EndWatch, watch);
  uv_close(reinterpret_cast<uv_handle_t *>(&watch->poll), [](uv_handle_t *handle) {
    auto *ended = static_cast<Watch *>(handle->data);
    close(ended->fd);
    delete ended;
  });
}

void OnReadable(uv_poll_t *handle, int, int) {
  auto *watch = static_cast<Watch *>(handle->data);
  Napi::Env env = watch->callback.Env();
  Napi::HandleScope scope(env);
  uv_poll_stop(handle);
  auto callback = watch->callback.Value();
  try {
    EndWatch(watch);
    callback.MakeCallback(env.Global(), 0, nullptr, watch->context);
  } catch (const Napi::Error &error) {
    error.ThrowAsJavaScriptException();
  }
}

Value WatchReadable(const CallbackInfo &info) {
  Napi::Env env = info.Env();
  uv_loop_t *loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  const int copy = checked(info, "fcntl", fcntl(integer(info[0]), F_DUPFD_CLOEXEC, 3));
  auto *watch = new Watch(env, copy);
  int error = uv_poll_init(loop, &watch->poll, copy);
  if (error) {
    close(copy);
    delete watch;
    throw failure(env, "epoll_ctl", -error);
  }
  watch->slot = std::make_shared<Watch *>(watch);
  watch->callback = Napi::Persistent(info[1].As<Napi::Function>());
  napi_add_env_cleanup_hook(env, EndWatch, watch);
  error = uv_poll_start(&watch->poll, UV_READABLE, OnReadable);
  if (error) {
    EndWatch(watch);
    throw failure(env, "epoll_ctl", -error);
  }
  return Napi::Function::New(env, [slot = watch->slot](const CallbackInfo &) {
    if (*slot)
      EndWatch(*slot);
  });
}

Value Pipe(const CallbackInfo &info) {
  int ends[2];
  checked(info, "pipe2", pipe2(ends, O_CLOEXEC));
  return pair(info.Env(), ends[0], ends[1]);
}

Value Socketpair(const CallbackInfo &info) {
  int ends[2];
  checked(info, "socketpair", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  return pair(info.Env(), ends[0], ends[1]);
}

Value SendFds(const CallbackInfo &info) {
  const auto fds = integers(info[1]);
  checked(info, "sendmsg", ts_send_fds(integer(info[0]), fds.data(), fds.size()));
  return info.Env().Undefined();
}

Value RecvFds(const CallbackInfo &info) {
  std::vector<int> fds(253);
  fds.resize(static_cast<size_t>(
      checked(info, "recvmsg", ts_recv_fds(integer(info[0]), integer(info[1]), fds.data(), fds.size()))));
  return list(info.Env(), fds);
}

Value Memfd(const CallbackInfo &info) {
  auto bytes = info[1].As<Napi::Uint8Array>();
  return Napi::Number::New(
      info.Env(),
      checked(info, "memfd_create", ts_memfd(text(info[0]).c_str(), bytes.Data(), bytes.ByteLength())));
}

Value Seal(const CallbackInfo &info) {
  checked(info, "fcntl", ts_seal(integer(info[0])));
  return info.Env().Undefined();
}

Value Flock(const CallbackInfo &info) {
  const std::string mode = text(info[1]);
  const int operation = mode == "exclusive" ? LOCK_EX : mode == "shared" ? LOCK_SH : LOCK_UN;
  const int non_blocking = info[2].ToBoolean() ? LOCK_NB : 0;
  int result;
  while ((result = flock(integer(info[0]), operation | non_blocking)) && errno == EINTR)
    continue;
  if (result && errno == EWOULDBLOCK)
    return Napi::Boolean::New(info.Env(), false);
  checked(info, "flock", result);
  return Napi::Boolean::New(info.Env(), true);
}

Value Openat2(const CallbackInfo &info) {
  return Napi::Number::New(info.Env(), checked(info, "openat2",
                                               ts_openat2(integer(info[0]), text(info[1]).c_str(),
                                                          flags(info[2]), flags(info[3]), flags(info[4]))));
}

// ---- mounts

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

// ---- netlink

Value NetlinkSocket(const CallbackInfo &info) {
  const char *call;
  const int fd = ts_netlink_socket(integer(info[0]), integer(info[1]), &call);
  return Napi::Number::New(info.Env(), checked(info, call, fd));
}

Value NetlinkRequest(const CallbackInfo &info) {
  auto messages = info[1].As<Napi::Uint8Array>();
  struct ts_netlink_reply reply = {};
  const int result = ts_netlink_request(integer(info[0]), messages.Data(), messages.ByteLength(), &reply);
  const int error = errno;
  std::unique_ptr<unsigned char, decltype(&free)> owner(reply.bytes, free);
  if (result) {
    auto thrown = failure(info.Env(), "netlink", error, reply.text);
    thrown.Set("index", Napi::Number::New(info.Env(), reply.failed_index));
    throw thrown;
  }
  return Napi::Buffer<unsigned char>::Copy(info.Env(), reply.bytes, reply.length);
}

// ---- terminals and cgroup devices

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

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  const struct {
    const char *name;
    Value (*function)(const CallbackInfo &);
  } functions[] = {
      {"spawn", Spawn},
      {"unshare", Unshare},
      {"setns", Setns},
      {"pidfdOpen", PidfdOpen},
      {"pidfdSendSignal", PidfdSendSignal},
      {"waitPidfd", WaitPidfd},
      {"poll", Poll},
      {"watchReadable", WatchReadable},
      {"pipe", Pipe},
      {"socketpair", Socketpair},
      {"sendFds", SendFds},
      {"recvFds", RecvFds},
      {"memfd", Memfd},
      {"seal", Seal},
      {"flock", Flock},
      {"openat2", Openat2},
      {"mount", Mount},
      {"umount2", Umount2},
      {"openTree", OpenTree},
      {"moveMount", MoveMount},
      {"mountSetattr", MountSetattr},
      {"fsopen", Fsopen},
      {"fsconfig", Fsconfig},
      {"fsconfigCreate", FsconfigCreate},
      {"fsmount", Fsmount},
      {"pivotRoot", PivotRoot},
      {"netlinkSocket", NetlinkSocket},
      {"netlinkRequest", NetlinkRequest},
      {"winsize", Winsize},
      {"setWinsize", SetWinsize},
      {"rawMode", RawMode},
      {"restoreMode", RestoreMode},
      {"bpfCgroupDevice", BpfCgroupDevice},
  };
  for (const auto &one : functions)
    exports.Set(one.name, Napi::Function::New(env, one.function, one.name));
  return exports;
}

} // namespace

NODE_API_MODULE(tspod, Init)
