import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { hasCode } from "../../errors/errno.ts";
import { encodePlan } from "../../plan/wire.ts";
import type { Addon } from "../addon.ts";
import { decodeEvent, EVENT_SIZE } from "../events.ts";
import type { Helper, HelperEvent, HelperSpec, ProcessRef } from "../kernel.ts";
import { startTimeOf } from "../process-ref.ts";

/** Processes through the addon: the helper from its sealed memfd, events and gates over pipes. */
export class NativeProcesses {
  readonly #addon: Addon;
  readonly #helperImage: () => number;
  /** Bytes read from an event pipe that are not yet taken, by descriptor. */
  readonly #pending = new Map<number, Buffer>();
  /** Those that this process has started: it is for us to wait for them. */
  readonly #children = new WeakSet<Helper>();

  constructor(addon: Addon, helperImage: () => number) {
    this.#addon = addon;
    this.#helperImage = helperImage;
  }

  start(spec: HelperSpec): Helper {
    const addon = this.#addon;
    const opened: number[] = [];
    const keep = (fd: number) => {
      opened.push(fd);
      return fd;
    };
    let ours: [number, number] | undefined;
    try {
      const plan = keep(addon.memfd("tspod-plan", encodePlan(spec.ops, { trace: spec.trace ?? false })));
      addon.seal(plan);
      const events = addon.pipe();
      const gate = addon.pipe();
      ours = [events[0], gate[1]];
      keep(events[1]);
      keep(gate[0]);
      const cgroupFd = spec.cgroup === "" ? -1 : keep(openDirectory(spec.cgroup));
      const { pid, pidfd } = addon.spawn({
        exeFd: this.#helperImage(),
        argv: [spec.title],
        env: [],
        flags: spec.flags,
        fds: [...(spec.stdio ?? [-1, -1, -1]), plan, events[1], gate[0], ...spec.fds],
        cgroupFd,
        setsid: true,
      });
      const helper = {
        process: { pid, startTime: startTimeOf(pid) ?? "" },
        pidfd,
        events: ours[0],
        gate: ours[1],
      };
      ours = undefined;
      this.#children.add(helper);
      return helper;
    } finally {
      for (const fd of opened) closeSync(fd);
      for (const fd of ours ?? []) closeSync(fd);
    }
  }

  next(helper: Helper, timeoutMs: number): HelperEvent | "end" | "timeout" {
    if (helper.events === -1) return "end";
    let bytes = this.#pending.get(helper.events) ?? Buffer.alloc(0);
    while (bytes.length < EVENT_SIZE) {
      if (this.#addon.poll([helper.events], timeoutMs).length === 0) return "timeout";
      const more = readSome(helper.events);
      if (more.length === 0) return "end";
      bytes = Buffer.concat([bytes, more]);
    }
    this.#pending.set(helper.events, bytes.subarray(EVENT_SIZE));
    return decodeEvent(bytes.subarray(0, EVENT_SIZE));
  }

  openGate(helper: Helper): void {
    writeSync(helper.gate, "g");
    closeSync(helper.gate);
    helper.gate = -1;
  }

  release(helper: Helper): void {
    this.#pending.delete(helper.events);
    for (const fd of [helper.events, helper.gate]) if (fd !== -1) closeSync(fd);
    if (helper.pidfd !== -1) this.#letGo(helper);
    helper.events = -1;
    helper.gate = -1;
    helper.pidfd = -1;
  }

  /** A daemon has started thousands when it ends: each that nobody waits for would stay a zombie until then. */
  #letGo(helper: Helper): void {
    const { pidfd } = helper;
    if (!this.#children.has(helper) || this.ended(pidfd, 0)) {
      closeSync(pidfd);
      return;
    }
    this.onEnd(pidfd, () => {
      this.ended(pidfd, 0);
      closeSync(pidfd);
    });
  }

  /** Opens the pidfd first and compares the start time after: the pid cannot change hands in between unnoticed. */
  open(process: ProcessRef): number | undefined {
    let pidfd: number;
    try {
      pidfd = this.#addon.pidfdOpen(process.pid);
    } catch (error) {
      // EINVAL, since Linux 6.16 ENOENT: it is being waited for in this moment, or the number is a thread's by now.
      if (hasCode(error, "ESRCH", "EINVAL", "ENOENT")) return undefined;
      throw error;
    }
    if (startTimeOf(process.pid) === process.startTime) return pidfd;
    closeSync(pidfd);
    return undefined;
  }

  signal(pidfd: number, signal: number): void {
    try {
      this.#addon.pidfdSendSignal(pidfd, signal);
    } catch (error) {
      if (!hasCode(error, "ESRCH")) throw error;
    }
  }

  ended(pidfd: number, timeoutMs: number): boolean {
    if (this.#addon.poll([pidfd], timeoutMs).length === 0) return false;
    try {
      // Our own child stays a zombie until it is waited for.
      this.#addon.waitPidfd(pidfd);
    } catch {
      // Somebody else's child: its parent reaps it.
    }
    return true;
  }

  onEnd(pidfd: number, callback: () => void): () => void {
    return this.#addon.watchReadable(pidfd, callback);
  }
}

/** O_RDONLY, as clone3's CLONE_INTO_CGROUP and bpf(2) take it; the caller closes it. */
export function openDirectory(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
}

function readSome(fd: number): Buffer {
  const buffer = Buffer.allocUnsafe(64 * EVENT_SIZE);
  return buffer.subarray(0, readSync(fd, buffer));
}
