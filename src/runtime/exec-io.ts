import { fchownSync } from "node:fs";
import type { Kernel } from "../kernel/kernel.ts";
import { loadAddon } from "../kernel/load-addon.ts";

/** Master of the command's terminal; or our ends of its pipes (stdin -1: empty). Descriptors the caller closes. */
export type ExecStreams = { console: number } | { stdin: number; stdout: number; stderr: number };

/**
 * The two sides of a command's standard streams: pipes of our own making, a socket that its terminal comes over, or
 * (`sink`) a device of the container's that takes what nobody reads.
 */
export class ExecIo {
  readonly #kernel: Kernel;
  /** What the helper is given as 0, 1 and 2; -1 is replaced inside the container. */
  readonly stdio: [number, number, number] = [-1, -1, -1];
  /** Their end of the socket for the terminal's master, or -1. */
  consoleSocket = -1;
  #socket = -1;
  #ours: { stdin: number; stdout: number; stderr: number } | undefined;

  constructor(
    kernel: Kernel,
    wanted: { tty: boolean; stdin: boolean; user: { uid: number; gid: number }; sink?: number },
  ) {
    this.#kernel = kernel;
    const addon = loadAddon();
    if (wanted.sink !== undefined) {
      this.#ours = { stdin: -1, stdout: -1, stderr: -1 };
      this.stdio = [wanted.sink, wanted.sink, wanted.sink];
      return;
    }
    if (wanted.tty) {
      [this.#socket, this.consoleSocket] = addon.socketpair();
      return;
    }
    const [stdoutRead, stdoutWrite] = addon.pipe();
    const [stderrRead, stderrWrite] = addon.pipe();
    const [stdinRead, stdinWrite] = wanted.stdin ? addon.pipe() : [-1, -1];
    this.stdio = [stdinRead, stdoutWrite, stderrWrite];
    this.#ours = { stdin: stdinWrite, stdout: stdoutRead, stderr: stderrRead };
    // So that the command can open /dev/stdout again, whoever it runs as.
    for (const fd of this.stdio) if (fd !== -1) fchownSync(fd, wanted.user.uid, wanted.user.gid);
  }

  /** The helper has its own copies now. */
  closeTheirs(): void {
    for (const fd of new Set([...this.stdio, this.consoleSocket])) if (fd !== -1) this.#kernel.close(fd);
    this.stdio.fill(-1);
    this.consoleSocket = -1;
  }

  /** Our ends, once the command runs; they are the caller's then. */
  take(): ExecStreams {
    const ours = this.#ours;
    this.#ours = undefined;
    if (ours) return ours;
    const [master = -1] = loadAddon().recvFds(this.#socket, 5000);
    this.#kernel.close(this.#socket);
    this.#socket = -1;
    return { console: master };
  }

  /** Closes what nobody has taken. */
  close(): void {
    this.closeTheirs();
    const ours = this.#ours ?? { stdin: -1, stdout: -1, stderr: -1 };
    for (const fd of [this.#socket, ours.stdin, ours.stdout, ours.stderr])
      if (fd !== -1) this.#kernel.close(fd);
    this.#socket = -1;
    this.#ours = undefined;
  }
}
