import { readFileSync } from "node:fs";

/** A random UUID from the kernel (random(4)). */
export const newUid = (): string => readFileSync("/proc/sys/kernel/random/uuid", "latin1").trim();
