import type { Container, PodSpec } from "../../manifest/index.ts";
import { attemptExitCode } from "../outcome.ts";
import type { AttemptView } from "../view.ts";
import { initAgain, initAgainAsked } from "./init-again.ts";
import type { ContainerRef, Kill, Next, NextInput, Start, Waiting } from "./next.ts";
import { isStarted } from "./readiness.ts";
import { afterExit, isSidecar, neverBegan } from "./restart-policy.ts";
import { nextStart, runningKill } from "./turns.ts";

/** What one container that has its turn needs. */
type Look =
  | { is: "running"; kill?: Kill }
  | { is: "start"; start: Start }
  | { is: "waiting"; waiting: Waiting }
  | { is: "ended" }
  | { is: "restart-all" };

/** One pod with a sandbox under the rules. */
export class PodActions {
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
    const apps = this.#spec.containers.map((container) => this.#look(container, "app"));
    // Told before the init containers are looked at: sidecars that wait keep no pod whose containers are done.
    if (apps.every(({ is }) => is === "ended")) return { kind: "over" };
    const init = this.#init();
    if (this.#restartAll !== undefined) return { kind: "restart-all", name: this.#restartAll };
    if (init === "failed") return { kind: "over" };
    // One that is held back still is, whatever else it waits for: its status says so.
    for (const look of apps) if (init === "done" || look.is === "waiting") this.#take(look);
    const again = initAgain(this.#input.view);
    if (again?.is === "next") this.#start.push({ name: again.name, kind: "init", backoff: 0 });
    return { kind: "go", start: this.#start, kill: this.#kill, waiting: this.#waiting };
  }

  /**
   * Under `Never` a pod of which anything has run, if only an init container, is over with its sandbox; so is one whose
   * containers have all succeeded.
   */
  worthNewSandbox(): boolean {
    const first = this.#input.view.sandbox.firstRound ?? 0;
    const hasRun = ({ record }: AttemptView) =>
      (record.round ?? 0) >= first && record.error?.reason !== "CreateContainerError";
    const untouched = this.#input.view.containers.every(({ attempts }) => !attempts.some(hasRun));
    if (this.#spec.restartPolicy === "Never") return untouched;
    return this.#spec.containers.some(
      (container) => !this.#hasSucceeded(container, this.#attempts(container.name).at(-1)),
    );
  }

  /**
   * Starts what of the init containers has its turn. How far they are is told by the last that has been started: what
   * came before it has had its turn, and of that only sidecars are kept running. As long as an app container runs they
   * are done, whatever has become of them.
   */
  #init(): "done" | "running" | "failed" {
    const all = this.#spec.initContainers ?? [];
    const active = this.#spec.containers.some(({ name }) => this.#now(name)?.alive);
    const reached = active ? all.length : all.findLastIndex(({ name }) => this.#now(name) !== undefined);
    // What is run again by `restart --init` has been done before: the pod's life does not depend on it.
    const doneBefore = initAgainAsked(this.#input.view.sandbox) !== undefined;
    for (const [index, container] of all.entries()) {
      const last = this.#now(container.name);
      if (isSidecar(container, "init")) {
        this.#take(this.#look(container, "init"));
        const passed = index < reached || (last !== undefined && isStarted(container, last));
        if (!passed) return "running";
        continue;
      }
      if (index < reached || doneBefore) continue;
      if (last && !last.alive && attemptExitCode(last) === 0) continue;
      const look = this.#look(container, "init");
      this.#take(look);
      return look.is === "ended" ? "failed" : "running";
    }
    return "done";
  }

  #take(look: Look): void {
    if (look.is === "start") this.#start.push(look.start);
    else if (look.is === "waiting") this.#waiting.push(look.waiting);
    else if (look.is === "running" && look.kill) this.#kill.push(look.kill);
  }

  #look(container: Container, kind: "init" | "app"): Look {
    const ref = { name: container.name, kind };
    const last = this.#now(container.name);
    if (!last) return this.#first(container, ref);
    if (last.alive) {
      const kill = runningKill(this.#spec, container, { ...ref, last, unhealthy: this.#input.unhealthy });
      return { is: "running", ...(kill ? { kill } : {}) };
    }
    if (last.record.replaced) {
      // A container of its own, whose past does not count.
      return { is: "start", start: { ...ref, backoff: 0 } };
    }
    if (neverBegan(last)) return { is: "start", start: { ...ref, backoff: last.record.backoff ?? 0 } };
    const after = afterExit(this.#spec, container, kind, attemptExitCode(last));
    if (after === "restart-all") {
      this.#restartAll ??= container.name;
      return { is: "restart-all" };
    }
    return after === "restart" ? this.#again(container, ref, last) : { is: "ended" };
  }

  /** Its first start in this round. */
  #first(container: Container, ref: ContainerRef): Look {
    const { firstRound = 0, sandboxRound = 0 } = this.#input.view.sandbox;
    const earlier = this.#attempts(container.name).at(-1);
    const round = earlier?.record.round ?? 0;
    // Somebody has started the pod again since.
    if (!earlier || round < firstRound) return { is: "start", start: { ...ref, backoff: 0 } };
    if (ref.kind === "app" && this.#hasSucceeded(container, earlier)) return { is: "ended" };
    // A sandbox that is lost takes the containers along, not their back-off; nor does a container's own end, that
    // began the round, if it ends again and again.
    if (round < sandboxRound || this.#askedForAll(container, ref.kind, earlier))
      return this.#again(container, ref, earlier);
    return { is: "start", start: { ...ref, backoff: earlier.record.backoff ?? 0 } };
  }

  #again(container: Container, ref: ContainerRef, last: AttemptView): Look {
    const attempts = this.#attempts(container.name);
    const { now, seconds } = this.#input;
    const found = nextStart(ref, { container, last, before: attempts.at(-2), now, seconds });
    return "until" in found ? { is: "waiting", waiting: found } : { is: "start", start: found };
  }

  #askedForAll(container: Container, kind: "init" | "app", earlier: AttemptView): boolean {
    if (earlier.alive || !earlier.exit) return false;
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
