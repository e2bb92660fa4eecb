export { LogFollower } from "./follower.ts";
export type { LogLine } from "./line.ts";
export { mergeLogs } from "./merge.ts";
export { isSince, type LogSource, readLog } from "./read.ts";
