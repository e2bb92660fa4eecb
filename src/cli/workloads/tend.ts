import type { Context } from "../context.ts";
import { startDaemon } from "../daemon-start.ts";
import type { Pods } from "../pods.ts";

/**
 * Begins what changed objects ask for, so that what cannot be done is said here and not in a log, and leaves the rest to
 * the daemon.
 */
export async function tend(context: Context, { host }: Pods): Promise<void> {
  const { podDeps, reconcileAll, settled } = await import("../../workload/index.ts");
  const deps = podDeps(host, context.warn);
  await reconcileAll(host, {
    ...deps,
    createPod: (pod, owner) =>
      deps.createPod(pod, owner).catch((error: Error) => {
        context.warn(`${owner.kind.toLowerCase()}/${owner.name}: ${error.message}; it will be tried again`);
        throw error;
      }),
  });
  await settled(host);
  await startDaemon(host);
}
