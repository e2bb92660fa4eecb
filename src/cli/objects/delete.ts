import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { matchesSelector, parseSelector } from "../../manifest/index.ts";
import type { PodView } from "../../pod/view.ts";
import { allAtOnce } from "../all-at-once.ts";
import type { Context } from "../context.ts";
import { forEachPod } from "../each-pod.ts";
import { namespaceOf, type Pods } from "../pods.ts";
import { removeOne } from "../remove-pod.ts";
import { chosenPods, usage, type WhichPods } from "../which-pods.ts";
import type { DeleteFlags } from "../workloads/delete.ts";
import { asWorkloadKind } from "../workloads/named.ts";
import { warnOfKept } from "./kept-content.ts";
import type { NamedObjects } from "./kinds.ts";
import type { NamedThings } from "./several.ts";

/** `delete configmap|secret|pvc NAME…`: one that fails does not keep the others. */
export async function deleteObjects(
  context: Context,
  pods: Pods,
  { kind, names }: NamedObjects,
  flags: WhichPods & DeleteFlags,
): Promise<number> {
  const works = deletions(context, pods, { kind, names }, flags);
  if (works.length === 0) context.err("No resources found\n");
  return allAtOnce(context, works, { ignoreNotFound: flags.ignoreNotFound ?? false });
}

/**
 * `delete all`, `delete deploy,cm [NAME…]` and `delete deploy/web pod/db`: what makes pods, then the pods that are left.
 */
export async function deleteSeveral(
  context: Context,
  pods: Pods,
  things: readonly NamedThings[],
  flags: WhichPods & DeleteFlags,
): Promise<number> {
  const { ignoreNotFound = false } = flags;
  if (things.every(({ names }) => names.length === 0) && !flags.all && flags.selector === undefined)
    throw usage("resource(s) were provided, but no name was specified");
  const objects = things.flatMap(({ kind, names }) =>
    kind === "Pod" ? [] : deletions(context, pods, { kind, names }, flags),
  );
  const first = await allAtOnce(context, objects, { ignoreNotFound });
  const wanted = things.flatMap(({ kind, names }) => {
    if (kind !== "Pod") return [];
    return names.length > 0 ? names : chosenPods(context, pods, [], flags);
  });
  if (objects.length + wanted.length === 0) context.err("No resources found\n");
  const removed = (view: PodView) => removeOne(context, pods, view, flags);
  return first || forEachPod(context, pods, wanted, removed, { ignoreNotFound });
}

function deletions(
  context: Context,
  pods: Pods,
  { kind, names }: NamedObjects,
  flags: WhichPods & DeleteFlags,
): (() => Promise<string | undefined>)[] {
  const { host, core } = pods;
  const workload = asWorkloadKind(kind);
  const remove = async (metadata: { namespace: string; name: string }): Promise<string | undefined> => {
    if (workload) {
      const { deleteOne } = await import("../workloads/delete.ts");
      return deleteOne(context, pods, { kind: workload, metadata }, flags);
    }
    warnOfKept(context, core.deleteObject(host, kind, metadata).failures);
    return `${kind.toLowerCase()} "${metadata.name}" deleted\n`;
  };
  const wanted = whichObjects(context, pods, { kind, names }, flags);
  if (names.length > 0) return wanted.map((metadata) => () => remove(metadata));
  // What nobody has named may have gone along with what has made it.
  return wanted.map((metadata) => () => remove(metadata).catch(unlessMissing));
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof TspodError) || error.exitCode !== ExitCode.notFound) throw error;
}

function whichObjects(
  context: Context,
  { host, core }: Pods,
  { kind, names }: NamedObjects,
  { all, selector, allNamespaces }: WhichPods,
): { namespace: string; name: string }[] {
  const many = all || selector !== undefined;
  if (names.length > 0 && many) throw usage("a name cannot be used together with --all or a selector");
  if (names.length > 0) return names.map((name) => ({ namespace: namespaceOf(context), name }));
  if (!many) throw usage(`which ${kind.toLowerCase()}?`);
  const wanted = selector === undefined ? [] : parseSelector(selector);
  const found = core
    .allObjects(host, kind, allNamespaces ? undefined : namespaceOf(context))
    .filter(({ metadata }) => matchesSelector(wanted, metadata.labels));
  return found.map(({ metadata: { namespace, name } }) => ({ namespace, name }));
}
