import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import type { Context } from "../context.ts";
import { forEachPod } from "../each-pod.ts";
import { refuseLeftBehind } from "../left-behind.ts";
import type { Manifests } from "../manifests.ts";
import { patiently } from "../patience.ts";
import type { Pods } from "../pods.ts";
import { type DeleteFlags, deleteOne } from "./delete.ts";

export interface TakeAwayFlags extends DeleteFlags {
  /** Claims with their data too. */
  claims: boolean;
  /** ConfigMaps, Secrets and Services too. */
  objects: boolean;
}

/**
 * Removes what manifests name, in the opposite order of their making: what makes pods, the pods, what pods refer to.
 * What is not there is said, and no error.
 */
export async function takeAway(
  context: Context,
  pods: Pods,
  manifests: Manifests,
  flags: TakeAwayFlags,
): Promise<number> {
  const { host, core } = pods;
  for (const { object } of manifests.workloads)
    if (!(await deleteOne(context, pods, object, { ...flags, ignoreNotFound: true })))
      notThere(context, object);
  const code = await takePods(context, pods, manifests, flags);
  if (code !== 0) return code;
  const { services, secrets, configMaps, claims } = manifests;
  const rest = [
    ...(flags.objects ? [...services, ...secrets, ...configMaps] : []),
    ...(flags.claims ? claims : []),
  ];
  for (const { kind, metadata } of rest) {
    const namespace = context.global.namespace ?? metadata.namespace;
    try {
      core.deleteObject(host, kind, { namespace, name: metadata.name });
      context.out(`${kind.toLowerCase()} "${metadata.name}" deleted\n`);
    } catch (error) {
      if (!(error instanceof TspodError) || error.exitCode !== ExitCode.notFound) throw error;
      notThere(context, { kind, metadata });
    }
  }
  return 0;
}

function notThere(context: Context, { kind, metadata }: { kind: string; metadata: { name: string } }): void {
  context.err(`${kind.toLowerCase()} "${metadata.name}" is not there\n`);
}

async function takePods(
  context: Context,
  pods: Pods,
  manifests: Manifests,
  flags: TakeAwayFlags,
): Promise<number> {
  const present = new Map(
    pods.core.listPods(pods.host).map(({ record }) => [`${record.namespace}/${record.name}`, record.uid]),
  );
  const uids: string[] = [];
  for (const { object } of manifests.pods) {
    const { namespace, name } = object.metadata;
    const uid = present.get(`${namespace}/${name}`);
    if (uid) uids.push(uid);
    else notThere(context, object);
  }
  return forEachPod(context, pods, uids, async (view) => {
    const removal = pods.core.removePod(pods.host, view, {
      force: flags.force ?? false,
      ...(flags.gracePeriod === undefined ? {} : { graceSeconds: flags.gracePeriod }),
    });
    const graceSeconds = flags.force ? 0 : flags.gracePeriod;
    refuseLeftBehind(view, "removed", await patiently(context, view, { graceSeconds }, removal));
    context.out(`pod "${view.record.name}" deleted\n`);
  });
}
