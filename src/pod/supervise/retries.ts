import type { Host } from "../../runtime/host.ts";

/** Seconds until what could not be done is tried again; what fails again waits twice as long, up to the last number. */
const PULL = { first: 10, last: 300 };
const OTHER = { first: 10, last: 10 };

/**
 * What could not be done for reasons outside of the pod (an image that is gone, a full disk) and is tried again later, as
 * a kubelet does. Told apart from a sleep: whatever else happens to the pod meanwhile is seen to, and is no reason to try
 * earlier.
 */
export class Retries {
  readonly #host: Host;
  readonly #failed = new Map<string, { until: number; delay: number }>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** Milliseconds until it may be tried (again). `name`: a container's; none for the sandbox. */
  left(name = ""): number {
    const failed = this.#failed.get(name);
    return failed ? Math.max(failed.until - performance.now(), 0) : 0;
  }

  failed(name = "", what: "pull" | "other" = "other"): void {
    const { first, last } = what === "pull" ? PULL : OTHER;
    const before = this.#failed.get(name);
    const delay = before ? Math.min(before.delay * 2, last) : first;
    this.#failed.set(name, { delay, until: performance.now() + this.#host.seconds(delay) });
  }

  succeeded(name = ""): void {
    this.#failed.delete(name);
  }
}
