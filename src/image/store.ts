import { dirname, join } from "node:path";
import { type EnsureOptions, ensureImage } from "./ensure.ts";
import type { Image } from "./image.ts";
import type { Flock } from "./lock.ts";
import { StorePaths } from "./paths.ts";
import { DOCKER_NAMES, type ShortNames } from "./reference.ts";
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
  shortNames?: ShortNames;
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
  shortNames: ShortNames;
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
  const context: StoreContext = {
    paths: new StorePaths(options.libRoot),
    runRoot: options.runRoot,
    embeddedDir: options.embeddedDir,
    addon: options.addon,
    shortNames: options.shortNames ?? DOCKER_NAMES,
    unpacker: options.unpacker ?? join(dirname(options.embeddedDir), "tspod-unpack"),
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  };
  return { context, ensure: (ref, ensureOptions) => ensureImage(context, ref, ensureOptions) };
}
