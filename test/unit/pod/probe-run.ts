import { afterEach, beforeEach, vi } from "vitest";
import type { Container, Probe } from "../../../src/manifest/index.ts";
import type { HandlerTarget, Verdict } from "../../../src/pod/handler/target.ts";
import { type Health, type Probes, startProbes } from "../../../src/pod/probe/start.ts";

export const START = Date.parse("2026-01-01T00:00:00Z");

/** For the top of a file: its tests begin at START and time goes when they say so. */
export function onFakeClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({ now: START });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

/** An exec probe of this name, every ten seconds. */
export const probe = (name: string, more: Partial<Probe> = {}): Probe => ({
  exec: { command: [name] },
  periodSeconds: 10,
  ...more,
});

/** What a scripted probe answers; `hang` takes the given seconds before it does, `throw` finds nothing out. */
type Answer = Verdict["result"] | "throw" | { hang: number; result?: Verdict["result"] };

interface Options {
  answer?: (name: string, at: number) => Answer;
  initial?: Health;
  /** Seconds that the container has been running for. */
  age?: number;
  speed?: number;
}

/** Runs the probes of one container on the fake clock and notes, by second, all that happens. */
export class Run {
  readonly notes: string[] = [];
  readonly probes: Probes;
  readonly #speed: number;

  constructor(
    container: Partial<Container>,
    { answer = () => "success", initial, age = 0, speed = 1 }: Options = {},
  ) {
    this.#speed = speed;
    const target = {
      host: { now: () => new Date(), seconds: (count: number) => (count * 1000) / speed },
      pod: { name: "web" },
      container: { name: "app", ...container },
      attempt: { startedAt: new Date(START - (age * 1000) / speed).toISOString() },
    } as unknown as HandlerTarget;
    const perform = async (_: HandlerTarget, { exec }: Probe): Promise<Verdict> => {
      const name = exec?.command?.[0] ?? "";
      const what = answer(name, this.#now());
      this.#note(name);
      if (what === "throw") throw new Error("no way in");
      if (typeof what === "string") return { result: what, output: "said" };
      await new Promise((resolve) => setTimeout(resolve, what.hang * 1000));
      return { result: what.result ?? "success", output: "late" };
    };
    this.probes = startProbes(
      target,
      {
        health: ({ started, ready }) =>
          this.#note(`${started ? "started" : "not started"} ${ready ? "ready" : "unready"}`),
        unhealthy: ({ probe: kind, graceSeconds }) =>
          this.#note(`kill for ${kind}${graceSeconds === undefined ? "" : ` in ${graceSeconds}`}`),
        event: (type, reason, message) => this.#note(`${type} ${reason}: ${message}`),
      },
      initial,
      perform,
    );
  }

  async to(second: number): Promise<string[]> {
    await vi.advanceTimersByTimeAsync(START + (second * 1000) / this.#speed - Date.now());
    return this.notes;
  }

  /** The seconds at which a probe was made. */
  at(name: string): number[] {
    return this.notes
      .map((note) => note.split(" "))
      .filter(([, what, more]) => what === name && more === undefined)
      .map(([at]) => Number(at));
  }

  #now(): number {
    return ((Date.now() - START) * this.#speed) / 1000;
  }

  #note(what: string): void {
    this.notes.push(`${this.#now()} ${what}`);
  }
}
