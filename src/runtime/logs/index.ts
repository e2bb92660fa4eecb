export { LogFollower } from "./follower.ts";
export { LOG_BYTES, type LogLine } from "./line.ts";
export { mergeLogs } from "./merge.ts";
export { isSince, type LogSource, readLog } from "./read.ts";
