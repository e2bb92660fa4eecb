import type { Host } from "../../runtime/host.ts";
import { type PodPaths, podPaths } from "../../state/paths.ts";
import { type Eviction, ephemeralUsage, evictionOf, limitsEphemeralStorage } from "../ephemeral-storage.ts";
import type { PodView } from "../view.ts";

/** Pod seconds between two looks, as the kubelet's eviction manager has it. */
const PERIOD = 10;

/** Measures what a pod has on disk, if anything limits it, and says when it is too much. */
export class DiskWatch {
  readonly #host: Host;
  readonly #changed: () => void;
  #timer: NodeJS.Timeout | undefined;
  #eviction: Eviction | undefined;

  constructor(host: Host, changed: () => void) {
    this.#host = host;
    this.#changed = changed;
  }

  /** Why the pod is to be evicted, as of the last look. */
  get eviction(): Eviction | undefined {
    return this.#eviction;
  }

  /** Looks from now on, as long as the pod has a limit. */
  update(view: PodView): void {
    if (this.#timer || !limitsEphemeralStorage(view.record.pod)) return;
    this.#timer = setTimeout(() => void this.#look(view), this.#host.seconds(PERIOD));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #look({ record, containers }: PodView): Promise<void> {
    const paths: PodPaths = podPaths(this.#host.paths, record);
    const attempts = new Map(
      containers.flatMap(({ name, attempts }) => {
        const last = attempts.at(-1);
        return last ? [[name, last.record.attempt] as const] : [];
      }),
    );
    // A folder that goes while it is measured is measured the next time, if the pod is still there.
    const usage = await ephemeralUsage(paths, record.pod, attempts).catch(() => undefined);
    if (this.#timer === undefined) return;
    this.#timer = undefined;
    this.#eviction = usage && evictionOf(record.pod, usage);
    this.#changed();
  }
}
