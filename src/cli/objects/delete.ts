import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { matchesSelector, parseSelector } from "../../manifest/index.ts";
import { allAtOnce } from "../all-at-once.ts";
import type { Context } from "../context.ts";
import { namespaceOf, type Pods } from "../pods.ts";
import type { WhichPods } from "../which-pods.ts";
import type { DeleteFlags } from "../workloads/delete.ts";
import { asWorkloadKind } from "../workloads/named.ts";
import type { NamedObjects } from "./kinds.ts";

/** `delete configmap|secret|pvc NAME…`: one that fails does not keep the others. */
export async function deleteObjects(
  context: Context,
  pods: Pods,
  { kind, names }: NamedObjects,
  flags: WhichPods & DeleteFlags,
): Promise<number> {
  const { host, core } = pods;
  const workload = asWorkloadKind(kind);
  const works = whichObjects(context, pods, { kind, names }, flags).map((metadata) => async () => {
    if (workload) {
      const { deleteOne } = await import("../workloads/delete.ts");
      return deleteOne(context, pods, { kind: workload, metadata }, flags);
    }
    core.deleteObject(host, kind, metadata);
    return `${kind.toLowerCase()} "${metadata.name}" deleted\n`;
  });
  return allAtOnce(context, works, { ignoreNotFound: flags.ignoreNotFound ?? false });
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
  if (found.length === 0) context.err("No resources found\n");
  return found.map(({ metadata: { namespace, name } }) => ({ namespace, name }));
}

function usage(message: string): TspodError {
  return new TspodError({
    code: "TS3406",
    message,
    hint: "name one or more, or say --all or -l LABELS",
    exitCode: ExitCode.invalid,
  });
}
