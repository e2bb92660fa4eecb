import type { Host } from "../../runtime/host.ts";
import { attemptPaths, type PodPaths } from "../../state/paths.ts";
import { readContainer, writeContainer } from "../../state/records.ts";
import { inTurn } from "../../state/turn.ts";
import { endContainers } from "../end-containers.ts";
import type { EventRecorder } from "../events.ts";
import type { PodView } from "../view.ts";
import type { Kill } from "./next.ts";

/** Containers that are being ended so that they can be started again; each is asked once. */
export class Kills {
  readonly #host: Host;
  readonly #paths: PodPaths;
  readonly #events: EventRecorder;
  readonly #changed: () => void;
  readonly #begun = new Set<string>();

  constructor(host: Host, paths: PodPaths, events: EventRecorder, changed: () => void) {
    this.#host = host;
    this.#paths = paths;
    this.#events = events;
    this.#changed = changed;
  }

  begin(view: PodView, kill: Kill): void {
    const attempt = view.containers.find(({ name }) => name === kill.name)?.attempts.at(-1);
    if (!attempt?.alive) return;
    const key = `${kill.name}/${attempt.record.attempt}`;
    if (this.#begun.has(key)) return;
    this.#begun.add(key);
    const folders = attemptPaths(this.#paths, kill.name, attempt.record.attempt);
    if (kill.replace) {
      inTurn(this.#paths, () => {
        const record = readContainer(folders);
        if (record) writeContainer(folders, { ...record, replaced: true });
      });
    }
    const graceSeconds = kill.graceSeconds ?? view.record.pod.spec?.terminationGracePeriodSeconds ?? 30;
    endContainers(this.#host, view, [{ kind: kill.kind, record: attempt.record }], {
      graceSeconds,
      message: kill.message,
      events: this.#events,
    })
      // The pod is being removed: its cgroups may go under our hands. What still runs is looked at again.
      .catch(() => undefined)
      .finally(() => {
        this.#begun.delete(key);
        this.#changed();
      });
  }
}
