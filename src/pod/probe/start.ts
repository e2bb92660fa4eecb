import type { Probe } from "../../manifest/index.ts";
import { timerMs } from "../handler/deadline.ts";
import type { HandlerTarget } from "../handler/target.ts";
import type { ProbeKind } from "./count.ts";
import { ProbeLoop } from "./loop.ts";
import { performProbe } from "./perform.ts";

/** What probes say of a running attempt, as its status and `health.json` have it. */
export interface Health {
  /** The startup probe has succeeded, or there is none. */
  started: boolean;
  /** Started, and the readiness probe's verdict, or there is none. */
  ready: boolean;
}

export interface ProbeListener {
  /** Called when one of the two changes; not when they are what they were at the beginning. */
  health(health: Health): void;
  /** The container is to be killed, and started anew if its policy says so. Called once; readiness is probed to the end. */
  unhealthy(failed: { probe: "liveness" | "startup"; graceSeconds?: number }): void;
  /** `Unhealthy` and `ProbeWarning`, in the kubelet's words. */
  event(type: "Warning", reason: string, message: string, kind: ProbeKind): void;
}

export interface Probes {
  /** The pod is being stopped: liveness and startup are of no interest any more, readiness is until the end. */
  terminating(): void;
  /** The attempt has ended. Nothing is reported any more; commands that are still running are killed. */
  stop(): void;
}

/**
 * How long after a container's start its readiness is looked at for the first time, in pod seconds. A kubelet sees the
 * container run within a second and then asks at once; sooner, most servers would not have opened their port yet.
 */
const FIRST_LOOK = 1;

/**
 * Probes one running attempt until it is stopped (the kubelet's prober, one worker a probe). Call it when the attempt
 * runs and its postStart hook is done. Periods are counted from the attempt's start, so a supervisor that takes over
 * goes on in step; what it knows of the attempt it passes as `initial`.
 *
 * A container without a startup probe has started, one without a readiness probe is ready once it has started: the
 * listener hears that before this function returns, unless `initial` says it. `perform` makes one turn of a probe.
 */
export function startProbes(
  target: HandlerTarget,
  listener: ProbeListener,
  initial: Health = { started: false, ready: false },
  perform = performProbe,
): Probes {
  const probes = new AttemptProbes(target, listener, { said: initial, perform });
  probes.begin();
  return probes;
}

class AttemptProbes implements Probes {
  readonly #target: HandlerTarget;
  readonly #listener: ProbeListener;
  readonly #loops = new Map<ProbeKind, ProbeLoop>();
  readonly #perform: typeof performProbe;
  #said: Health;
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  constructor(
    target: HandlerTarget,
    listener: ProbeListener,
    { said, perform }: { said: Health; perform: typeof performProbe },
  ) {
    this.#target = target;
    this.#listener = listener;
    this.#said = said;
    this.#perform = perform;
  }

  begin(): void {
    const { livenessProbe, readinessProbe, startupProbe } = this.#target.container;
    const { started, ready } = this.#said;
    this.#add("startup", startupProbe, started ? "success" : undefined);
    this.#add("liveness", livenessProbe);
    this.#add("readiness", readinessProbe, ready ? "success" : undefined);
    this.#say();
    this.#lookSoon();
  }

  terminating(): void {
    for (const kind of ["liveness", "startup"] as const) this.#loops.get(kind)?.stop();
  }

  stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    for (const loop of this.#loops.values()) loop.stop();
  }

  #add(kind: ProbeKind, probe: Probe | undefined, verdict?: "success"): void {
    if (probe === undefined) return;
    const loop = new ProbeLoop(this.#target, {
      kind,
      probe,
      ...(verdict === undefined ? {} : { verdict }),
      perform: this.#perform,
      started: () => this.#health().started,
      event: (reason, message) => {
        if (!this.#over) this.#listener.event("Warning", reason, message, kind);
      },
      changed: () => this.#changed(kind, probe),
    });
    this.#loops.set(kind, loop);
  }

  #changed(kind: ProbeKind, probe: Probe): void {
    if (this.#over) return;
    if (kind !== "readiness" && this.#loops.get(kind)?.verdict === "failure") {
      const { terminationGracePeriodSeconds: grace } = probe;
      this.#listener.unhealthy({ probe: kind, ...(grace === undefined ? {} : { graceSeconds: grace }) });
      return;
    }
    this.#say();
    if (kind === "startup") this.#loops.get("readiness")?.ask();
  }

  #health(): Health {
    const verdict = (kind: ProbeKind) => this.#loops.get(kind)?.verdict ?? "success";
    const started = verdict("startup") === "success";
    return { started, ready: started && verdict("readiness") === "success" };
  }

  #say(): void {
    const health = this.#health();
    if (health.started === this.#said.started && health.ready === this.#said.ready) return;
    this.#said = health;
    this.#listener.health(health);
  }

  #lookSoon(): void {
    const { host, attempt } = this.#target;
    // With such a period its turn comes then anyway.
    if ((this.#target.container.readinessProbe?.periodSeconds ?? 0) <= FIRST_LOOK) return;
    const age = host.now().getTime() - Date.parse(attempt.startedAt ?? attempt.createdAt);
    const look = () => {
      if (!this.#health().ready) this.#loops.get("readiness")?.ask();
    };
    this.#timer = setTimeout(look, timerMs(host.seconds(FIRST_LOOK) - age));
  }
}
