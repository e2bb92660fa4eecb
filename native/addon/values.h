// Between JavaScript's values and C's, and from errno to an Error with code, errno and syscall.
#ifndef TSPOD_VALUES_H
#define TSPOD_VALUES_H

#include "tspod_addon.h"
#include "tspod_kernel.h"
#include <cerrno>
#include <cstring>
#include <napi.h>
#include <string>
#include <uv.h>
#include <vector>

using Napi::CallbackInfo;
using Napi::Value;

struct NamedFunction {
  const char *name;
  Value (*function)(const CallbackInfo &);
};

// Each file of the addon gives its functions to the module.
const std::vector<NamedFunction> &ProcessFunctions();
const std::vector<NamedFunction> &DescriptorFunctions();
const std::vector<NamedFunction> &WatchFunctions();
const std::vector<NamedFunction> &MountFunctions();
const std::vector<NamedFunction> &NetlinkFunctions();
const std::vector<NamedFunction> &TerminalFunctions();
inline std::string errno_name(int error) {
#ifdef __GLIBC__
  if (const char *name = strerrorname_np(error))
    return name;
#endif
  return uv_err_name(-error);
}

inline Napi::Error failure(Napi::Env env, const char *call, int error, const std::string &detail = "") {
  const std::string name = errno_name(error);
  auto result = Napi::Error::New(env, std::string(call) + ": " + (detail.empty() ? strerror(error) : detail) +
                                          " (" + name + ")");
  result.Set("code", name);
  result.Set("errno", Napi::Number::New(env, error));
  result.Set("syscall", call);
  return result;
}

inline int checked(const CallbackInfo &info, const char *call, long result) {
  if (result < 0)
    throw failure(info.Env(), call, errno);
  return static_cast<int>(result);
}

inline int integer(const Value &value) {
  return value.As<Napi::Number>().Int32Value();
}

/* A NUL would end it early in the kernel, which would see another name than whoever has checked this one. */
inline std::string text(const Value &value) {
  std::string result = value.As<Napi::String>().Utf8Value();
  if (result.find('\0') != std::string::npos)
    throw failure(value.Env(), "text", EINVAL, "a text with a NUL character");
  return result;
}

/* Flags are unsigned on the wire but may be negative in JavaScript after a bit operation. */
inline uint64_t flags(const Value &value) {
  if (value.IsBigInt()) {
    bool lossless;
    return value.As<Napi::BigInt>().Uint64Value(&lossless);
  }
  const int64_t number = value.As<Napi::Number>().Int64Value();
  return number < 0 ? static_cast<uint32_t>(number) : static_cast<uint64_t>(number);
}

inline std::vector<int> integers(const Value &value) {
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

inline Value pair(Napi::Env env, int first, int second) {
  auto array = Napi::Array::New(env, 2);
  array.Set(0u, first);
  array.Set(1u, second);
  return array;
}

inline Value list(Napi::Env env, const std::vector<int> &values) {
  auto array = Napi::Array::New(env, values.size());
  for (size_t i = 0; i < values.size(); i++)
    array.Set(static_cast<uint32_t>(i), values[i]);
  return array;
}

#endif
