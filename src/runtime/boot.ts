import { readFileSync } from "node:fs";

let bootId: string | undefined;

/** Names this boot of the machine (random(4)): state under /run of another boot is not believed. */
export function readBootId(): string {
  bootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  return bootId;
}
