import { holding } from "../../image/index.ts";
import type { Container } from "../../manifest/index.ts";
import type { Host } from "../../runtime/host.ts";
import { takeLock } from "../../state/lock.ts";
import { type PodPaths, podPaths } from "../../state/paths.ts";
import type { ContainerRecord, PodRecord } from "../../state/record.ts";
import { readSandbox, writeSandbox } from "../../state/records.ts";
import { inTurn } from "../../state/turn.ts";
import { containerSpec } from "../container-spec.ts";
import { EventRecorder } from "../events.ts";
import { isGated, openGates } from "../gates.ts";
import { lastNumber } from "../last-attempt.ts";
import { tellScheduled } from "../pending.ts";
import { type PreparedContainer, prepareContainer } from "../prepare-container.ts";
import { endPod, stopDeadline } from "../stop.ts";
import type { PodView } from "../view.ts";
import { freshSandbox, viewPod } from "../views.ts";
import { beginAnew } from "./begin-anew.ts";
import { DiskWatch } from "./disk-watch.ts";
import { tellFailedStart } from "./failed-start.ts";
import { isGoing } from "./going.ts";
import { Health } from "./health.ts";
import { Kills } from "./kills.ts";
import { lostHolder } from "./lost-holder.ts";
import { newSandbox } from "./new-sandbox.ts";
import { activeUntil, type Next, nextActions, type Start } from "./next.ts";
import { Notices } from "./notices.ts";
import { ProcessWatch } from "./process-watch.ts";
import { Retries } from "./retries.ts";
import { startInTurn } from "./start-in-turn.ts";
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
  /** Another command is ending the pod: should it be killed, somebody has to finish that. */
  onEnding?: () => void;
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
  readonly #retries: Retries;
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
    this.#retries = new Retries(host);
    this.#disk = new DiskWatch(host, this.#wake.now);
    this.#kills = new Kills(host, this.#paths, this.#events, this.#wake.now);
  }

  /** Works until the pod is over or gone, `release` is called, or (`untilSettled`) its start is done. */
  async work({ untilSettled = false } = {}): Promise<WorkEnd> {
    this.#released = false;
    try {
      for (;;) {
        if (this.#released) return "released";
        // Before the look: what changes after it is to end the sleep.
        this.#wake.watchFolder(this.#paths.run);
        const view = viewPod(this.#host, this.#uid);
        if (!view?.sameBoot) return "gone";
        if (view.sandbox.phase === "stopped") return "over";
        this.#processes.update(view);
        if (isGoing(view.sandbox.phase)) {
          this.#health.update(view);
          this.#disk.update(view);
          const next = this.#next(view);
          const done = await this.#act(view, next);
          if (done) return done;
          if (next.kind === "go" && next.start.every(({ name }) => this.#retries.left(name) > 0)) {
            if (untilSettled && isSettled(view, next)) return "settled";
            await this.#wake.sleep(this.#sleepTime(view, next));
          }
        } else if (view.sandbox.phase === "gated") {
          if (untilSettled) return "settled";
          if (isGated(view.record)) await this.#wake.sleep(undefined);
          else this.#schedule(view);
        } else {
          this.#health.terminating(view);
          const done = await this.#resume(view);
          if (done) return done;
          this.#options.onEnding?.();
          await this.#wake.sleep(undefined);
        }
      }
    } finally {
      this.#strict = false;
      if (!untilSettled || this.#released) this.#close();
    }
  }

  #schedule({ record }: PodView): void {
    tellScheduled(this.#host, record, this.#events);
    openGates(this.#paths);
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
        const lostInfra = await lostHolder(this.#host, view);
        return this.#end(view, { ...why, ...(lostInfra ? { lostInfra } : {}) });
      }
      case "new-sandbox":
        this.#health.stop();
        if (this.#retries.left() > 0) await this.#wake.sleep(this.#retries.left());
        else if (await newSandbox(this.#host, view, this.#events)) this.#retries.succeeded();
        else this.#retries.failed();
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
          if (this.#retries.left(start.name) > 0) continue;
          await this.#start(view, start);
        }
        return undefined;
    }
  }

  /** Ends what still runs, as whoever has found the pod over; undefined when it has become another meanwhile. */
  async #end(view: PodView, how: Partial<Parameters<typeof endPod>[2]>): Promise<WorkEnd | undefined> {
    this.#health.terminating(view);
    // Held so that no command takes the end for an interrupted one; a foreground `run` has it already.
    const lock = takeLock(this.#paths.lock, { wait: false, make: false });
    try {
      const failures = await endPod(this.#host, view, { ...how, phase: "ending" });
      for (const failure of failures ?? []) this.#options.warn?.(`clean-up: ${failure.message}`);
      return failures && "over";
    } finally {
      lock?.release();
    }
  }

  /** An end that another supervisor has begun, who was killed, has what is left of its grace period. */
  async #resume(view: PodView): Promise<WorkEnd | undefined> {
    if (view.sandbox.phase !== "ending") return undefined;
    const lock = takeLock(this.#paths.lock, { wait: false, make: false });
    if (!lock) return undefined;
    lock.release();
    const left = stopDeadline(view.record, view.sandbox) - this.#host.now().getTime();
    return this.#end(view, { graceSeconds: Math.max(left / this.#host.seconds(1), 0) });
  }

  async #start(before: PodView, start: Start): Promise<void> {
    const container = containerSpec(before.record, start);
    if (!container) return;
    this.#options.onStart?.(start.name);
    const started = await this.#try(before, container, start);
    const view = started?.startedAt === undefined ? undefined : viewPod(this.#host, this.#uid);
    if (!started || !view) return;
    this.#processes.update(view);
    const goesOn = await this.#health.postStart(view, start, started);
    if (!goesOn) this.#kills.begin(view, { ...start, message: "FailedPostStartHook", replace: false });
  }

  async #try(view: PodView, container: Container, start: Start): Promise<ContainerRecord | undefined> {
    const host = this.#host;
    const images = holding(host.images);
    try {
      const first = this.#strict ? this.#options.prepared?.(start.name) : undefined;
      const prepared = first ?? (await prepareContainer({ ...host, images }, view.record, container));
      const started = await startInTurn(host, this.#paths, {
        start,
        container,
        prepared,
        events: this.#events,
        record: !this.#strict,
        isWanted: (now) => isGoing(now.sandbox.phase) && this.#isWanted(now, start),
        warn: (message) => this.#options.warn?.(message),
      });
      this.#retries.succeeded(start.name);
      return started;
    } catch (error) {
      if (this.#strict || !(error instanceof Error)) throw error;
      const after = lastNumber(view, start.name);
      const image = container.image ?? "";
      const what = tellFailedStart(this.#paths, this.#events, { start, after, image, error });
      this.#retries.failed(start.name, what);
      return undefined;
    } finally {
      images.release();
    }
  }

  #isWanted(view: PodView, start: Start): boolean {
    const next = this.#next(view);
    return next.kind === "go" && next.start.some(({ name }) => name === start.name);
  }

  /** Milliseconds until time alone changes something. */
  #sleepTime(view: PodView, { start, waiting }: Extract<Next, { kind: "go" }>): number | undefined {
    const deadline = activeUntil(view, this.#host.seconds);
    const times = [...waiting.map(({ until }) => until), ...(deadline === undefined ? [] : [deadline])];
    const now = this.#host.now().getTime();
    const left = [...times.map((time) => time - now), ...start.map(({ name }) => this.#retries.left(name))];
    return left.length === 0 ? undefined : Math.min(...left);
  }
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
