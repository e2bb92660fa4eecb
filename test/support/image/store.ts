import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { type ImageStore, openImageStore, type StoreOptions } from "../../../src/image/store.ts";
import type { Addon } from "../../../src/kernel/addon.ts";
import { UNPACKER } from "./unpack.ts";

/** The real addon: locks between processes are part of what is tested. */
export const addon = createRequire(import.meta.url)(resolve("dist/tspod.node")) as Addon;

/** A store of the test's own below `folder`. */
export function openStore(
  folder: string,
  options: Partial<StoreOptions> & { registries?: object } = {},
): ImageStore {
  const { registries, ...more } = options;
  mkdirSync(folder, { recursive: true });
  const registriesFile = join(folder, "registries.json");
  writeFileSync(registriesFile, JSON.stringify(registries ?? {}));
  return openImageStore({
    libRoot: join(folder, "lib"),
    runRoot: join(folder, "run"),
    embeddedDir: join(folder, "none"),
    unpacker: UNPACKER,
    addon,
    registriesFile,
    retry: { attempts: 8, baseMs: 50 },
    ...more,
  });
}
