import type { PodView } from "../pod/view.ts";
import type { Context } from "./context.ts";

const PATIENCE_MS = 2000;
const DEFAULT_GRACE_SECONDS = 30;

export interface StopWait {
  /** Seconds between TERM and KILL as typed; without, the pod's own count. */
  graceSeconds?: number | undefined;
  /** Whether a person is there to wonder. */
  terminal?: boolean;
  afterMs?: number;
}

/** A stop that takes its time says what it waits for: a program that ignores TERM makes the command look stuck. */
export async function patiently<T>(
  context: Pick<Context, "err">,
  view: PodView,
  { graceSeconds, terminal = Boolean(process.stderr.isTTY), afterMs = PATIENCE_MS }: StopWait,
  work: Promise<T>,
): Promise<T> {
  const { name, pod } = view.record;
  const grace = graceSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  if (!terminal || grace * 1000 <= afterMs) return work;
  const timer = setTimeout(() => {
    context.err(
      `pod "${name}" was asked to end and is killed ${grace}s after that; to kill it now: tspod kill ${name}\n`,
    );
  }, afterMs);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
