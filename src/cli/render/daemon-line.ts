import type { DaemonStatus } from "../../daemon/client.ts";
import { age } from "./age.ts";

/** `pid 4242, for 3m, 12 pods, 58 MiB of memory, 1.2 s of processor time` */
export function daemonLine(status: DaemonStatus, now: Date): string {
  const { pid, startedAt, pods, rssBytes, cpuMicroseconds } = status;
  const memory = `${Math.round(rssBytes / 2 ** 20)} MiB of memory`;
  const processor = `${(cpuMicroseconds / 1e6).toFixed(1)} s of processor time`;
  return `pid ${pid}, for ${age(startedAt, now)}, ${pods} pod${pods === 1 ? "" : "s"}, ${memory}, ${processor}\n`;
}
