import type { Probe } from "../../manifest/index.ts";
import { messageOf } from "../handler/message.ts";
import type { HandlerTarget, Verdict } from "../handler/target.ts";
import { type Count, counted, isDue, newCount, type ProbeKind } from "./count.ts";
import type { performProbe } from "./perform.ts";
import { Turns } from "./turns.ts";

/** Pod seconds by which the clock may have been set back during a period: a turn at the very end of the initial delay is not to be missed for it. */
const CLOCK_SLACK = 0.01;

export interface LoopInput {
  kind: ProbeKind;
  probe: Probe;
  /** What another supervisor has found out before. */
  verdict?: "success";
  perform: typeof performProbe;
  started(): boolean;
  event(reason: "Unhealthy" | "ProbeWarning", message: string): void;
  /** The verdict has changed. */
  changed(): void;
}

/** One probe of one attempt, turn after turn (the kubelet's worker). */
export class ProbeLoop {
  readonly #target: HandlerTarget;
  readonly #input: LoopInput;
  readonly #turns: Turns;
  readonly #stopped = new AbortController();
  #count: Count;

  constructor(target: HandlerTarget, input: LoopInput) {
    this.#target = target;
    this.#input = input;
    this.#count = newCount(input.kind, input.verdict);
    this.#turns = new Turns(target.host.seconds(input.probe.periodSeconds ?? 10), this.#age());
    void this.#run();
  }

  get verdict(): Count["verdict"] {
    return this.#count.verdict;
  }

  /** A turn at once, whatever the period. */
  ask(): void {
    this.#turns.ask();
  }

  /** No more turns; one that is being taken is cut short and counts for nothing. */
  stop(): void {
    this.#stopped.abort();
    this.#turns.stop();
  }

  async #run(): Promise<void> {
    const { probe, started } = this.#input;
    while (await this.#turns.taken()) {
      const age = this.#age() / this.#target.host.seconds(1) + CLOCK_SLACK;
      if (isDue(this.#count, probe, { age, started: started() })) await this.#turn();
    }
  }

  /** Milliseconds since the container was started. */
  #age(): number {
    const { host, attempt } = this.#target;
    return host.now().getTime() - Date.parse(attempt.startedAt ?? attempt.createdAt);
  }

  async #turn(): Promise<void> {
    const { probe, kind, perform, event, changed } = this.#input;
    const name = kind.replace(/^./, (letter) => letter.toUpperCase());
    let verdict: Verdict;
    try {
      verdict = await perform(this.#target, probe, this.#stopped.signal);
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      // What could not be asked is neither healthy nor ill: it counts for nothing.
      return event("Unhealthy", `${name} probe errored and resulted in unknown state: ${messageOf(error)}`);
    }
    if (this.#stopped.signal.aborted) return;
    const { result, output } = verdict;
    if (result === "failure") event("Unhealthy", `${name} probe failed: ${output}`);
    if (result === "warning") event("ProbeWarning", `${name} probe warning: ${output}`);
    const before = this.#count.verdict;
    this.#count = counted(this.#count, probe, result === "failure" ? "failure" : "success");
    if (this.#count.verdict !== before) changed();
  }
}
