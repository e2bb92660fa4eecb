import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Bytes kept of each of a command's two streams; the kubelet keeps as much of both together. */
export const OUTPUT_LIMIT = 10 * 1024;

/** How long the output of a command that has ended may still be on its way, ms: a process it left may hold the pipe open. */
const SILENCE_MS = 50;

/** What one stream of a command says: the beginning is kept, the rest read and thrown away, so that nobody blocks. */
export class Output {
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  #length = 0;
  /** When something was last heard (performance.now). */
  heard = performance.now();
  readonly closed: Promise<void>;

  constructor(fd: number) {
    this.#socket = new Socket({ fd, readable: true, writable: false });
    this.#socket.on("data", (chunk: Buffer) => {
      this.heard = performance.now();
      if (this.#length >= OUTPUT_LIMIT) return;
      this.#chunks.push(chunk.subarray(0, OUTPUT_LIMIT - this.#length));
      this.#length += chunk.length;
    });
    this.#socket.on("error", () => {});
    this.closed = new Promise((resolve) => this.#socket.on("close", () => resolve()));
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** Resolves when nothing more comes. */
export async function silence(outputs: readonly Output[]): Promise<void> {
  const from = performance.now();
  for (;;) {
    await sleep(SILENCE_MS / 2);
    const last = Math.max(from, ...outputs.map(({ heard }) => heard));
    if (performance.now() - last > SILENCE_MS || performance.now() - from > 10 * SILENCE_MS) return;
  }
}
