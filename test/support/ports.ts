import { createServer } from "node:net";

/**
 * Below those that the kernel gives out by itself, and for each process of any test run a part of its own: a port that is
 * free now would else be somebody's before it is used.
 */
const FIRST = 20_000;
const PART = 500;
const PARTS = 24;
const part = await takePart();
let next = Math.floor(Math.random() * PART);

/** A part is whose the abstract socket of its number is, which goes with the process. */
async function takePart(): Promise<number> {
  const first = Number(process.env.VITEST_POOL_ID ?? 0);
  for (let tried = 0; tried < PARTS; tried++) {
    const number = (first + tried) % PARTS;
    const mark = createServer().unref();
    const isOurs = await new Promise<boolean>((resolve) =>
      mark.once("error", () => resolve(false)).listen(`\0test-ports-${number}`, () => resolve(true)),
    );
    if (isOurs) return FIRST + number * PART;
  }
  throw new Error(`${PARTS} processes have all ports that tests may use`);
}

/** A TCP port that nobody listens on, the wanted one if it is free. */
export async function freePort(wanted?: number): Promise<number> {
  for (let port = wanted ?? following(); ; port = following()) if (await isFree(port)) return port;
}

function following(): number {
  next = (next + 1) % PART;
  return part + next;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isTaken = await new Promise<boolean>((resolve) =>
    server.once("error", () => resolve(true)).listen(port, "0.0.0.0", () => resolve(false)),
  );
  if (!isTaken) await new Promise((resolve) => server.close(resolve));
  return !isTaken;
}
