import type { ProcessRef } from "../kernel/kernel.ts";
import type { ConfigMap, PersistentVolumeClaim, Pod, Secret } from "../manifest/index.ts";
import type { PortMapping } from "../plan/host-op.ts";

/** Files on disk carry this number; a later version reads the earlier ones. */
export const SCHEMA = 1;

/** `pod.json`: what was asked for. Written once, before anything is created. */
export interface PodRecord {
  schema: number;
  uid: string;
  name: string;
  namespace: string;
  /** RFC 3339. */
  createdAt: string;
  /** The manifest with every default filled in. */
  pod: Pod;
  configMaps: ConfigMap[];
  secrets: Secret[];
  /** Absent in records of versions without claims. */
  claims?: PersistentVolumeClaim[];
  /** Ids of the images that volumes show: they stay as long as the pod. */
  volumeImages?: string[];
  /** The manifest's file, for messages; "-" for standard input. */
  source: string;
  /** True while a command in the foreground owns the pod: when that command is gone, the pod goes too. */
  foreground: boolean;
  /** Kernel boot this belongs to (/proc/sys/kernel/random/boot_id). */
  bootId: string;
}

export type SandboxPhase = "creating" | "ready" | "stopping" | "stopped" | "removing";

/** `state.json`: what there is. */
export interface SandboxRecord {
  schema: number;
  phase: SandboxPhase;
  /** The holder; absent until it runs. */
  infra?: ProcessRef;
  /** Namespace inode by kind, as `readlink /proc/<infra>/ns/*` shows: `net:[4026532177]`. */
  namespaces: Record<string, string>;
  /** "" with hostNetwork. */
  ip: string;
  hostIP: string;
  ports: PortMapping[];
  /** v2 path (or the v1 path that kills) of the pod's cgroup, and all its cgroup folders. */
  cgroup: string;
  /** Set when the pod failed as a whole (an init container, a create error). */
  reason?: string;
  message?: string;
  stoppedAt?: string;
}

export type ContainerKind = "init" | "app";

/** `container.json` of one attempt: what the creating command saw. The exit is in `exit`, by the monitor. */
export interface ContainerRecord {
  schema: number;
  name: string;
  kind: ContainerKind;
  attempt: number;
  image: string;
  imageId: string;
  /** Present once the process exists. */
  process?: ProcessRef;
  monitor?: ProcessRef;
  cgroup: string;
  /** Every cgroup folder of the attempt, for usage and removal. */
  cgroups: string[];
  stopSignal: number;
  tty: boolean;
  createdAt: string;
  /** Set when execve(2) had succeeded. */
  startedAt?: string;
  /** Set when it could not be created or started: `CreateContainerError`, `StartError` … and the sentence. */
  error?: { reason: string; message: string; exitCode: number };
}

/** `exit` of one attempt, written by the monitor (native/helper). */
export interface ExitRecord {
  schema: number;
  code: number;
  signal: number;
  oomKills: number;
  finishedAt: string;
}
