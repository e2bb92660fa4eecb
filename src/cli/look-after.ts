import type { Context } from "./context.ts";
import { ensureDaemon } from "./daemon-start.ts";
import type { Pods } from "./pods.ts";

/** Between two looks (ms). */
const EVERY = 1000;

/**
 * For a command that waits for what others do to a pod: whoever did it may have been killed, and it is commands that see
 * to another. To be called again and again; it looks once a second.
 */
export function lookingAfter(context: Context, { core, host }: Pods): () => Promise<void> {
  let next = 0;
  return async () => {
    if (performance.now() < next) return;
    next = performance.now() + EVERY;
    for (const { pod, message } of core.recover(host)) context.err(`pod ${pod}: ${message}\n`);
    await ensureDaemon(host);
  };
}
