import { closeSync, constants, existsSync, openSync, writeSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { codeOf, hasCode } from "../errors/errno.ts";
import { TspodError } from "../errors/tspod-error.ts";
import { ATTACH_SOCKET, TERMINAL_SIZES } from "../plan/container.ts";
import type { Host } from "../runtime/host.ts";
import { attemptPaths, podPaths } from "../state/paths.ts";
import { lastAttempt } from "./last-attempt.ts";
import type { PodView } from "./view.ts";

/** A connection to a container's monitor (native/helper/attach.c). */
export interface Attachment {
  /** Takes input; its end is the end of ours. */
  socket: Socket;
  /** Tells the container's terminal its size; nothing happens where there is none. */
  setSize(size: { rows: number; columns: number }): void;
  close(): void;
}

/** The folder of the attempt that runs; undefined when none does. */
function folderOf(host: Host, view: PodView, container: string): string | undefined {
  const last = lastAttempt(view, container);
  if (!last?.alive) return undefined;
  return attemptPaths(podPaths(host.paths, view.record), container, last.record.attempt).run;
}

/** Whether the container was given an input or a terminal, so that somebody can be attached to it. */
export function isAttachable(host: Host, view: PodView, container: string): boolean {
  const folder = folderOf(host, view, container);
  return folder !== undefined && existsSync(join(folder, ATTACH_SOCKET));
}

/**
 * CRI Attach: to what the container writes from now on, and with `stdin` to its input. @throws TspodError TS5301 when it
 * does not run, TS5302 when its monitor does not answer
 */
export async function attachTo(
  host: Host,
  view: PodView,
  { container, stdin }: { container: string; stdin: boolean },
): Promise<Attachment> {
  const path = folderOf(host, view, container);
  if (path === undefined) throw notRunning(view, container);
  const folder = openIfThere(path, constants.O_RDONLY | constants.O_DIRECTORY);
  if (folder === undefined) throw notRunning(view, container);
  try {
    // The folder's own path may be longer than the address of a socket can be.
    const socket = await connected(`/proc/self/fd/${folder}/${ATTACH_SOCKET}`, container);
    // A monitor that ends in this moment: whoever uses the socket sees it closed.
    socket.on("error", () => {});
    socket.write(stdin ? "i" : "o");
    const size = openIfThere(
      `/proc/self/fd/${folder}/${TERMINAL_SIZES}`,
      constants.O_WRONLY | constants.O_NONBLOCK,
    );
    return {
      socket,
      setSize: (now) => size !== undefined && writeSize(size, now),
      close: () => {
        socket.destroy();
        if (size !== undefined) closeSync(size);
      },
    };
  } finally {
    closeSync(folder);
  }
}

/** Undefined when it has gone, or (ENXIO) the monitor that read it: the container has ended meanwhile. */
function openIfThere(path: string, flags: number): number | undefined {
  try {
    return openSync(path, flags);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENXIO")) return undefined;
    throw error;
  }
}

function writeSize(fifo: number, { rows, columns }: { rows: number; columns: number }): void {
  const record = Buffer.alloc(4);
  record.writeUInt16LE(rows, 0);
  record.writeUInt16LE(columns, 2);
  try {
    writeSync(fifo, record);
  } catch (error) {
    // The container has ended in this moment, and nobody reads.
    if (!hasCode(error, "EPIPE")) throw error;
  }
}

function connected(path: string, container: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true });
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", (cause) =>
      reject(
        new TspodError({
          code: "TS5302",
          message: `container ${container} cannot be attached to: its monitor does not answer (${codeOf(cause)})`,
          cause,
        }),
      ),
    );
  });
}

/** Takes what comes over the socket apart: the stream it is of, and the bytes. */
export class OutputReader {
  #rest: Buffer = Buffer.alloc(0);
  readonly #take: (stream: 1 | 2, bytes: Buffer) => void;

  constructor(take: (stream: 1 | 2, bytes: Buffer) => void) {
    this.#take = take;
  }

  push(chunk: Buffer): void {
    let rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    while (rest.length >= HEADER) {
      const end = HEADER + rest.readUInt16LE(2);
      if (rest.length < end) break;
      this.#take(rest[0] === 2 ? 2 : 1, rest.subarray(HEADER, end));
      rest = rest.subarray(end);
    }
    this.#rest = Buffer.from(rest);
  }
}

const HEADER = 4;

function notRunning(view: PodView, container: string): TspodError {
  return new TspodError({
    code: "TS5301",
    message: `container ${JSON.stringify(container)} of pod ${view.record.name} is not running`,
    hint: `\`tspod describe ${view.record.name}\` says why`,
  });
}
