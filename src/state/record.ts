import type { ProcessRef } from "../kernel/kernel.ts";
import type { ConfigMap, PersistentVolumeClaim, Pod, Secret } from "../manifest/index.ts";
import type { PortMapping } from "../plan/host-op.ts";

/** Files on disk carry this number; a later version reads the earlier ones. */
export const SCHEMA = 1;

/** `pod.json`: what was asked for. Written before anything is created; changed by `updatePod` alone. */
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
  /** Labels and annotations that the last manifest had: an `apply` without them takes them away. */
  applied?: { labels: string[]; annotations: string[] };
  /** How it has ended; in the copy that outlives the machine's restart only. */
  endedAs?: "Succeeded" | "Failed";
  /** Kernel boot this belongs to (/proc/sys/kernel/random/boot_id). */
  bootId: string;
  /** This machine's name when the pod was assigned to it; absent in records of earlier versions. */
  nodeName?: string;
}

/**
 * `gated`: its manifest has scheduling gates, nothing is made before they are gone. `recreating`: the holder was lost, a new sandbox is being made for the same pod. `ending`: it is over by itself, and
 * what still runs (sidecars) is being ended; `stopping`: somebody has asked for it.
 */
export type SandboxPhase =
  | "creating"
  | "gated"
  | "ready"
  | "recreating"
  | "ending"
  | "stopping"
  | "stopped"
  | "removing";

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
  /** The holder whose end ended the pod. */
  lostInfra?: ProcessRef;
  /** Set with `recreating` when somebody starts a stopped pod: its volumes are to be made anew as well. */
  fresh?: boolean;
  /** Why a pod that is `fresh` has no place on this machine, in the scheduler's words. */
  unschedulable?: string;
  /** When it was let begin, if not as soon as it was created: somebody has started it again, or it had waited for a place. */
  startedAt?: string;
  /** The round that the last such start began: what ended before it does not count. */
  firstRound?: number;
  /** How often the containers have begun anew with the init containers: a new sandbox, RestartAllContainers. */
  round?: number;
  /** The round that the sandbox of now was made in: what ended before owes its back-off to a start in it. */
  sandboxRound?: number;
  /** `restart --init`, while it is in its round: the init containers are run again, after these attempts of theirs. */
  initAgain?: { round: number; after: Record<string, number> };
  /** How the pod had ended before the machine was restarted, which has taken the records of its containers. */
  finalPhase?: "Succeeded" | "Failed";
  /** Set when the pod ended as a whole and not by its containers: `DeadlineExceeded`, `Evicted`. */
  reason?: string;
  message?: string;
  /** Its end is the beginning of its removal: whoever finishes the one finishes the other. */
  deleting?: true;
  /** When it was asked to end, or has ended; and how many seconds its containers have from then on. */
  stoppedAt?: string;
  graceSeconds?: number;
}

/** `ephemeral`: added to a running pod by `debug`; nobody waits for it or starts it again. */
export type ContainerKind = "init" | "app" | "ephemeral";

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
  /** The sandbox's round that it was made in. */
  round?: number;
  /** Seconds that the next restart waits for unless this attempt lives long (pod/supervise/backoff.ts). */
  backoff?: number;
  /** It is ended because its part of the manifest has changed: its successor owes nothing to its end. */
  replaced?: boolean;
  /** It is ended for what its liveness or startup probe has said. */
  unhealthy?: boolean;
  createdAt: string;
  /** Set when execve(2) had succeeded. */
  startedAt?: string;
  /** Set when it could not be created or started: `CreateContainerError`, `StartError` … and the sentence. */
  error?: { reason: string; message: string; exitCode: number; at?: string };
}

/** `health.json` of one attempt: what its probes and its postStart hook have said, by whoever supervises it. */
export interface HealthRecord {
  /** The startup probe has succeeded, or there is none, and the postStart hook is done. */
  started: boolean;
  /** The readiness probe's verdict. */
  ready: boolean;
  /** Since when `ready` is what it is (RFC 3339). */
  since: string;
}

/** `waiting/<container>.json`: why its next attempt is not there although it has its turn. */
export interface WaitingRecord {
  /** As the kubelet has it: `ErrImagePull`, `ImagePullBackOff`, `CreateContainerConfigError` … */
  reason: string;
  message: string;
  /** The last attempt there was (-1: none): with the next one this is past. */
  after: number;
}

/** `exit` of one attempt, written by the monitor (native/helper). */
export interface ExitRecord {
  schema: number;
  code: number;
  signal: number;
  oomKills: number;
  finishedAt: string;
}
