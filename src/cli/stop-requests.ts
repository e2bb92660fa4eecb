import { constants } from "node:os";

/** Signals that ask a command to end: the first stops gracefully, the next one kills. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type Signal = (typeof SIGNALS)[number];

export class StopRequests {
  readonly #cancel = new AbortController();
  readonly #stop: (force: boolean) => Promise<void>;
  readonly #listener = (signal: Signal) => this.#ask(signal);
  readonly #lostReader = () => {
    if (!this.cancelled.aborted) this.#ask("SIGTERM");
  };
  #first: Signal | undefined;
  #forced = false;

  /** `stop` is called at the first request, and, with force, at the second. */
  constructor(stop: (force: boolean) => Promise<void>) {
    this.#stop = stop;
    for (const signal of SIGNALS) process.on(signal, this.#listener);
    // The reader of our output has gone (`| head`, a closed window), and nobody would see the rest.
    process.stdout.on("error", this.#lostReader);
  }

  /** Aborted from the first request on. */
  get cancelled(): AbortSignal {
    return this.#cancel.signal;
  }

  /** A second request has come. */
  get forced(): boolean {
    return this.#forced;
  }

  /** What a shell reports of a command that the first signal ended: 130 after Ctrl-C. */
  get exitCode(): number {
    return 128 + constants.signals[this.#first ?? "SIGTERM"];
  }

  close(): void {
    for (const signal of SIGNALS) process.off(signal, this.#listener);
    process.stdout.off("error", this.#lostReader);
  }

  #ask(signal: Signal): void {
    if (this.#forced) return;
    this.#forced = this.cancelled.aborted;
    this.#first ??= signal;
    this.#cancel.abort();
    // A failed stop is seen by whoever waits for the pod's end.
    this.#stop(this.#forced).catch(() => {});
  }
}
