import { constants } from "node:os";
import { ReadStream } from "node:tty";
import { loadAddon } from "../kernel/load-addon.ts";
import { leave } from "./leave.ts";

/** The size of a terminal in characters. */
export interface WindowSize {
  rows: number;
  columns: number;
}

export interface TerminalSession {
  /** Master of the container's terminal; closed when the session ends. */
  console: number;
  setSize(size: WindowSize): void;
  /** Resolves when the command has ended. */
  exited: Promise<unknown>;
}

/** The size of our terminal, or the usual one where there is none. */
export function windowSize(): WindowSize {
  const { rows, columns } = process.stdout;
  return { rows: rows ?? 24, columns: columns ?? 80 };
}

/** How long the terminal is still read when the command has ended but something it left behind has it open. */
const LINGER_MS = 100;

/**
 * Joins our terminal and the container's until the command ends: bytes are copied, never the terminal handed over
 * (a container could push input into it with TIOCSTI, or read it for ever). Ours is raw meanwhile, so that Ctrl-C is
 * a byte for the container, and is put back on every way out.
 */
export async function joinTerminals(session: TerminalSession): Promise<void> {
  const { stdin, stdout } = process;
  const remote = new ReadStream(session.console);
  const restore = rawMode();
  const resize = () => session.setSize(windowSize());
  const closed = new Promise<void>((resolve) => {
    // The last slave's close shows as EIO at the master.
    remote.on("error", () => resolve());
    remote.on("close", () => resolve());
    remote.on("end", () => resolve());
  });
  const toRemote = (chunk: Buffer) => void remote.write(chunk);
  stdout.on("resize", resize);
  stdin.on("data", toRemote);
  remote.pipe(stdout, { end: false });
  resize();
  try {
    await session.exited;
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, LINGER_MS).unref())]);
  } finally {
    stdout.off("resize", resize);
    stdin.off("data", toRemote);
    stdin.pause();
    remote.destroy();
    restore();
  }
}

/**
 * Returns what puts the terminal back; a signal that ends us puts it back too. Not Node's own raw mode: that one goes
 * on turning newlines into carriage return and newline, which the container's terminal has done already.
 */
export function rawMode(): () => void {
  if (!process.stdin.isTTY) return () => {};
  const addon = loadAddon();
  const saved = addon.rawMode(0);
  const restore = () => {
    try {
      addon.restoreMode(0, saved);
    } catch {
      // The window was closed: there is no terminal any more.
    }
  };
  const listeners = (["SIGTERM", "SIGHUP"] as const).map((signal) => {
    const end = () => {
      restore();
      leave(128 + constants.signals[signal]);
    };
    process.on(signal, end);
    return () => process.off(signal, end);
  });
  process.on("exit", restore);
  return () => {
    restore();
    process.off("exit", restore);
    for (const remove of listeners) remove();
  };
}
