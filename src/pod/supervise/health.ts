import type { Container } from "../../manifest/index.ts";
import { isRunning } from "../../runtime/container.ts";
import type { Host } from "../../runtime/host.ts";
import { attemptPaths, type PodPaths } from "../../state/paths.ts";
import type { ContainerRecord, HealthRecord } from "../../state/record.ts";
import { readHealth, readSandbox, writeHealth } from "../../state/records.ts";
import { containerSpec } from "../container-spec.ts";
import type { EventRecorder } from "../events.ts";
import { handlerTarget } from "../handler-target.ts";
import type { ProbeListener } from "../probe/index.ts";
import type { PodView } from "../view.ts";
import { isGoing } from "./going.ts";
import type { ContainerRef, NextInput } from "./next.ts";
import { isSidecar } from "./restart-policy.ts";

type Unhealthy = NonNullable<NextInput["unhealthy"]>;
type Verdict = Unhealthy extends ReadonlyMap<string, infer V> ? V : never;

interface Probed {
  stop(): void;
  terminating(): void;
  verdict?: Verdict;
}

/** Probes and hooks of the containers that run; what the probes say is in each attempt's health.json. */
export class Health {
  readonly #host: Host;
  readonly #paths: PodPaths;
  readonly #events: EventRecorder;
  readonly #changed: () => void;
  /** By `name/attempt`. */
  readonly #probed = new Map<string, Probed>();
  /** Aborted when nobody waits for a hook any more. */
  #waiting = new AbortController();

  constructor(host: Host, paths: PodPaths, events: EventRecorder, changed: () => void) {
    this.#host = host;
    this.#paths = paths;
    this.#events = events;
    this.#changed = changed;
  }

  /** Probes what runs, and nothing else. */
  update(view: PodView): void {
    const running = new Map(probedContainers(view).map((one) => [keyOf(one.record), one]));
    for (const [key, probed] of this.#probed) {
      if (!running.has(key)) this.#drop(key, probed);
    }
    for (const [key, one] of running) if (!this.#probed.has(key)) this.#probe(view, key, one);
  }

  /** Containers that are to be ended for what their liveness or startup probe has said. */
  unhealthy(view: PodView): Unhealthy {
    return new Map(
      probedContainers(view).flatMap(({ record }) => {
        const verdict = this.#probed.get(keyOf(record))?.verdict;
        return verdict ? [[record.name, verdict] as const] : [];
      }),
    );
  }

  /**
   * Runs the postStart hook of a container that has just been started; false when the container is to be ended. It may
   * take as long as it likes: whoever stops does not wait for it, and it goes on as the container does.
   */
  async postStart(view: PodView, { name, kind }: ContainerRef, record: ContainerRecord): Promise<boolean> {
    const target = handlerTarget(this.#host, view, { kind, attempt: record });
    const hook = target?.container.lifecycle?.postStart;
    if (!target || !hook) return true;
    const { signal } = this.#waiting;
    const { HOOK_EVENTS, runHook } = await import("../hook/index.ts");
    try {
      await Promise.race([runHook(target, hook), untilAborted(signal)]);
      return true;
    } catch {
      if (signal.aborted) return true;
      const { reason, message } = HOOK_EVENTS.postStart;
      this.#events.container(kind, name, "Warning", reason, message);
      return false;
    }
  }

  /** The pod is being ended: what its containers are alive for is of no interest any more, their readiness is. */
  terminating(view: PodView): void {
    const running = new Set(probedContainers(view).map(({ record }) => keyOf(record)));
    for (const [key, probed] of this.#probed) {
      if (running.has(key)) probed.terminating();
      else this.#drop(key, probed);
    }
  }

  stop(): void {
    this.#waiting.abort();
    this.#waiting = new AbortController();
    for (const probed of this.#probed.values()) probed.stop();
    this.#probed.clear();
  }

  #drop(key: string, probed: Probed): void {
    probed.stop();
    this.#probed.delete(key);
  }

  #probe(view: PodView, key: string, { kind, record }: Running): void {
    const target = handlerTarget(this.#host, view, { kind, attempt: record });
    if (!target) return;
    let stopped = false;
    const probed: Probed = { stop: () => (stopped = true), terminating: () => (stopped = true) };
    this.#probed.set(key, probed);
    const folders = attemptPaths(this.#paths, record.name, record.attempt);
    const listener: ProbeListener = {
      health: (now) => this.#write(folders, now),
      unhealthy: (verdict) => {
        probed.verdict = verdict;
        this.#changed();
      },
      event: (type, reason, message, probe) => {
        // While the pod is being ended nobody tells the probes of a container that has ended, nor this process of the end
        // before it next looks: a program that was asked to end is not ill.
        const isAsked = () => !isGoing(readSandbox(this.#paths)?.phase ?? "removing");
        if (isRunning(record) && (probe === "readiness" || !isAsked()))
          this.#events.container(kind, record.name, type, reason, message);
      },
    };
    void import("../probe/index.ts").then(({ startProbes }) => {
      if (stopped) return;
      const probes = startProbes(target, listener, readHealth(folders));
      probed.stop = () => probes.stop();
      probed.terminating = () => probes.terminating();
    });
  }

  #write(folders: ReturnType<typeof attemptPaths>, now: Pick<HealthRecord, "started" | "ready">): void {
    const before = readHealth(folders);
    if (before && before.started === now.started && before.ready === now.ready) return;
    const since = before?.ready === now.ready ? before.since : this.#host.now().toISOString();
    writeHealth(folders, { ...now, since });
    this.#changed();
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

interface Running extends ContainerRef {
  container: Container;
  record: ContainerRecord;
}

/** Containers that run and have probes: app containers and sidecars. */
function probedContainers(view: PodView): Running[] {
  return view.containers.flatMap(({ name, kind, attempts }) => {
    if (kind === "ephemeral") return [];
    const container = containerSpec(view.record, { name, kind });
    const last = attempts.at(-1);
    if (!container || !last?.alive || last.record.startedAt === undefined) return [];
    if (kind === "init" && !isSidecar(container, kind)) return [];
    const { livenessProbe, readinessProbe, startupProbe } = container;
    return livenessProbe || readinessProbe || startupProbe
      ? [{ name, kind, container, record: last.record }]
      : [];
  });
}

function keyOf({ name, attempt }: ContainerRecord): string {
  return `${name}/${attempt}`;
}
