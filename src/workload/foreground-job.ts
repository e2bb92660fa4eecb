import { setTimeout as sleep } from "node:timers/promises";
import type { JobObject, PodObject } from "../manifest/index.ts";
import { podExitCode } from "../pod/outcome.ts";
import type { PodSession } from "../pod/session.ts";
import type { Host } from "../runtime/host.ts";
import { isTrue } from "./conditions.ts";
import { reconcileJob } from "./job.ts";
import type { JobMemory } from "./job-count.ts";
import { isOver } from "./job-ending.ts";
import { newJob } from "./makers.ts";
import { randomSuffix } from "./names.ts";
import { type PodSummary, summarize } from "./pod-summary.ts";

export interface JobHands {
  create(pod: PodObject): Promise<PodSession>;
  say(message: string): void;
}

/** How often its pods are looked at (ms). */
const LOOK = 50;

/** A Job that is nowhere stored: it lives in one command, with its pods. */
export class ForegroundJob {
  readonly #host: Host;
  readonly #hands: JobHands;
  readonly #sessions: PodSession[] = [];
  readonly #ending: Promise<unknown>[] = [];
  #job: JobObject;
  #memory: JobMemory | undefined;

  constructor(host: Host, job: JobObject, hands: JobHands) {
    this.#host = host;
    this.#hands = hands;
    this.#job = newJob(job, host.now().getTime());
  }

  /** Several pods at once. */
  get parallel(): boolean {
    return (this.#job.spec.parallelism ?? 1) > 1;
  }

  /** Names of the containers of each of its pods. */
  get containers(): string[] {
    const { initContainers = [], containers } = this.#job.spec.template.spec;
    return [...initContainers, ...containers].map(({ name }) => name);
  }

  /** Runs pods until the Job is over, or `cancelled`; 0 when it is complete, else the exit code of its last pod. */
  async run(cancelled: AbortSignal): Promise<number> {
    const clock = () => ({
      now: this.#host.now().getTime(),
      seconds: (count: number) => this.#host.seconds(count),
    });
    while (!isOver(this.#job) && !cancelled.aborted) {
      const pods = this.#sessions.map(summaryOf);
      const outcome = reconcileJob({
        job: this.#job,
        pods,
        memory: this.#memory,
        clock: clock(),
        random: randomSuffix,
      });
      this.#job = { ...this.#job, status: outcome.status };
      this.#memory = outcome.memory as JobMemory | undefined;
      for (const event of outcome.events) if (event.type === "Warning") this.#hands.say(event.message);
      for (const { uid } of outcome.remove)
        for (const session of this.#sessions.filter(({ record }) => record.uid === uid))
          this.#ending.push(session.stop());
      for (const pod of cancelled.aborted ? [] : outcome.create) {
        const session = await this.#hands.create(pod as PodObject);
        this.#sessions.push(session);
        this.#ending.push(session.wait());
      }
      await sleep(LOOK, undefined, { signal: cancelled }).catch(() => undefined);
    }
    await Promise.all(this.#ending);
    return this.#exitCode();
  }

  #exitCode(): number {
    if (isTrue(this.#job.status?.conditions, "Complete")) return 0;
    const codes = this.#sessions.map((session) => podExitCode(session.view()));
    return codes.filter((code) => code !== 0).at(-1) ?? 1;
  }
}

function summaryOf(session: PodSession): PodSummary {
  return summarize(session.view());
}
