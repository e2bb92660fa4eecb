import type { Host } from "../../runtime/host.ts";
import { openSandbox, releaseSandbox, type Sandbox } from "../../runtime/sandbox.ts";
import { type PodPaths, podPaths } from "../../state/paths.ts";
import type { PodRecord } from "../../state/record.ts";
import { readSandbox, writeSandbox } from "../../state/records.ts";
import { inTurn } from "../../state/turn.ts";
import { EventRecorder } from "../events.ts";
import { podPlanInput } from "../plan-input.ts";
import { type PreparedContainer, prepareContainer } from "../prepare-container.ts";
import { endPod } from "../stop.ts";
import type { PodView } from "../view.ts";
import { freshSandbox, viewPod } from "../views.ts";
import { retireAttempts, startAttempt } from "./attempt.ts";
import { beginAnew } from "./begin-anew.ts";
import { DiskWatch } from "./disk-watch.ts";
import { Health } from "./health.ts";
import { Kills } from "./kills.ts";
import { lostHolder } from "./lost-holder.ts";
import { newSandbox } from "./new-sandbox.ts";
import { type Next, nextActions, type Start } from "./next.ts";
import { Notices } from "./notices.ts";
import { ProcessWatch } from "./process-watch.ts";
import { Wake } from "./wake.ts";

/** How a worker's work has ended. */
export type WorkEnd =
  /** The pod is over and taken down; its records are there. */
  | "over"
  /** It has been removed. */
  | "gone"
  /** `release` was called. */
  | "released"
  /** Every container has been started, or waits for its next start. */
  | "settled";

export interface WorkerOptions {
  events?: EventRecorder;
  /** What a first start needs; later ones ask anew. */
  prepared?: (name: string) => PreparedContainer;
  /** The pod is being made: a container that cannot be started is an error of the whole. */
  strict?: boolean;
  /** Containers that are about to be started, for messages. */
  onStart?: (name: string) => void;
  warn?: (message: string) => void;
}

/**
 * What a kubelet does for one pod over time. All it knows is on disk: whoever works on the pod next goes on where this
 * one was killed. Several commands may act on a pod at once; each step is taken in turn, and the phase in state.json
 * says whether there is still anything to start.
 */
export class PodWorker {
  readonly #host: Host;
  readonly #uid: string;
  readonly #paths: PodPaths;
  readonly #options: WorkerOptions;
  readonly #events: EventRecorder;
  readonly #wake = new Wake();
  readonly #processes: ProcessWatch;
  readonly #health: Health;
  readonly #kills: Kills;
  readonly #disk: DiskWatch;
  readonly #notices: Notices;
  #strict: boolean;
  #released = false;

  constructor(host: Host, record: PodRecord, options: WorkerOptions = {}) {
    this.#host = host;
    this.#uid = record.uid;
    this.#paths = podPaths(host.paths, record);
    this.#options = options;
    this.#strict = options.strict ?? false;
    this.#events = options.events ?? new EventRecorder(host, this.#paths);
    this.#processes = new ProcessWatch(host, this.#wake.now);
    this.#health = new Health(host, this.#paths, this.#events, this.#wake.now);
    this.#notices = new Notices(host, this.#events);
    this.#disk = new DiskWatch(host, this.#wake.now);
    this.#kills = new Kills(host, this.#paths, this.#events, this.#wake.now);
  }

  /** Works until the pod is over or gone, `release` is called, or (`untilSettled`) its start is done. */
  async work({ untilSettled = false } = {}): Promise<WorkEnd> {
    this.#released = false;
    try {
      for (;;) {
        if (this.#released) return "released";
        const view = viewPod(this.#host, this.#uid);
        if (!view?.sameBoot) return "gone";
        if (view.sandbox.phase === "stopped") return "over";
        this.#wake.watchFolder(this.#paths.run);
        this.#processes.update(view);
        if (isGoing(view)) {
          this.#health.update(view);
          this.#disk.update(view);
          const next = this.#next(view);
          const done = await this.#act(view, next);
          if (done) return done;
          if (next.kind === "go" && next.start.length === 0) {
            if (untilSettled && isSettled(view, next)) return "settled";
            await this.#wake.sleep(this.#sleepTime(view, next));
          }
        } else {
          this.#health.stop();
          await this.#wake.sleep(undefined);
        }
      }
    } finally {
      this.#strict = false;
      if (!untilSettled || this.#released) this.#close();
    }
  }

  /** Lets go of the pod: nothing of it changes. */
  release(): void {
    this.#released = true;
    this.#wake.now();
    this.#close();
  }

  #close(): void {
    this.#health.stop();
    this.#disk.stop();
    this.#processes.close();
    this.#wake.close();
  }

  #next(view: PodView): Next {
    return nextActions({
      view,
      now: this.#host.now().getTime(),
      seconds: this.#host.seconds,
      unhealthy: this.#health.unhealthy(view),
      eviction: this.#disk.eviction,
    });
  }

  async #act(view: PodView, next: Next): Promise<WorkEnd | undefined> {
    switch (next.kind) {
      case "over": {
        const { kind: _, ...why } = next;
        if (why.reason && why.message)
          this.#events.pod(why.reason === "Evicted" ? "Warning" : "Normal", why.reason, why.message);
        this.#health.stop();
        const lostInfra = await lostHolder(this.#host, view);
        const failures = await endPod(this.#host, view, {
          phase: "ending",
          ...why,
          ...(lostInfra ? { lostInfra } : {}),
        });
        for (const failure of failures) this.#options.warn?.(`clean-up: ${failure.message}`);
        return "over";
      }
      case "new-sandbox":
        this.#health.stop();
        await newSandbox(this.#host, view, this.#events, this.#wake);
        return undefined;
      case "restart-all":
        this.#health.stop();
        await beginAnew(this.#host, view, this.#events, next.name);
        return undefined;
      case "go":
        for (const kill of next.kill) this.#kills.begin(view, kill);
        this.#notices.tell(view, next.waiting);
        for (const start of next.start) {
          if (this.#released) break;
          await this.#start(view, start);
        }
        return undefined;
    }
  }

  async #start({ record }: PodView, start: Start): Promise<void> {
    const spec = record.pod.spec;
    const list = start.kind === "init" ? spec?.initContainers : spec?.containers;
    const container = list?.find(({ name }) => name === start.name);
    if (!container) return;
    this.#options.onStart?.(start.name);
    const host = this.#host;
    const prepared = this.#strict
      ? (this.#options.prepared?.(start.name) ?? (await prepareContainer(host, record, container)))
      : await prepareContainer(host, record, container).catch((error: Error) => {
          this.#events.container(start.kind, start.name, "Warning", "Failed", `Error: ${error.message}`);
          return undefined;
        });
    if (!prepared) {
      await this.#wake.sleep(host.seconds(PULL_RETRY));
      return;
    }
    const started = inTurn(this.#paths, () => {
      const now = viewPod(host, this.#uid);
      // Others have acted since we looked: what was to be started then may not be now.
      if (!now || !isGoing(now) || !this.#stillWanted(now, start)) return undefined;
      const sandbox = openSandbox(host, this.#paths, now.sandbox);
      if (!sandbox) return undefined;
      try {
        const { input } = podPlanInput(
          host,
          { record: now.record, paths: this.#paths },
          () => now.sandbox.ip,
        );
        const round = now.sandbox.round ?? 0;
        const wanted = { start, container, prepared, input, sandbox, round, events: this.#events };
        const made = startAttempt(host, this.#paths, wanted, { record: !this.#strict });
        this.#retire(sandbox, start.name);
        return made;
      } finally {
        releaseSandbox(host, sandbox);
      }
    });
    const view = started?.startedAt === undefined ? undefined : viewPod(host, this.#uid);
    if (!started || !view) return;
    this.#processes.update(view);
    const goesOn = await this.#health.postStart(view, start, started);
    if (!goesOn) this.#kills.begin(view, { ...start, message: "FailedPostStartHook", replace: false });
  }

  #stillWanted(view: PodView, start: Start): boolean {
    const next = this.#next(view);
    return next.kind === "go" && next.start.some(({ name }) => name === start.name);
  }

  /** What cannot be let go of now is let go of at the next start. */
  #retire(sandbox: Sandbox, name: string): void {
    try {
      retireAttempts(this.#host, this.#paths, sandbox, name);
    } catch (error) {
      this.#options.warn?.(`clean-up: ${(error as Error).message}`);
    }
  }

  /** Milliseconds until time alone changes something. */
  #sleepTime({ record }: PodView, { waiting }: Extract<Next, { kind: "go" }>): number | undefined {
    const deadline = record.pod.spec?.activeDeadlineSeconds;
    const times = waiting.map(({ until }) => until);
    if (deadline !== undefined) times.push(Date.parse(record.createdAt) + this.#host.seconds(deadline));
    return times.length === 0 ? undefined : Math.min(...times) - this.#host.now().getTime();
  }
}

/** Seconds until an image that could not be had is asked for again. */
const PULL_RETRY = 10;

/** Whether anything may still be started in the pod. */
function isGoing({ sandbox: { phase } }: PodView): boolean {
  return phase === "creating" || phase === "ready" || phase === "recreating";
}

/** The start is done: every container has been started once, or waits for its next start. */
function isSettled(view: PodView, { waiting }: Extract<Next, { kind: "go" }>): boolean {
  if (waiting.length > 0) return true;
  return view.containers.every(({ kind, attempts }) => kind !== "app" || attempts.length > 0);
}

/** Says that the pod's start is done: from here on a killed command's work on it is gone on with, not undone. */
export function markReady(host: Host, record: PodRecord): void {
  const paths = podPaths(host.paths, record);
  inTurn(paths, () => {
    const now = readSandbox(paths) ?? freshSandbox();
    if (now.phase === "creating") writeSandbox(paths, { ...now, phase: "ready" });
  });
}
