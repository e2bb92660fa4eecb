import type { Context } from "./context.ts";
import { refuseLeftBehind } from "./left-behind.ts";
import type { Manifests } from "./manifests.ts";
import { patiently } from "./patience.ts";
import type { Pods } from "./pods.ts";
import { runDetached } from "./run-detached.ts";
import { runForeground } from "./run-foreground.ts";
import type { InteractiveFlags } from "./run-interactive.ts";

export interface RunFlags extends InteractiveFlags {
  detach?: boolean;
  wait?: boolean;
  waitFor?: "complete" | "ready";
  timeout?: number;
  rm?: boolean;
  replace?: boolean;
  quiet?: boolean;
  infraBin?: string;
}

/** Starts all pods of the manifests, in their order, in the foreground or not; returns the command's exit code. */
export async function runPods(
  context: Context,
  pods: Pods,
  manifests: Manifests,
  flags: RunFlags,
): Promise<number> {
  if (flags.replace) await removeNamesakes(context, pods, manifests);
  if (manifests.workloads.length > 0)
    return (await import("./workloads/run.ts")).runWorkloads(context, pods, manifests, flags);
  const detached = flags.detach || flags.wait || flags.waitFor !== undefined;
  return detached
    ? runDetached(context, pods, manifests, flags)
    : runForeground(context, pods, manifests, flags);
}

async function removeNamesakes(context: Context, { host, core }: Pods, manifests: Manifests): Promise<void> {
  const names = new Set(
    manifests.pods.map(({ object: { metadata } }) => `${metadata.namespace}/${metadata.name}`),
  );
  const old = core.listPods(host).filter(({ record }) => names.has(`${record.namespace}/${record.name}`));
  await Promise.all(
    old.map(async (view) => {
      refuseLeftBehind(view, "removed", await patiently(context, view, {}, core.removePod(host, view)));
    }),
  );
}
