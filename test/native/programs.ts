import { closeSync, readSync } from "node:fs";
import { addon, busybox, open, own } from "./harness.ts";

/** A program outside of any container, by its descriptor. */
export function spawn(argv: string[], more: Partial<Parameters<typeof addon.spawn>[0]> = {}) {
  const child = addon.spawn({
    exeFd: open(busybox),
    argv,
    env: ["PATH=/bin"],
    flags: 0,
    fds: [-1, -1, -1],
    cgroupFd: -1,
    setsid: false,
    ...more,
  });
  own(child.pidfd);
  return child;
}

/** What it writes to standard output and error, to its end. */
export function outputOf(argv: string[], more: Partial<Parameters<typeof addon.spawn>[0]> = {}): string {
  const [out, theirs] = addon.pipe();
  const child = spawn(argv, { ...more, fds: [-1, theirs, theirs, ...(more.fds ?? [])] });
  closeSync(theirs);
  own(out);
  let text = "";
  const buffer = Buffer.alloc(65536);
  for (let size = readSync(out, buffer); size > 0; size = readSync(out, buffer))
    text += buffer.toString("utf8", 0, size);
  addon.poll([child.pidfd], 10_000);
  addon.waitPidfd(child.pidfd);
  return text;
}

/** The error of a call that must fail. */
export function failure(call: () => unknown): NodeJS.ErrnoException & { index?: number } {
  try {
    call();
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  throw new Error("it worked");
}
