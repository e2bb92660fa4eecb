import type { ProcessRef } from "../kernel/kernel.ts";
import type { Host } from "../runtime/host.ts";
import { attemptPaths, type PodPaths } from "../state/paths.ts";
import type { ExitRecord } from "../state/record.ts";
import { attemptNumbers, readContainer, readExit } from "../state/records.ts";

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

/**
 * Waits for the latest attempt's monitor, which writes the exit last of all; undefined when it was killed before it
 * could.
 */
export async function waitForContainer(
  host: Host,
  paths: PodPaths,
  name: string,
  cancelled?: AbortSignal,
): Promise<ExitRecord | undefined> {
  const attempt = attemptNumbers(paths, name).at(-1);
  if (attempt === undefined) return undefined;
  const folders = attemptPaths(paths, name, attempt);
  const record = readContainer(folders);
  if (record?.monitor) await processEnd(host, record.monitor, cancelled);
  return readExit(folders);
}
