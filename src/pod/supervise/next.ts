import type { Container, PodSpec } from "../../manifest/index.ts";
import { attemptExitCode } from "../outcome.ts";
import type { AttemptView, PodView } from "../view.ts";
import { nextBackoff, type Run, restartDelay } from "./backoff.ts";
import { isStarted } from "./readiness.ts";
import { afterExit, isSidecar } from "./restart-policy.ts";

export interface ContainerRef {
  name: string;
  kind: "init" | "app";
}

/** A container that is started now. */
export interface Start extends ContainerRef {
  /** What the record of the new attempt has as its `backoff`. */
  backoff: number;
}

export interface Kill extends ContainerRef {
  /** The kubelet's words for the event. */
  message: string;
  graceSeconds?: number;
  /** Started again whatever its policy says: the manifest of the container has changed. */
  replace: boolean;
}

/** A container in CrashLoopBackOff. */
export interface Waiting extends ContainerRef {
  /** When it may be started (ms since 1970). */
  until: number;
  /** Seconds between its end and that. */
  delay: number;
}

/** What a pod needs now. */
export type Next =
  | { kind: "go"; start: Start[]; kill: Kill[]; waiting: Waiting[] }
  /** Nothing will be started any more: what still runs (sidecars) is ended, the sandbox taken down. */
  | { kind: "over"; reason?: string; message?: string; graceSeconds?: number }
  /** The holder is gone: what runs is ended, and all begins anew in a new sandbox. */
  | { kind: "new-sandbox" }
  /** A container's rule asks for all of them to begin anew, init containers first (KEP-5532). */
  | { kind: "restart-all"; name: string };

export interface NextInput {
  view: PodView;
  /** ms since 1970. */
  now: number;
  seconds(count: number): number;
  /** It has more on disk than it may have. */
  eviction?: { reason: string; message: string } | undefined;
  /** Running containers whose liveness or startup probe has failed for good. */
  unhealthy?: ReadonlyMap<string, { probe: "liveness" | "startup"; graceSeconds?: number }>;
}

/** What is too large already is not given long to grow (s; the kubelet's number). */
const EVICTION_GRACE = 1;

/**
 * What a kubelet would do with this pod now (computePodActions): pure, from what is on disk and the time alone, so that
 * whoever takes over after a crash decides the same.
 */
export function nextActions(input: NextInput): Next {
  const { view, now, seconds } = input;
  const spec = view.record.pod.spec ?? { containers: [] };
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && now >= Date.parse(view.record.createdAt) + seconds(deadline)) {
    return {
      kind: "over",
      reason: "DeadlineExceeded",
      message: "Pod was active on the node longer than the specified deadline",
    };
  }
  if (input.eviction) return { kind: "over", ...input.eviction, graceSeconds: EVICTION_GRACE };
  const pod = new Pod(input, spec);
  if (view.sandbox.phase === "recreating" && view.sandbox.fresh) return { kind: "new-sandbox" };
  // `recreating`: whoever was making the new one did not come to its end.
  if (!view.infraAlive || view.sandbox.phase === "recreating")
    return pod.worthNewSandbox() ? { kind: "new-sandbox" } : { kind: "over" };
  return pod.next();
}

/** One pod under the rules. */
class Pod {
  readonly #input: NextInput;
  readonly #spec: PodSpec;
  readonly #start: Start[] = [];
  readonly #kill: Kill[] = [];
  readonly #waiting: Waiting[] = [];
  #restartAll: string | undefined;

  constructor(input: NextInput, spec: PodSpec) {
    this.#input = input;
    this.#spec = spec;
  }

  next(): Next {
    const init = this.#init();
    if (this.#restartAll !== undefined) return { kind: "restart-all", name: this.#restartAll };
    if (init === "failed") return { kind: "over" };
    if (init === "done") {
      const ended = this.#spec.containers.map((container) => this.#consider(container, "app") === "ended");
      if (this.#restartAll !== undefined) return { kind: "restart-all", name: this.#restartAll };
      if (ended.every((one) => one)) return { kind: "over" };
    }
    return { kind: "go", start: this.#start, kill: this.#kill, waiting: this.#waiting };
  }

  /** Under `Never` a pod that has run is over with its sandbox; so is one whose containers have all succeeded. */
  worthNewSandbox(): boolean {
    const last = (container: Container) => this.#attempts(container.name).at(-1);
    if (this.#spec.restartPolicy === "Never") return this.#spec.containers.every((one) => !last(one));
    return this.#spec.containers.some((container) => !this.#hasSucceeded(container, last(container)));
  }

  /** Starts what of the init containers has its turn. */
  #init(): "done" | "running" | "failed" {
    // Once an app container was started in this round, initialisation is done for good; sidecars go on.
    const done = this.#spec.containers.some(({ name }) => this.#now(name) !== undefined);
    for (const container of this.#spec.initContainers ?? []) {
      if (isSidecar(container, "init")) {
        const running = this.#consider(container, "init") === "running";
        const last = this.#now(container.name);
        if (!done && !(running && last && isStarted(container, last))) return "running";
        continue;
      }
      if (done) continue;
      const last = this.#now(container.name);
      if (last && !last.alive && attemptExitCode(last) === 0) continue;
      return this.#consider(container, "init") === "ended" ? "failed" : "running";
    }
    return "done";
  }

  #consider(container: Container, kind: "init" | "app"): "running" | "ended" | "starting" {
    const { name } = container;
    const last = this.#now(name);
    if (!last) {
      const earlier = this.#attempts(name).at(-1);
      if (kind === "app" && this.#hasSucceeded(container, earlier)) return "ended";
      if (earlier && this.#askedForAll(container, kind, earlier)) {
        // It is its own end that began the round: the back-off of a container that ends again and again is not gone.
        this.#restart({ name, kind }, earlier);
        return "starting";
      }
      this.#start.push({ name, kind, backoff: earlier?.record.backoff ?? 0 });
      return "starting";
    }
    if (last.alive) {
      this.#watch(container, kind, last);
      return "running";
    }
    if (last.record.replaced) {
      // A container of its own, whose past does not count.
      this.#start.push({ name, kind, backoff: 0 });
      return "starting";
    }
    const after = afterExit(this.#spec, container, kind, attemptExitCode(last));
    if (after === "restart-all") this.#restartAll ??= name;
    if (after !== "restart") return "ended";
    this.#restart({ name, kind }, last);
    return "starting";
  }

  #restart(ref: ContainerRef, last: AttemptView): void {
    const run = runOf(last);
    const delay = restartDelay(run, this.#input.seconds);
    const until = run.finishedAt + this.#input.seconds(delay);
    if (until <= this.#input.now) this.#start.push({ ...ref, backoff: nextBackoff(delay) });
    else this.#waiting.push({ ...ref, until, delay });
  }

  /** Whether a running container may go on. */
  #watch(container: Container, kind: "init" | "app", { record }: AttemptView): void {
    const { name } = container;
    const ref = { name, kind };
    const lasting = kind === "app" || isSidecar(container, kind);
    if (lasting && record.startedAt !== undefined && record.image !== container.image) {
      const message = `Container ${name} definition changed, will be restarted`;
      this.#kill.push({ ...ref, message, replace: true });
      return;
    }
    const verdict = this.#input.unhealthy?.get(name);
    if (!verdict) return;
    const again =
      (container.restartPolicy ?? this.#spec.restartPolicy) === "Never" ? "" : ", will be restarted";
    const message = `Container ${name} failed ${verdict.probe} probe${again}`;
    const { graceSeconds } = verdict;
    this.#kill.push({
      ...ref,
      message,
      replace: false,
      ...(graceSeconds === undefined ? {} : { graceSeconds }),
    });
  }

  #askedForAll(container: Container, kind: "init" | "app", earlier: AttemptView): boolean {
    const before = (earlier.record.round ?? 0) < (this.#input.view.sandbox.firstRound ?? 0);
    if (before || earlier.alive || !earlier.exit) return false;
    return afterExit(this.#spec, container, kind, attemptExitCode(earlier)) === "restart-all";
  }

  #hasSucceeded(container: Container, last: AttemptView | undefined): boolean {
    if (!last || last.alive || attemptExitCode(last) !== 0) return false;
    if ((last.record.round ?? 0) < (this.#input.view.sandbox.firstRound ?? 0)) return false;
    return (container.restartPolicy ?? this.#spec.restartPolicy) === "OnFailure";
  }

  #attempts(name: string): readonly AttemptView[] {
    return this.#input.view.containers.find((each) => each.name === name)?.attempts ?? [];
  }

  /** The latest attempt of this round. */
  #now(name: string): AttemptView | undefined {
    const last = this.#attempts(name).at(-1);
    const round = this.#input.view.sandbox.round ?? 0;
    return last && (last.record.round ?? 0) === round ? last : undefined;
  }
}

/** Without an exit record the attempt counts as one that ended as soon as it began. */
export function runOf({ record, exit }: AttemptView): Run {
  const startedAt = Date.parse(record.startedAt ?? record.createdAt);
  const finishedAt = exit ? Date.parse(exit.finishedAt) : Date.parse(record.error?.at ?? record.createdAt);
  return { startedAt, finishedAt, backoff: record.backoff ?? 0 };
}
