import type { Container } from "../../manifest/index.ts";
import type { Host } from "../../runtime/host.ts";
import type { ContainerRecord, PodRecord } from "../../state/record.ts";

/** The running attempt that a probe or a hook is for. */
export interface HandlerTarget {
  host: Host;
  pod: PodRecord;
  /** The pod's address as its status has it: with hostNetwork the host's; "" when it has none. */
  podIP: string;
  /** The container as the manifest has it. */
  container: Container;
  attempt: ContainerRecord;
}

/** What a handler said: `output` is what the kubelet would put into its event. An error thrown instead means that nothing was found out. */
export interface Verdict {
  result: "success" | "warning" | "failure";
  output: string;
}

/** How long a handler may take, and who may end it before. */
export interface Limits {
  /** Milliseconds of the clock, not of the pod: what a probe waits for does not run faster in tests. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** The release whose behaviour and words handlers follow: that of the API models (manifest/gen). */
export const KUBERNETES_RELEASE = "1.36";
