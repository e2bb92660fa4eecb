import type { Host } from "../../runtime/host.ts";
import { attemptPaths, type PodPaths } from "../../state/paths.ts";
import type { ContainerRecord } from "../../state/record.ts";
import { readContainer, readSandbox, writeContainer } from "../../state/records.ts";
import { inTurnSoon } from "../../state/turn.ts";
import { endContainers } from "../end-containers.ts";
import type { EventRecorder } from "../events.ts";
import { manifestGrace } from "../grace.ts";
import { lastAttempt } from "../last-attempt.ts";
import type { PodView } from "../view.ts";
import { isGoing } from "./going.ts";
import type { Kill } from "./next.ts";

/** Seconds until a container that could not be ended is tried again. */
const RETRY = 10;

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
    const attempt = lastAttempt(view, kill.name);
    if (!attempt?.alive) return;
    const key = `${kill.name}/${attempt.record.attempt}`;
    if (this.#begun.has(key)) return;
    this.#begun.add(key);
    const over = () => {
      this.#begun.delete(key);
      this.#changed();
    };
    // The pod is being removed, and its cgroups go under our hands; or a disk is full. What still runs is looked at again.
    this.#kill(view, kill, attempt.record).then(over, () => setTimeout(over, this.#host.seconds(RETRY)));
  }

  async #kill(view: PodView, kill: Kill, { attempt }: ContainerRecord): Promise<void> {
    const folders = attemptPaths(this.#paths, kill.name, attempt);
    const why = kill.replace ? { replaced: true } : kill.unhealthy ? { unhealthy: true } : undefined;
    const record = await inTurnSoon(this.#paths, () => {
      const now = readContainer(folders);
      // Whoever ends the whole pod ends this too, and runs its preStop hook, once.
      if (!now || !isGoing(readSandbox(this.#paths)?.phase ?? "removing")) return undefined;
      if (why) writeContainer(folders, { ...now, ...why });
      return { ...now, ...why };
    });
    if (!record) return;
    await endContainers(this.#host, view, [{ kind: kill.kind, record }], {
      graceSeconds: kill.graceSeconds ?? manifestGrace(view.record),
      message: kill.message,
      events: this.#events,
    });
  }
}
