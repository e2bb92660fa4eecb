import { type EnsureOptions, ensureImage } from "./ensure.ts";
import type { Image } from "./image.ts";
import type { Flock } from "./lock.ts";
import { StorePaths } from "./paths.ts";
import { DOCKER_NAMES, type ShortNames } from "./reference.ts";

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
}

/** What the store's verbs share. */
export interface StoreContext {
  paths: StorePaths;
  runRoot: string;
  embeddedDir: string;
  addon: Flock | undefined;
  shortNames: ShortNames;
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
  };
  return { context, ensure: (ref, ensureOptions) => ensureImage(context, ref, ensureOptions) };
}
