// Descriptors: waiting, pipes, passing, sealed memory, locks.
#include "values.h"
#include <cstddef>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

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

/* One datagram to a socket by its path; "@" begins a name of the abstract namespace (unix(7), sd_notify(3)).
 */
Value SendDatagram(const CallbackInfo &info) {
  const std::string path = text(info[0]), message = text(info[1]);
  struct sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    throw failure(info.Env(), "sendto", ENAMETOOLONG, path);
  memcpy(address.sun_path, path.data(), path.size());
  if (path[0] == '@')
    address.sun_path[0] = 0;
  const socklen_t size = static_cast<socklen_t>(offsetof(struct sockaddr_un, sun_path) + path.size());
  const int fd = checked(info, "socket", socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const ssize_t sent = sendto(fd, message.data(), message.size(), MSG_NOSIGNAL,
                              reinterpret_cast<struct sockaddr *>(&address), size);
  const int error = errno;
  close(fd);
  errno = error;
  checked(info, "sendto", sent);
  return info.Env().Undefined();
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

} // namespace

const std::vector<NamedFunction> &DescriptorFunctions() {
  static const std::vector<NamedFunction> functions = {
      {"poll", Poll},       {"pipe", Pipe},       {"socketpair", Socketpair},
      {"sendFds", SendFds}, {"recvFds", RecvFds}, {"sendDatagram", SendDatagram},
      {"memfd", Memfd},     {"seal", Seal},       {"flock", Flock},
      {"openat2", Openat2}};
  return functions;
}
