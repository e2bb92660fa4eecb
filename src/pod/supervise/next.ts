import type { PodView } from "../view.ts";
import { PodActions } from "./pod-actions.ts";

export interface ContainerRef {
  name: string;
  kind: "init" | "app";
}

/** A container that is started now. */
export interface Start extends ContainerRef {
  /** What the record of the new attempt has as its `backoff`. */
  backoff: number;
}

export interface Kill extends ContainerRef {
  /** The kubelet's words for the event. */
  message: string;
  graceSeconds?: number;
  /** Started again whatever its policy says: the manifest of the container has changed. */
  replace: boolean;
  /** For what a probe has said. */
  unhealthy?: true;
}

/** A container in CrashLoopBackOff. */
export interface Waiting extends ContainerRef {
  /** When it may be started (ms since 1970). */
  until: number;
  /** Seconds between its end and that. */
  delay: number;
}

/** What a pod needs now. */
export type Next =
  | { kind: "go"; start: Start[]; kill: Kill[]; waiting: Waiting[] }
  /** Nothing will be started any more: what still runs (sidecars) is ended, the sandbox taken down. */
  | { kind: "over"; reason?: string; message?: string; graceSeconds?: number }
  /** The holder is gone: what runs is ended, and all begins anew in a new sandbox. */
  | { kind: "new-sandbox" }
  /** A container's rule asks for all of them to begin anew, init containers first (KEP-5532). */
  | { kind: "restart-all"; name: string };

export interface NextInput {
  view: PodView;
  /** ms since 1970. */
  now: number;
  seconds(count: number): number;
  /** It has more on disk than it may have. */
  eviction?: { reason: string; message: string } | undefined;
  /** Running containers whose liveness or startup probe has failed for good. */
  unhealthy?: ReadonlyMap<string, { probe: "liveness" | "startup"; graceSeconds?: number }>;
}

/** What is too large already is not given long to grow (s; the kubelet's number). */
const EVICTION_GRACE = 1;

/**
 * What a kubelet would do with this pod now (computePodActions): pure, from what is on disk and the time alone, so that
 * whoever takes over after a crash decides the same.
 */
export function nextActions(input: NextInput): Next {
  const { view, now, seconds } = input;
  const spec = view.record.pod.spec ?? { containers: [] };
  if (now >= (activeUntil(view, seconds) ?? Number.POSITIVE_INFINITY)) {
    return {
      kind: "over",
      reason: "DeadlineExceeded",
      message: "Pod was active on the node longer than the specified deadline",
    };
  }
  if (input.eviction) return { kind: "over", ...input.eviction, graceSeconds: EVICTION_GRACE };
  const pod = new PodActions(input, spec);
  if (view.sandbox.phase === "recreating" && view.sandbox.fresh) return { kind: "new-sandbox" };
  // `recreating`: whoever was making the new one did not come to its end.
  if (!view.infraAlive || view.sandbox.phase === "recreating")
    return pod.worthNewSandbox() ? { kind: "new-sandbox" } : { kind: "over" };
  return pod.next();
}

/** When its activeDeadlineSeconds are over (ms since 1970). As long as there is no place for it they do not count. */
export function activeUntil(
  { record, sandbox }: PodView,
  seconds: (count: number) => number,
): number | undefined {
  const deadline = record.pod.spec?.activeDeadlineSeconds;
  if (deadline === undefined || sandbox.unschedulable !== undefined) return undefined;
  return Date.parse(sandbox.startedAt ?? record.createdAt) + seconds(deadline);
}
