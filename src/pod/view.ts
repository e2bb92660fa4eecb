import type {
  ContainerKind,
  ContainerRecord,
  ExitRecord,
  HealthRecord,
  PodRecord,
  SandboxRecord,
  WaitingRecord,
} from "../state/record.ts";

/** One attempt of a container, with its exit when it has ended. */
export interface AttemptView {
  record: ContainerRecord;
  /** From the monitor's file; absent while it runs or when the monitor itself was killed. */
  exit?: ExitRecord;
  /** What its probes say; absent until they have said something. */
  health?: HealthRecord;
  /** What it left in its termination log; of the attempts that the status shows, and only if there is something. */
  message?: string;
  /** The process (pid and start time) is alive now. */
  alive: boolean;
}

export interface ContainerView {
  name: string;
  kind: ContainerKind;
  /** Oldest first; empty when it was never created. */
  attempts: AttemptView[];
  /** Why the next attempt is not there although it has its turn. */
  waiting?: WaitingRecord;
}

/** Everything known of one pod at one moment, read from disk and /proc; no process of tspod is needed for it. */
export interface PodView {
  record: PodRecord;
  sandbox: SandboxRecord;
  /** The holder is alive. */
  infraAlive: boolean;
  /** In the manifest's order, init containers first. */
  containers: ContainerView[];
  /** False when /run survived but the machine was rebooted since (boot id differs). */
  sameBoot: boolean;
}
