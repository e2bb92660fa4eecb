import { closeSync, constants, mkdirSync, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { imageError } from "./errors.ts";
import type { StoreContext } from "./store.ts";

const PATIENCE_MS = 10_000;
const POLL_MS = 50;

/** What this process holds. A command that collects has no use any more for what it readied before. */
const held = new Set<() => void>();

/**
 * Keeps what is in the store from being collected: while an image comes in, and from its being ready until a container's
 * record names it. The kernel lets go when the process ends, however it does.
 */
export async function hold(context: StoreContext): Promise<() => void> {
  const fd = openLayers(context);
  await acquire(context, fd, "shared");
  let open = true;
  const release = () => {
    if (open) closeSync(fd);
    open = false;
    held.delete(release);
  };
  held.add(release);
  return release;
}

/** Runs `work` while nothing is held. Throws TS6032 when that does not happen in time (ms). */
export async function whileNothingIsHeld<T>(
  context: StoreContext,
  work: () => Promise<T>,
  patience = PATIENCE_MS,
): Promise<T> {
  for (const release of held) release();
  const fd = openLayers(context);
  try {
    await acquire(context, fd, "exclusive", patience);
    return await work();
  } finally {
    closeSync(fd);
  }
}

function openLayers({ paths }: StoreContext): number {
  mkdirSync(paths.layers, { recursive: true, mode: 0o700 });
  return openSync(paths.layers, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

async function acquire(
  { addon }: StoreContext,
  fd: number,
  mode: "shared" | "exclusive",
  patience = PATIENCE_MS,
): Promise<void> {
  const until = Date.now() + patience;
  while (addon !== undefined && !addon.flock(fd, mode, true)) {
    if (mode === "exclusive" && Date.now() > until)
      throw imageError("inUse", "another command is pulling an image or starting a pod", {
        hint: "try again when it has ended",
      });
    await sleep(POLL_MS);
  }
}
