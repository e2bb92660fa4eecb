import { createServer } from "node:net";

/**
 * Below those that the kernel gives out by itself, and for each of the files that run side by side a part of its own: a
 * port that is free now would else be somebody's before it is used.
 */
const FIRST = 20_000;
const PART = 500;
const part = FIRST + (Number(process.env.VITEST_POOL_ID ?? 0) % 24) * PART;
let next = Math.floor(Math.random() * PART);

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
