import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import type { Context } from "../context.ts";
import { namespaceOf, openPods } from "../pods.ts";
import { renderError } from "../render/error.ts";
import { asWorkloadKind } from "../workloads/named.ts";
import type { NamedObjects } from "./kinds.ts";

/** `delete configmap|secret|pvc NAME…`: one that fails does not keep the others. */
export async function deleteObjects(
  context: Context,
  { kind, names }: NamedObjects,
  flags: { all?: boolean; ignoreNotFound?: boolean; force?: boolean; gracePeriod?: number },
): Promise<number> {
  const pods = await openPods(context);
  const { host, core } = pods;
  const namespace = namespaceOf(context);
  if (names.length === 0 && !flags.all) {
    throw new TspodError({
      code: "TS3406",
      message: `which ${kind.toLowerCase()}?`,
      hint: "name one or more, or say --all",
      exitCode: ExitCode.invalid,
    });
  }
  const wanted = flags.all
    ? core.allObjects(host, kind, namespace).map(({ metadata }) => metadata.name)
    : names;
  let first = 0;
  const workload = asWorkloadKind(kind);
  for (const name of wanted) {
    try {
      if (workload) {
        const { deleteOne } = await import("../workloads/delete.ts");
        await deleteOne(context, pods, { kind: workload, metadata: { namespace, name } }, flags);
        continue;
      }
      core.deleteObject(host, kind, { namespace, name });
      context.out(`${kind.toLowerCase()} "${name}" deleted\n`);
    } catch (error) {
      const missing = error instanceof TspodError && error.exitCode === ExitCode.notFound;
      if (missing && flags.ignoreNotFound) continue;
      if (wanted.length === 1) throw error;
      const { text, exitCode } = renderError(error, context.errStyle, Boolean(process.env.TSPOD_DEBUG));
      context.err(text);
      first ||= exitCode;
    }
  }
  return first;
}
