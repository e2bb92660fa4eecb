import type { ProcessRef } from "../kernel/kernel.ts";
import type { Host } from "../runtime/host.ts";

/** Resolves when the process has ended (at once if it has already), or when cancelled. */
export function processEnd(host: Host, process: ProcessRef, cancelled?: AbortSignal): Promise<void> {
  const pidfd = host.kernel.openProcess(process);
  if (pidfd === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      cancelled?.removeEventListener("abort", done);
      host.kernel.close(pidfd);
      resolve();
    };
    const cancel = host.kernel.onEnd(pidfd, done);
    cancelled?.addEventListener("abort", done, { once: true });
    if (cancelled?.aborted) done();
  });
}
