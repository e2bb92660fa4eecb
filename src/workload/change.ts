import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { WorkloadKind, WorkloadObject } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import type { ObjectName } from "../state/objects.ts";
import { readWorkload, updateStored } from "./stored.ts";
import { canonical } from "./template-hash.ts";

type Annotations = Record<string, string>;

/** A change of a stored object's spec, as an update of the API: its generation counts it. */
export function changeSpec(
  host: Host,
  kind: WorkloadKind,
  at: ObjectName,
  change: (spec: never) => unknown,
  annotate: (annotations: Annotations | undefined) => Annotations | undefined = (same) => same,
): { before: WorkloadObject; after: WorkloadObject } {
  const before = readWorkload(host, kind, at) as WorkloadObject;
  const after = updateStored(host, before, (now) => {
    const spec = change(now.spec as never) as typeof now.spec;
    const changed = canonical(spec) !== canonical(now.spec);
    const generation = (now.metadata.generation ?? 1) + (changed ? 1 : 0);
    const annotations = annotate(now.metadata.annotations);
    const metadata = { ...now.metadata, generation, ...(annotations ? { annotations } : {}) };
    return { object: { ...now, spec, metadata } as WorkloadObject };
  });
  return { before, after: after ?? before };
}

const SCALABLE: readonly WorkloadKind[] = ["Deployment", "ReplicaSet", "StatefulSet"];

/**
 * Sets how many pods there are to be. @throws TspodError TS3431 when it is not there, TS3481 for a kind that has no
 * replicas, TS3482 when there are not as many now as the caller thinks.
 */
export function scaleWorkload(
  host: Host,
  kind: WorkloadKind,
  at: ObjectName,
  { replicas, current }: { replicas: number; current?: number },
): WorkloadObject {
  if (!SCALABLE.includes(kind))
    throw new TspodError({
      code: "TS3481",
      message: `a ${kind} has no replicas to scale`,
      hint:
        kind === "Job"
          ? "change spec.parallelism and apply it"
          : "deployments, replicasets and statefulsets have",
      exitCode: ExitCode.invalid,
    });
  const { after } = changeSpec(host, kind, at, (spec: { replicas?: number }) => {
    const now = spec.replicas ?? 1;
    if (current !== undefined && current !== now)
      throw new TspodError({
        code: "TS3482",
        message: `expected ${current} replicas, there are ${now}`,
        exitCode: ExitCode.conflict,
      });
    return { ...spec, replicas };
  });
  return after;
}

const ROLLING: readonly WorkloadKind[] = ["Deployment", "StatefulSet", "DaemonSet"];
export const RESTARTED = "kubectl.kubernetes.io/restartedAt";

export function refuseUnlessRolling(kind: WorkloadKind): void {
  if (ROLLING.includes(kind)) return;
  throw new TspodError({
    code: "TS3483",
    message: `a ${kind} has no rollout`,
    hint: "deployments, statefulsets and daemonsets have",
    exitCode: ExitCode.invalid,
  });
}

/** @throws TspodError TS3484 with this message when the rollout is paused */
export function refusePaused(
  { paused }: { paused?: boolean },
  kind: WorkloadKind,
  { name }: ObjectName,
  message: string,
): void {
  if (!paused) return;
  throw new TspodError({
    code: "TS3484",
    message,
    hint: `tspod rollout resume ${kind.toLowerCase()} ${name}`,
    exitCode: ExitCode.conflict,
  });
}

/** New pods in place of all there are, as the update strategy has it. @throws TspodError TS3483 */
export function restartRollout(host: Host, kind: WorkloadKind, at: ObjectName): WorkloadObject {
  refuseUnlessRolling(kind);
  const restartedAt = host
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, "Z");
  return changeSpec(host, kind, at, (spec: { template: Template; paused?: boolean }) => {
    refusePaused(spec, kind, at, "can't restart paused deployment (run rollout resume first)");
    const { metadata } = spec.template;
    const annotations = { ...metadata?.annotations, [RESTARTED]: restartedAt };
    return { ...spec, template: { ...spec.template, metadata: { ...metadata, annotations } } };
  }).after;
}

interface Template {
  metadata?: { annotations?: Record<string, string> };
}

/** Holds the rollout of a Deployment, or lets it go on. False when it is so already. */
export function pauseRollout(host: Host, at: ObjectName, paused: boolean): boolean {
  let was = false;
  changeSpec(host, "Deployment", at, (spec: { paused?: boolean }) => {
    was = spec.paused === true;
    const { paused: _, ...rest } = spec;
    return paused ? { ...rest, paused } : rest;
  });
  return was !== paused;
}
