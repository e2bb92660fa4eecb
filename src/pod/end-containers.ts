import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "../runtime/host.ts";
import type { ContainerKind, ContainerRecord } from "../state/record.ts";
import { processEnd } from "./await.ts";
import { signalContainer, signalWhenHeard } from "./end-signal.ts";
import type { EventRecorder } from "./events.ts";
import { handlerTarget } from "./handler-target.ts";
import { isSidecar } from "./supervise/restart-policy.ts";
import type { PodView } from "./view.ts";

/** Even after a hook that took all the time, a container has this long to end by itself (s; the kubelet's number). */
const MINIMUM_GRACE = 2;

export interface EndOptions {
  /** Seconds between TERM and KILL, the preStop hook's time included. 0 kills at once, without a hook. */
  graceSeconds: number;
  /** Ends the wait: KILL at once. */
  hurry?: AbortSignal;
  /** Without preStop hooks. */
  unhooked?: boolean;
  /** The event's text, in place of `Stopping container NAME`. */
  message?: string;
  events: EventRecorder;
}

export interface Ending {
  kind: ContainerKind;
  record: ContainerRecord;
}

/** All that run in the pod now, or of one container. */
export function runningIn(view: PodView, container?: string): Ending[] {
  return view.containers
    .filter(({ name }) => container === undefined || name === container)
    .flatMap(({ kind, attempts }) =>
      attempts.filter(({ alive }) => alive).map(({ record }) => ({ kind, record })),
    );
}

/**
 * Asks the containers to end, all at once but for sidecars, which are asked when what was started after them has ended,
 * the last first (KEP-753); kills what has not ended at the end of the grace period. Resolves when all are gone.
 */
export async function endContainers(
  host: Host,
  view: PodView,
  endings: readonly Ending[],
  options: EndOptions,
): Promise<void> {
  const order = new TerminationOrder(view, endings);
  const begun = Date.now();
  for (const { kind, record } of endings) {
    const message = options.message ?? `Stopping container ${record.name}`;
    options.events.container(kind, record.name, "Normal", "Killing", message);
  }
  await Promise.all(
    endings.map(async (ending) => {
      await endContainer(host, view, { ending, order, begun }, options);
      order.ended(ending.record.name);
    }),
  );
}

async function endContainer(
  host: Host,
  view: PodView,
  { ending, order, begun }: { ending: Ending; order: TerminationOrder; begun: number },
  { graceSeconds, hurry, unhooked = false, events }: EndOptions,
): Promise<void> {
  const { record } = ending;
  const { process, monitor } = record;
  if (!process) return;
  const ended = new AbortController();
  // The monitor ends last, but it may have been killed, and not have taken its container with it.
  const both = [process, ...(monitor ? [monitor] : [])].map((one) => processEnd(host, one));
  const over = Promise.all(both).then(() => ended.abort());
  if (graceSeconds > 0 && !hurry?.aborted) {
    const stop = AbortSignal.any([ended.signal, ...(hurry ? [hurry] : [])]);
    const left = () => Math.max(begun + host.seconds(graceSeconds) - Date.now(), host.seconds(MINIMUM_GRACE));
    if (!unhooked) await preStop(host, view, ending, { events, timeoutMs: left(), signal: stop });
    await untilAborted(Promise.race([order.turnOf(record.name), sleepUnref(left(), stop)]), stop);
    if (!stop.aborted) await terminate(host, record, { over, ended: ended.signal, stop, ms: left() });
  }
  if (!ended.signal.aborted) host.kernel.cgroupKill(record.cgroup);
  await over;
}

async function terminate(
  host: Host,
  record: ContainerRecord,
  wait: { over: Promise<void>; ended: AbortSignal; stop: AbortSignal; ms: number },
): Promise<void> {
  signalContainer(host, record, record.stopSignal);
  const late = new AbortController();
  const deadline = sleepUnref(wait.ms, wait.stop).then(() => late.abort());
  void signalWhenHeard(host, record, AbortSignal.any([wait.ended, late.signal]));
  await Promise.race([wait.over, deadline]);
}

/** A hook that fails is an event, and the container is ended all the same. */
async function preStop(
  host: Host,
  view: PodView,
  { kind, record }: Ending,
  { events, ...limits }: { events: EventRecorder; timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  const target = handlerTarget(host, view, { kind, attempt: record });
  const hook = target?.container.lifecycle?.preStop;
  if (!target || !hook) return;
  const { HOOK_EVENTS, runHook } = await import("./hook/index.ts");
  await runHook(target, hook, limits).catch(() => {
    if (limits.signal.aborted) return;
    const { reason, message } = HOOK_EVENTS.preStop;
    events.container(kind, record.name, "Warning", reason, message);
  });
}

/** Never rejects; resolves early when the signal is aborted. */
function sleepUnref(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => undefined);
}

function untilAborted(work: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  if (signal.aborted) return Promise.resolve();
  const aborted = new Promise<void>((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );
  return Promise.race([work.catch(() => undefined), aborted]);
}

/** Sidecars end after what was started after them. */
class TerminationOrder {
  /** What each waits for: names that must have ended before. */
  readonly #before = new Map<string, Set<string>>();
  readonly #waiting = new Map<string, () => void>();

  constructor(view: PodView, endings: readonly Ending[]) {
    const spec = view.record.pod.spec ?? { containers: [] };
    const running = new Set(endings.map(({ record }) => record.name));
    const sidecars = (spec.initContainers ?? [])
      .filter((one) => isSidecar(one, "init"))
      .map(({ name }) => name);
    for (const [index, name] of sidecars.entries()) {
      const later = [...spec.containers.map((one) => one.name), ...sidecars.slice(index + 1)];
      this.#before.set(name, new Set(later.filter((one) => running.has(one))));
    }
  }

  turnOf(name: string): Promise<void> {
    if ((this.#before.get(name)?.size ?? 0) === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(name, resolve));
  }

  ended(name: string): void {
    for (const [other, left] of this.#before) {
      if (left.delete(name) && left.size === 0) this.#waiting.get(other)?.();
    }
  }
}
