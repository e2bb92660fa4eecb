import { Socket } from "node:net";

export interface PipeSession {
  /** Write end of the command's standard input; -1 when it reads /dev/null. */
  stdin: number;
  /** Read ends. */
  stdout: number;
  stderr: number;
  exited: Promise<unknown>;
}

/**
 * How long a pipe may stay silent after the command has ended before we stop reading: a process it left may hold it
 * open.
 */
const SILENCE_MS = 100;

/** Copies between our standard streams and the command's until it has ended and its output has been read. */
export async function joinPipes(session: PipeSession): Promise<void> {
  const outputs = [
    { socket: reader(session.stdout), target: process.stdout },
    { socket: reader(session.stderr), target: process.stderr },
  ];
  let heard = Date.now();
  for (const { socket, target } of outputs) {
    socket.on("data", () => {
      heard = Date.now();
    });
    socket.pipe(target, { end: false });
  }
  const over = Promise.all(
    outputs.map(({ socket }) => new Promise<void>((resolve) => socket.on("close", () => resolve()))),
  );
  const input = session.stdin === -1 ? undefined : writer(session.stdin);
  if (input) process.stdin.pipe(input);
  await session.exited;
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<void>((resolve) => {
    timer = setInterval(() => {
      if (Date.now() - heard > SILENCE_MS && outputs.every(({ target }) => !target.writableNeedDrain))
        resolve();
    }, SILENCE_MS / 4);
  });
  heard = Date.now();
  await Promise.race([over, silence]);
  clearInterval(timer);
  if (input) {
    process.stdin.unpipe(input);
    process.stdin.pause();
    input.destroy();
  }
  for (const { socket } of outputs) socket.destroy();
}

function reader(fd: number): Socket {
  return new Socket({ fd, readable: true, writable: false });
}

function writer(fd: number): Socket {
  const socket = new Socket({ fd, readable: false, writable: true });
  // The command does not read its input to the end: no matter.
  socket.on("error", () => {});
  return socket;
}
