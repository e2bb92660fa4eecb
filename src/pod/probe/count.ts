import type { Probe } from "../../manifest/index.ts";

export type ProbeKind = "liveness" | "readiness" | "startup";

/** What counts: a warning is a success, and a probe that found nothing out does not count at all. */
export type Result = "success" | "failure";

/** Where one probe of one attempt stands. */
export interface Count {
  kind: ProbeKind;
  /** What is believed of the container: unknown until a startup probe has an answer. */
  verdict: Result | "unknown";
  last?: Result;
  /** How often in a row `last` was the answer. */
  run: number;
  /** It has failed for good: no more probes until there is another attempt. */
  onHold: boolean;
}

/** What is believed before the first probe: a container lives, is not ready, and may have started or not. */
const INITIAL = { liveness: "success", readiness: "failure", startup: "unknown" } as const;

/** A count that begins, or (`verdict`) one that goes on from what another process found out: its run begins anew. */
export function newCount(kind: ProbeKind, verdict: Count["verdict"] = INITIAL[kind]): Count {
  return { kind, verdict, run: 0, onHold: false };
}

/** What of the container decides whether a turn of a probe is taken. */
export interface Moment {
  /** Pod seconds since the container was started. */
  age: number;
  /** The startup probe has succeeded, or there is none. */
  started: boolean;
}

/** Whether a turn is taken (the conditions of the kubelet's doProbe, in whole seconds as there). */
export function isDue(count: Count, probe: Probe, { age, started }: Moment): boolean {
  if (count.onHold || Math.floor(age) < (probe.initialDelaySeconds ?? 0)) return false;
  return count.kind === "startup" ? !started : started;
}

/** The count after one more answer; its verdict changes once the answer has come often enough in a row. */
export function counted(count: Count, probe: Probe, result: Result): Count {
  const run = count.last === result ? count.run + 1 : 1;
  const threshold = result === "success" ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
  const next: Count = { ...count, last: result, run };
  if (run < threshold) return next;
  next.verdict = result;
  if (count.kind === "readiness" || result === "success") return next;
  return { ...next, run: 0, onHold: true };
}
