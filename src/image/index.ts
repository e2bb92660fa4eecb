export type { EnsureOptions, PullPolicy } from "./ensure.ts";
export { type HoldingStore, holding } from "./holding.ts";
export type { Image } from "./image.ts";
export { readInLayers } from "./lookup.ts";
export type { ContainerConfig } from "./oci.ts";
export type { ImageProgress, OnProgress } from "./progress.ts";
export { defaultPullPolicy, familiarReference, formatReference, parseReference } from "./reference.ts";
export { type ImageStore, openImageStore, type StoreOptions } from "./store.ts";
