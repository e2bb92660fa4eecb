import type { ProcessRef } from "../../kernel/kernel.ts";
import { isAlive } from "../../kernel/process-ref.ts";
import type { Host } from "../../runtime/host.ts";
import type { PodView } from "../view.ts";

/** Calls back when a process of the pod ends: its holder, a monitor, or a container that has lost its monitor. */
export class ProcessWatch {
  readonly #host: Host;
  readonly #changed: () => void;
  readonly #watched = new Map<string, () => void>();

  constructor(host: Host, changed: () => void) {
    this.#host = host;
    this.#changed = changed;
  }

  /** Looks after everything that lives in the pod now. */
  update({ sandbox, infraAlive, containers }: PodView): void {
    if (sandbox.infra && infraAlive) this.#watch(sandbox.infra);
    for (const { attempts } of containers) {
      for (const { record, alive } of attempts) {
        if (!alive) continue;
        const monitored = record.monitor !== undefined && isAlive(record.monitor);
        if (monitored && record.monitor) this.#watch(record.monitor);
        else {
          // A monitor takes its container with it, unless that has given up PDEATHSIG (a setuid program does): what
          // nobody records the end of is ended.
          this.#host.kernel.cgroupKill(record.cgroup);
          if (record.process) this.#watch(record.process);
        }
      }
    }
  }

  close(): void {
    for (const stop of this.#watched.values()) stop();
    this.#watched.clear();
  }

  #watch(process: ProcessRef): void {
    const key = `${process.pid}/${process.startTime}`;
    if (this.#watched.has(key)) return;
    const { kernel } = this.#host;
    const pidfd = kernel.openProcess(process);
    if (pidfd === undefined) {
      // It has ended since it was looked at: nobody would tell.
      this.#changed();
      return;
    }
    const stop = () => {
      cancel();
      this.#watched.delete(key);
      kernel.close(pidfd);
    };
    const cancel = kernel.onEnd(pidfd, () => {
      // Our own child stays a zombie until it is waited for.
      kernel.ended(pidfd, 0);
      stop();
      this.#changed();
    });
    this.#watched.set(key, stop);
  }
}
