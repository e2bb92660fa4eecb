export { LogFollower } from "./follower.ts";
export type { LogLine } from "./line.ts";
export { mergeLogs, type NamedLine } from "./merge.ts";
export { isSince, type LogSource, type ReadOptions, readLog } from "./read.ts";
