import type { PersistentVolumeClaimObject, Pod, WorkloadObject } from "../manifest/index.ts";

/** A pod to make: named, labelled and owned. */
export type NewPod = Pod & { metadata: { name: string; namespace: string } };

/** Something a controller tells of its object, worded as in a cluster. */
export interface WorkloadEvent {
  type: "Normal" | "Warning";
  reason: string;
  message: string;
  /** Told only when the pod of this name has been made. */
  pod?: string;
}

/** What a controller wants done about one object; nothing of it has been done yet. */
export interface Outcome<W extends WorkloadObject> {
  create: NewPod[];
  remove: { uid: string; reason: string }[];
  status: NonNullable<W["status"]>;
  events: WorkloadEvent[];
  /** Look again then (milliseconds of the epoch), even if nothing changes. */
  requeueAt?: number | undefined;
  /** Claims the new pods need. */
  claims?: PersistentVolumeClaimObject[];
  /** Claims that nobody needs any more, by name. */
  releaseClaims?: string[];
  /** What the controller wants to remember; kept with the object. */
  memory?: unknown;
}

export const normal = (reason: string, message: string): WorkloadEvent => ({
  type: "Normal",
  reason,
  message,
});

export const warning = (reason: string, message: string): WorkloadEvent => ({
  type: "Warning",
  reason,
  message,
});

export const created = (name: string, message = `Created pod: ${name}`): WorkloadEvent => ({
  ...normal("SuccessfulCreate", message),
  pod: name,
});
export const deleted = (name: string): WorkloadEvent => normal("SuccessfulDelete", `Deleted pod: ${name}`);
