import type { TspodError } from "../errors/tspod-error.ts";
import type { Host } from "../runtime/host.ts";
import { writeJson } from "../state/json-file.ts";
import type { Lock } from "../state/lock.ts";
import type { PodPaths } from "../state/paths.ts";
import type { PodRecord } from "../state/record.ts";
import { waitForContainer } from "./await.ts";
import type { EventRecorder } from "./events.ts";
import { podExitCode } from "./outcome.ts";
import { finishPod, type StopOptions, stopPod } from "./stop.ts";
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
  events: EventRecorder;
  warn(message: string): void;
}

/** A pod this command has made: it holds the pod's lock until it lets go of the pod or ends. */
export class PodSession {
  readonly #init: SessionInit;
  #last: PodView;

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

  /** Waits until every app container has ended, then takes the sandbox down; records and logs stay. */
  async wait(): Promise<PodOutcome> {
    const { host, record, paths } = this.#init;
    for (const { name } of record.pod.spec?.containers ?? []) await waitForContainer(host, paths, name);
    const now = viewPod(host, record.uid);
    if (now && now.sandbox.phase !== "stopped") this.#report(finishPod(host, paths, {}));
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
    const { record, paths, lock } = this.#init;
    if (record.foreground && !going) writeJson(paths.record, { ...record, foreground: false });
    lock.release();
  }

  #report(failures: TspodError[]): void {
    for (const failure of failures) this.#init.warn(`clean-up: ${failure.message}`);
  }
}
