// Watching a descriptor from Node's event loop.
#include "values.h"
#include <memory>

namespace {

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

} // namespace

const std::vector<NamedFunction> &WatchFunctions() {
  static const std::vector<NamedFunction> functions = {{"watchReadable", WatchReadable}};
  return functions;
}
