import { TspodError } from "../errors/tspod-error.ts";
import type { Host } from "../runtime/host.ts";
import { undoForNewSandbox } from "../runtime/sandbox.ts";
import type { PodPaths } from "../state/paths.ts";
import type { PodRecord, SandboxRecord } from "../state/record.ts";
import { readSandbox, writeSandbox } from "../state/records.ts";
import { inTurn } from "../state/turn.ts";
import { updatePod } from "../state/update-pod.ts";
import type { EventRecorder } from "./events.ts";
import { makeFolders } from "./gates.ts";
import { withStored } from "./objects.ts";
import { freshSandbox } from "./views.ts";

/** What a scheduler says of a node that lacks this, by error code (docs/error-codes.md). */
const UNSCHEDULABLE: Record<string, string> = {
  TS3104: "1 node(s) didn't have free ports for the requested pod ports",
  TS3120: "1 Insufficient hugepages",
  TS3121: "1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode",
};
const NO_CLAIM = /persistentvolumeclaim "[^"]*" not found/;

/** Why a pod has no sandbox yet, in the words of the scheduler or the kubelet; `unschedulable` if it is the former's. */
interface Obstacle {
  reason: "FailedScheduling" | "FailedMount" | "FailedCreatePodSandBox";
  message: string;
  unschedulable: boolean;
}

function obstacleOf(error: Error): Obstacle {
  const { message } = error;
  const lacks = error instanceof TspodError ? UNSCHEDULABLE[error.code] : undefined;
  const why = lacks === undefined ? NO_CLAIM.exec(message)?.[0] : `${lacks}: ${message}`;
  if (why !== undefined)
    return {
      reason: "FailedScheduling",
      message: `0/1 nodes are available: ${why}.`,
      unschedulable: true,
    };
  return message.startsWith("MountVolume.SetUp failed")
    ? { reason: "FailedMount", message, unschedulable: false }
    : {
        reason: "FailedCreatePodSandBox",
        message: `Failed to create pod sandbox: ${message}`,
        unschedulable: false,
      };
}

/** In the scheduler's words: this machine has a place for the pod. */
export function tellScheduled(host: Host, { namespace, name }: PodRecord, events: EventRecorder): void {
  events.pod("Normal", "Scheduled", `Successfully assigned ${namespace}/${name} to ${host.facts().nodeName}`);
}

/** Tells why a pod gets no sandbox now, as an event and, where there is no place for it on this machine, in its status. */
export function tellPending(paths: PodPaths, events: EventRecorder, error: Error): void {
  const { reason, message, unschedulable } = obstacleOf(error);
  // First: who has heard of it finds it in the status.
  inTurn(paths, () => {
    const now = readSandbox(paths);
    if (now?.phase === "recreating" && now.fresh) writeSandbox(paths, waiting(now, unschedulable, message));
  });
  events.pod("Warning", reason, message);
}

/** What it would have had is free for others meanwhile. */
function waiting(now: SandboxRecord, unschedulable: boolean, message: string): SandboxRecord {
  const { unschedulable: _, ...rest } = now;
  return { ...rest, ip: "", ports: [], ...(unschedulable ? { unschedulable: message } : {}) };
}

/**
 * A pod that a controller has made is there although it cannot have a sandbox now: whoever supervises detached pods tries
 * again, as for one that is started again. The caller has the pod's lock and name.
 */
export function makePending(
  host: Host,
  record: PodRecord,
  paths: PodPaths,
  { events, error }: { events: EventRecorder; error: Error },
): void {
  inTurn(paths, () => {
    if (readSandbox(paths)?.phase !== "creating") return;
    undoForNewSandbox(host, paths, []);
    makeFolders(host, record, paths);
    writeSandbox(paths, { ...freshSandbox(), phase: "recreating", fresh: true });
  });
  if (!obstacleOf(error).unschedulable) tellScheduled(host, record, events);
  tellPending(paths, events, error);
}

/** The record with the objects that have been stored since. */
export function withNews(host: Host, record: PodRecord, paths: PodPaths): PodRecord {
  const found = withStored(host.paths, record.pod, record);
  const counts = ({ configMaps, secrets, claims = [] }: Partial<PodRecord>) =>
    (configMaps?.length ?? 0) + (secrets?.length ?? 0) + claims.length;
  if (counts(found) === counts(record)) return record;
  return updatePod(paths, (now) => ({ ...now, ...withStored(host.paths, now.pod, now) })) ?? record;
}
