// The thin C++ side: arguments in, results or errors out. What src/kernel/addon.ts promises is typed there;
// the TypeScript side has validated, so a wrong type here is a mistake of ours and simply throws.
#include "values.h"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  for (const auto *functions : {&ProcessFunctions(), &DescriptorFunctions(), &WatchFunctions(),
                                &MountFunctions(), &NetlinkFunctions(), &TerminalFunctions()})
    for (const auto &one : *functions)
      exports.Set(one.name, Napi::Function::New(env, one.function, one.name));
  return exports;
}

NODE_API_MODULE(tspod, Init)
