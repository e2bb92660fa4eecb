import type { Kernel } from "../kernel/kernel.ts";
import type { HostOp } from "../plan/host-op.ts";

/**
 * The undo of every host-side step, one JSON line each, written before the step acts. Removing a pod is
 * reading this file from its end; so is cleaning up after a command that was killed.
 */
export class Journal {
  readonly #kernel: Kernel;
  readonly #path: string;

  constructor(kernel: Kernel, path: string) {
    this.#kernel = kernel;
    this.#path = path;
  }

  record(undo: readonly HostOp[]): void {
    if (undo.length === 0) return;
    this.#kernel.appendFile(this.#path, `${undo.map((op) => JSON.stringify(op)).join("\n")}\n`);
  }

  /** Leaves out what has been undone for good: the journal of a pod that restarts for months stays short. */
  forget(isOver: (op: HostOp) => boolean): void {
    const left = this.undo().reverse();
    const kept = left.filter((op) => !isOver(op));
    if (kept.length === left.length) return;
    this.#kernel.replaceFile(this.#path, kept.map((op) => `${JSON.stringify(op)}\n`).join(""), 0o600);
  }

  /**
   * The undo ops in the order to carry them out. A torn last line (the writer was killed) never acted: it is passed
   * over.
   */
  undo(): HostOp[] {
    const text = this.#kernel.readFile(this.#path) ?? "";
    const ops: HostOp[] = [];
    for (const line of text.split("\n")) {
      if (line === "") continue;
      try {
        ops.push(JSON.parse(line) as HostOp);
      } catch {
        break;
      }
    }
    return ops.reverse();
  }
}
