import type {
  DaemonSetObject,
  DeploymentObject,
  StatefulSetObject,
  WorkloadObject,
} from "../manifest/index.ts";
import { conditionOf } from "./conditions.ts";

/** How far a rollout is, in kubectl's words. */
export interface RolloutStatus {
  message: string;
  done: boolean;
  /** It will not get further by itself. */
  failed?: boolean;
}

type Rolling = DeploymentObject | StatefulSetObject | DaemonSetObject;

export const isRolling = (object: WorkloadObject): object is Rolling =>
  object.kind === "Deployment" || object.kind === "StatefulSet" || object.kind === "DaemonSet";

export function rolloutStatus(object: Rolling): RolloutStatus {
  const { generation = 1 } = object.metadata;
  const observed = (object.status?.observedGeneration ?? 0) >= generation;
  switch (object.kind) {
    case "Deployment":
      return observed ? deployment(object) : going("Waiting for deployment spec update to be observed...");
    case "DaemonSet":
      return observed ? daemonSet(object) : going("Waiting for daemon set spec update to be observed...");
    case "StatefulSet":
      return observed ? statefulSet(object) : going("Waiting for statefulset spec update to be observed...");
  }
}

const going = (message: string): RolloutStatus => ({ message, done: false });
const done = (message: string): RolloutStatus => ({ message, done: true });

function deployment({ metadata, spec, status = {} }: DeploymentObject): RolloutStatus {
  const name = `"${metadata.name}"`;
  const { replicas: wanted = 1 } = spec;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  if (conditionOf(status.conditions, "Progressing")?.reason === "ProgressDeadlineExceeded")
    return { message: `deployment ${name} exceeded its progress deadline`, done: true, failed: true };
  const waiting = `Waiting for deployment ${name} rollout to finish:`;
  if (updatedReplicas < wanted)
    return going(`${waiting} ${updatedReplicas} out of ${wanted} new replicas have been updated...`);
  if (replicas > updatedReplicas)
    return going(`${waiting} ${replicas - updatedReplicas} old replicas are pending termination...`);
  if (availableReplicas < updatedReplicas)
    return going(`${waiting} ${availableReplicas} of ${updatedReplicas} updated replicas are available...`);
  return done(`deployment ${name} successfully rolled out`);
}

function daemonSet({ metadata, spec, status }: DaemonSetObject): RolloutStatus {
  const name = `"${metadata.name}"`;
  if (spec.updateStrategy?.type === "OnDelete") return notRolling();
  const wanted = status?.desiredNumberScheduled ?? 1;
  const updated = status?.updatedNumberScheduled ?? 0;
  const available = status?.numberAvailable ?? 0;
  const waiting = `Waiting for daemon set ${name} rollout to finish:`;
  if (updated < wanted) return going(`${waiting} ${updated} out of ${wanted} new pods have been updated...`);
  if (available < wanted) return going(`${waiting} ${available} of ${wanted} updated pods are available...`);
  return done(`daemon set ${name} successfully rolled out`);
}

function statefulSet({ spec, status }: StatefulSetObject): RolloutStatus {
  if (spec.updateStrategy?.type === "OnDelete") return notRolling();
  const wanted = spec.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  const updated = status?.updatedReplicas ?? 0;
  if (ready < wanted) return going(`Waiting for ${wanted - ready} pods to be ready...`);
  // kubectl's choice of words, also for a partition of 0, which the API server fills in.
  const { rollingUpdate } = spec.updateStrategy ?? {};
  if (rollingUpdate) {
    const part = Math.max(0, wanted - (rollingUpdate.partition ?? 0));
    return updated < part
      ? going(
          `Waiting for partitioned roll out to finish: ${updated} out of ${part} new pods have been updated...`,
        )
      : done(`partitioned roll out complete: ${updated} new pods have been updated...`);
  }
  const revision = status?.updateRevision ?? "";
  if (status?.currentRevision !== revision || updated < wanted)
    return going(
      `waiting for statefulset rolling update to complete ${updated} pods at revision ${revision}...`,
    );
  return done(`statefulset rolling update complete ${updated} pods at revision ${revision}...`);
}

const notRolling = (): RolloutStatus => ({
  message: "rollout status is only available for RollingUpdate strategy type",
  done: true,
  failed: true,
});
