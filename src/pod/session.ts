import type { TspodError } from "../errors/tspod-error.ts";
import type { Host } from "../runtime/host.ts";
import type { Lock } from "../state/lock.ts";
import type { PodPaths } from "../state/paths.ts";
import type { PodRecord } from "../state/record.ts";
import { updatePod } from "../state/update-pod.ts";
import { podExitCode } from "./outcome.ts";
import { type StopOptions, stopPod } from "./stop.ts";
import type { PodWorker } from "./supervise/worker.ts";
import type { PodView } from "./view.ts";
import { viewPod } from "./views.ts";

export interface PodOutcome {
  exitCode: number;
  view: PodView;
}

interface SessionInit {
  host: Host;
  record: PodRecord;
  paths: PodPaths;
  lock: Lock;
  worker: PodWorker;
  warn(message: string): void;
}

/** A pod this command has made: it holds the pod's lock until it lets go of the pod or ends. */
export class PodSession {
  readonly #init: SessionInit;
  #last: PodView;
  #detached = false;

  constructor(init: SessionInit, view: PodView) {
    this.#init = init;
    this.#last = view;
  }

  get record(): PodRecord {
    return this.#init.record;
  }

  /** The pod as it is now; as it was last seen when another command has removed it meanwhile. */
  view(): PodView {
    this.#last = viewPod(this.#init.host, this.#init.record.uid) ?? this.#last;
    return this.#last;
  }

  /** The pod has ended and is taken down, or another command has removed it. */
  get isOver(): boolean {
    const now = viewPod(this.#init.host, this.#init.record.uid);
    if (now) this.#last = now;
    return !now || now.sandbox.phase === "stopped";
  }

  /** Supervises the pod until it is over and taken down, by itself or by a stop; records and logs stay. */
  async wait(): Promise<PodOutcome> {
    await this.#init.worker.work();
    // Looked at only now: a container whose monitor was killed may have been dying until then.
    const view = this.view();
    return { exitCode: podExitCode(view), view };
  }

  /** Ends the containers gracefully; `wait` returns then. */
  async stop(options: StopOptions = {}): Promise<void> {
    this.#report(await stopPod(this.#init.host, this.view(), options));
  }

  /** Lets go of the pod: to live on without this command, or (`going`) to be removed next. */
  detach({ going = false } = {}): void {
    if (this.#detached) return;
    this.#detached = true;
    const { record, paths, lock, worker } = this.#init;
    worker.release();
    if (record.foreground && !going) updatePod(paths, (now) => ({ ...now, foreground: false }));
    lock.release();
  }

  #report(failures: TspodError[]): void {
    for (const failure of failures) this.#init.warn(`clean-up: ${failure.message}`);
  }
}
