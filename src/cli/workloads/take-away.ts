import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { allAtOnce } from "../all-at-once.ts";
import type { Context } from "../context.ts";
import type { Manifests } from "../manifests.ts";
import { warnOfKept } from "../objects/kept-content.ts";
import type { Pods } from "../pods.ts";
import { removeOne } from "../remove-pod.ts";
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
  const works = [
    ...manifests.workloads.map(({ object }) => async () => {
      const said = await deleteOne(context, pods, object, { ...flags, ignoreNotFound: true });
      if (said === undefined) notThere(context, object);
      return said;
    }),
    ...podsToTake(context, pods, manifests, flags),
  ];
  const code = await allAtOnce(context, works);
  if (code !== 0) return code;
  const { services, secrets, configMaps, claims } = manifests;
  const rest = [
    ...(flags.objects ? [...services, ...secrets, ...configMaps] : []),
    ...(flags.claims ? claims : []),
  ];
  for (const { kind, metadata } of rest) {
    const namespace = context.global.namespace ?? metadata.namespace;
    try {
      const { failures } = core.deleteObject(host, kind, { namespace, name: metadata.name });
      warnOfKept(context, failures);
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

function podsToTake(
  context: Context,
  pods: Pods,
  manifests: Manifests,
  flags: TakeAwayFlags,
): (() => Promise<string | undefined>)[] {
  const present = new Map(
    pods.core.listPods(pods.host).map((view) => [`${view.record.namespace}/${view.record.name}`, view]),
  );
  return manifests.pods.map(({ object }) => async () => {
    const { namespace, name } = object.metadata;
    const view = present.get(`${namespace}/${name}`);
    if (!view) return void notThere(context, object);
    return removeOne(context, pods, view, flags);
  });
}
