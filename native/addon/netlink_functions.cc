// Netlink.
#include "values.h"
#include <cstdlib>
#include <memory>

namespace {

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

} // namespace

const std::vector<NamedFunction> &NetlinkFunctions() {
  static const std::vector<NamedFunction> functions = {{"netlinkSocket", NetlinkSocket},
                                                       {"netlinkRequest", NetlinkRequest}};
  return functions;
}
