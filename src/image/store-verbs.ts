/** What is done with a store besides running its images; loaded by the command `image` alone. */
export { type Collected, collectGarbage } from "./collect.ts";
export { storeUsage, type Usage } from "./df.ts";
export { ensureImage } from "./ensure.ts";
export { displayName, findImage, findImages } from "./find.ts";
export { type HistoryRow, imageHistory, inspectImage } from "./inspect.ts";
export { type ImageSummary, listImages } from "./list.ts";
export { loadImage } from "./load.ts";
export { type Pruned, pruneImages } from "./prune.ts";
export { pullImage } from "./pull.ts";
export { type Removed, removeImages } from "./remove.ts";
export { saveImages } from "./save.ts";
export { type LocalSource, parseSource, sourceName } from "./sources/parse-source.ts";
export { spooled } from "./spool.ts";
export { tagImage } from "./tag.ts";
export { type Finding, verifyStore } from "./verify.ts";
