import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { isWorkload, type WorkloadObject } from "../manifest/index.ts";
import { podStatus } from "../pod/status.ts";
import type { PodView } from "../pod/view.ts";
import type { Context } from "./context.ts";
import { namedObjects } from "./objects/kinds.ts";
import { namespaceOf, type Pods, pick } from "./pods.ts";

/**
 * The pod that a person named, or one of those that `deployment/NAME` has made: the readiest, as kubectl chooses. @throws
 * TspodError TS3401, TS3402, or TS3413 when there is none yet
 */
export async function pickPod(context: Context, pods: Pods, wanted: string): Promise<PodView> {
  const objects = wanted.includes("/") ? namedObjects([wanted]) : undefined;
  const [name] = objects?.names ?? [];
  if (!objects || name === undefined) return pick(context, pods, wanted);
  const object = pods.core.getObject(pods.host, objects.kind, { namespace: namespaceOf(context), name });
  const found = isWorkload(object) ? await podsOf(pods, object) : [];
  const [first] = [...found].sort((a, b) => rank(b) - rank(a));
  if (!first) {
    throw new TspodError({
      code: "TS3413",
      message: `${wanted} has no pods`,
      hint: "name a pod: tspod get pods",
      exitCode: ExitCode.notFound,
    });
  }
  if (found.length > 1) context.err(`Found ${found.length} pods, using pod/${first.record.name}\n`);
  return first;
}

async function podsOf({ host }: Pods, object: WorkloadObject): Promise<PodView[]> {
  const { ownedPods } = await import("../workload/index.ts");
  return ownedPods(host, object);
}

/** Ready before running before all else. */
function rank(view: PodView): number {
  const { phase, conditions = [] } = podStatus(view);
  const ready = conditions.some(({ type, status }) => type === "Ready" && status === "True");
  return ready ? 2 : phase === "Running" ? 1 : 0;
}
