import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { isWorkload, type WorkloadObject } from "../../manifest/index.ts";
import type { PodView } from "../../pod/view.ts";
import type { PodEvent } from "../../state/events.ts";
import { combineEvents } from "../../state/events-combine.ts";
import { STORED_KINDS } from "../../state/objects.ts";
import type { Context } from "../context.ts";
import { namedObjects } from "../objects/kinds.ts";
import { namespaceOf, type Pods, pick } from "../pods.ts";

/** An event with what it is about. */
export type ListedEvent = PodEvent & {
  involved: { apiVersion: string; kind: string; name: string; namespace: string; uid: string };
};

export interface EventFlags {
  allNamespaces?: boolean;
  /** `pod/web`, `deployment/web`. */
  for?: string;
  types?: string;
}

/** Events of pods and workloads, oldest first; for people, those that say the same are one. */
export async function gatherEvents(
  context: Context,
  pods: Pods,
  names: readonly string[],
  { combined, ...flags }: EventFlags & { combined: boolean },
): Promise<ListedEvent[]> {
  const gathered = combined ? combineEvents : (events: PodEvent[]) => events;
  const types = typesOf(flags.types);
  const wanted = [...names, ...(flags.for === undefined ? [] : [flags.for])];
  const namespace = flags.allNamespaces ? undefined : namespaceOf(context);
  const ofPods = podsOf(context, pods, wanted, namespace).flatMap((view) =>
    gathered(pods.core.readEvents(pods.host, view)).map((event) => ({
      involved: {
        apiVersion: "v1",
        kind: "Pod",
        name: view.record.name,
        namespace: view.record.namespace,
        uid: view.record.uid,
      },
      ...event,
    })),
  );
  const ofWorkloads = await workloadEvents(context, pods, wanted, namespace);
  return [...ofPods, ...ofWorkloads]
    .filter(({ type }) => types === undefined || types.includes(type.toLowerCase()))
    .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

/** Names of pods; what names another kind is not one. */
function podsOf(context: Context, pods: Pods, wanted: string[], namespace: string | undefined): PodView[] {
  if (wanted.length > 0)
    return wanted.filter((word) => !namedObjects([word])).map((word) => pick(context, pods, word));
  return pods.core
    .listPods(pods.host)
    .filter(({ record }) => namespace === undefined || record.namespace === namespace);
}

async function workloadEvents(
  context: Context,
  { host, core }: Pods,
  wanted: string[],
  namespace: string | undefined,
): Promise<ListedEvent[]> {
  const named = wanted.flatMap((word) => namedObjects([word]) ?? []);
  if (wanted.length > 0 && named.length === 0) return [];
  const objects =
    wanted.length > 0
      ? named.flatMap(({ kind, names }) =>
          names.map((name) => core.getObject(host, kind, { namespace: namespaceOf(context), name })),
        )
      : STORED_KINDS.flatMap((kind) => core.allObjects(host, kind, namespace));
  const workloads = objects.filter((one): one is WorkloadObject => isWorkload(one));
  if (workloads.length === 0) return [];
  const { memoryOf } = await import("../../workload/index.ts");
  return workloads.flatMap((object) =>
    (memoryOf(host, object).events ?? []).map(({ type, reason, message, first, last, count }) => ({
      involved: {
        apiVersion: object.apiVersion,
        kind: object.kind,
        name: object.metadata.name,
        namespace: object.metadata.namespace,
        uid: object.metadata.uid ?? "",
      },
      time: last,
      type,
      reason,
      message,
      object: "",
      ...(count > 1 ? { count, firstTime: first } : {}),
    })),
  );
}

function typesOf(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const types = text.split(",").map((one) => one.toLowerCase());
  const unknown = types.find((one) => one !== "normal" && one !== "warning");
  if (unknown === undefined) return types;
  throw new TspodError({
    code: "TS3414",
    message: `valid --types are Normal or Warning, not ${JSON.stringify(unknown)}`,
    exitCode: ExitCode.invalid,
  });
}
