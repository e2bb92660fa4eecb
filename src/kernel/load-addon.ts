import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { Addon } from "./addon.ts";

let loaded: Addon | undefined;

/**
 * The native addon, loaded once.
 * @throws TspodError TS4101 that names every file tried.
 */
export function loadAddon(): Addon {
  loaded ??= load();
  return loaded;
}

/** Where a file of the build may be: beside the running bundle, or in `dist/` of the checkout this source is in. */
export function buildFileCandidates(name: string): string[] {
  const here = dirname(typeof __filename === "string" ? __filename : fileURLToPath(import.meta.url));
  return [join(here, name), join(here, "..", "..", "dist", name)];
}

function load(): Addon {
  const require = createRequire(typeof __filename === "string" ? __filename : import.meta.url);
  const tried: string[] = [];
  for (const path of buildFileCandidates("tspod.node")) {
    try {
      return require(path) as Addon;
    } catch (error) {
      tried.push(`${path}: ${(error as Error).message.split("\n")[0]}`);
    }
  }
  throw new TspodError({
    code: "TS4101",
    message: `the native addon could not be loaded; tried ${tried.join("; ")}`,
    hint: "build it with `make build`",
    exitCode: ExitCode.hostNotAble,
  });
}
