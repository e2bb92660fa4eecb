import type { Host } from "../../runtime/host.ts";
import type { EventRecorder } from "../events.ts";
import type { PodView } from "../view.ts";
import type { Waiting } from "./next.ts";
import { portClash } from "./port-clash.ts";

/** Events about attempts that have ended, each told once. */
export class Notices {
  readonly #host: Host;
  readonly #events: EventRecorder;
  readonly #told = new Set<string>();

  constructor(host: Host, events: EventRecorder) {
    this.#host = host;
    this.#events = events;
  }

  tell(view: PodView, waiting: readonly Waiting[]): void {
    const { name: podName, namespace, uid } = view.record;
    for (const { kind, name, attempts } of view.containers) {
      const last = attempts.at(-1);
      if (!last || last.alive) continue;
      const warn = (reason: string, message: string) =>
        this.#events.container(kind, name, "Warning", reason, message);
      const { attempt } = last.record;
      if (this.#isNew(`end ${name}/${attempt}`)) {
        const why = portClash(this.#host, view, last);
        if (why !== undefined) warn("PortConflict", why);
      }
      const waits = waiting.some((one) => one.name === name);
      if (waits && this.#isNew(`back-off ${name}/${attempt}`)) {
        const pod = `${podName}_${namespace}(${uid})`;
        warn("BackOff", `Back-off restarting failed container ${name} in pod ${pod}`);
      }
    }
  }

  #isNew(key: string): boolean {
    if (this.#told.has(key)) return false;
    this.#told.add(key);
    return true;
  }
}
