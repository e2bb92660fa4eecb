import { dirname, join } from "node:path";
import type { EnsureOptions } from "./ensure.ts";
import type { Image } from "./image.ts";
import type { Flock } from "./lock.ts";
import { StorePaths } from "./paths.ts";
import type { ShortNames } from "./reference.ts";
import { type RegistriesConfig, readRegistriesConfig } from "./registry/config.ts";
import { DEFAULT_RETRY, type RetryOptions } from "./registry/retry.ts";
import { DEFAULT_LIMITS, type UnpackLimits } from "./unpack.ts";

export interface StoreOptions {
  /** tspod's library root (`/var/lib/tspod`); the store makes `images` and `layers` below it. */
  libRoot: string;
  /** tspod's runtime root (`/run/tspod`), where pods are recorded. */
  runRoot: string;
  /** The folder of the layouts that come with tspod (`dist/images`). */
  embeddedDir: string;
  /** For flock: without it, only this process is kept in order. */
  addon?: Flock;
  /** How registries are reached; `/etc/tspod/registries.json` unless it is said. */
  registriesFile?: string;
  retry?: RetryOptions;
  /** The program that unpacks layers; beside `embeddedDir` unless it is said. */
  unpacker?: string;
  limits?: Partial<UnpackLimits>;
}

/** What the store's verbs share. */
export interface StoreContext {
  paths: StorePaths;
  runRoot: string;
  embeddedDir: string;
  addon: Flock | undefined;
  /** The part of `registries` that names are resolved by. */
  readonly shortNames: ShortNames;
  readonly registries: RegistriesConfig;
  retry: RetryOptions;
  unpacker: string;
  limits: UnpackLimits;
}

export interface ImageStore {
  readonly context: StoreContext;
  /** Makes an image ready to run, by Kubernetes' imagePullPolicy. Throws TspodError TS6xxx. */
  ensure(ref: string, options: EnsureOptions): Promise<Image>;
}

/** Opens the image store. Nothing is read or made before it is needed. */
export function openImageStore(options: StoreOptions): ImageStore {
  const context = openContext(options);
  return {
    context,
    // Loaded when it is asked for: every command opens the store, and few need an image.
    ensure: async (ref, wanted) => (await import("./ensure.ts")).ensureImage(context, ref, wanted),
  };
}

function openContext(options: StoreOptions): StoreContext {
  let registries: RegistriesConfig | undefined;
  const read = () =>
    (registries ??= readRegistriesConfig(options.registriesFile ?? "/etc/tspod/registries.json"));
  return {
    paths: new StorePaths(options.libRoot),
    runRoot: options.runRoot,
    embeddedDir: options.embeddedDir,
    addon: options.addon,
    get shortNames() {
      return read();
    },
    get registries() {
      return read();
    },
    retry: options.retry ?? DEFAULT_RETRY,
    unpacker: options.unpacker ?? join(dirname(options.embeddedDir), "tspod-unpack"),
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  };
}
