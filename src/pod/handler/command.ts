import { existsSync } from "node:fs";
import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type ExecProcess, startExecAside } from "../../runtime/exec.ts";
import type { Host } from "../../runtime/host.ts";
import { attemptPaths, podPaths } from "../../state/paths.ts";
import type { ContainerRecord } from "../../state/record.ts";
import { Aborted, type Cut, onCut } from "./deadline.ts";
import type { HandlerTarget, Limits } from "./target.ts";

/** Bytes kept of each of a command's two streams; the kubelet keeps as much of both together. */
export const OUTPUT_LIMIT = 10 * 1024;

/** How long the output of a command that has ended may still be on its way, ms: a process it left may hold the pipe open. */
const SILENCE_MS = 50;

/** How long a killed command may take to be gone before we go on without, ms. */
const KILL_PATIENCE_MS = 2000;

export interface CommandEnd {
  /** 128 + signal for a command that was killed. */
  code: number;
  stdout: string;
  stderr: string;
}

/** A command that was killed because its time was up. */
export class CommandTimedOut extends Error {
  constructor(argv: readonly string[], timeoutMs: number) {
    super(`command timed out: ${JSON.stringify(argv.join(" "))} timed out after ${timeoutMs / 1000}s`);
  }
}

/**
 * Runs a command in a running container to its end. One that is cut short is killed with every process it has made,
 * daemons included: it runs in a cgroup of its own below the container's.
 *
 * @throws CommandTimedOut, Aborted; TspodError when it could not be started
 */
export async function runCommand(
  target: HandlerTarget,
  argv: readonly string[],
  limits: Limits = {},
): Promise<CommandEnd> {
  const { host, attempt } = target;
  if (limits.signal?.aborted) throw new Aborted();
  const cgroup = ownCgroup(host, attempt.cgroup);
  const request = {
    container: inCgroup(attempt, cgroup),
    paths: attemptPaths(podPaths(host.paths, target.pod), attempt.name, attempt.attempt),
    argv: [...argv],
    stdin: false,
  };
  const given = new AbortController();
  let cut: Cut | undefined;
  const clock = onCut(limits, (why) => {
    cut = why;
    given.abort();
  });
  let exited: Promise<unknown> = Promise.resolve();
  try {
    const started = await startExecAside(host, request, given.signal);
    exited = started.exited;
    return await followed(started, given.signal);
  } catch (error) {
    if (cut === undefined) throw error;
    await killAll(host, cgroup, exited);
    throw cut === "timeout" ? new CommandTimedOut(argv, limits.timeoutMs ?? 0) : new Aborted();
  } finally {
    clock.clear();
    discard(host, cgroup);
  }
}

/** The command's end and what it has said. @throws when the signal comes first */
async function followed({ io, exited }: ExecProcess, given: AbortSignal): Promise<CommandEnd> {
  if ("console" in io) throw new Error("a handler's command has no terminal");
  const outputs = [new Output(io.stdout), new Output(io.stderr)] as const;
  try {
    const end = await Promise.race([exited, aborted(given)]);
    await Promise.race([Promise.all(outputs.map((output) => output.closed)), silence(outputs)]);
    const code = end.signal > 0 ? 128 + end.signal : end.code;
    return { code, stdout: outputs[0].text(), stderr: outputs[1].text() };
  } finally {
    for (const output of outputs) output.destroy();
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(new Aborted());
    signal.addEventListener("abort", () => reject(new Aborted()), { once: true });
  });
}

/** Again and again: kernels before 5.14 kill by pid, and miss what is forked meanwhile. */
async function killAll(host: Host, cgroup: string, exited: Promise<unknown>): Promise<void> {
  const end = performance.now() + KILL_PATIENCE_MS;
  const gone = exited.then(() => true);
  while (performance.now() < end) {
    host.kernel.cgroupKill(cgroup);
    const ended = await Promise.race([gone, sleep(10, false)]);
    host.kernel.cgroupRemoveIfEmpty(cgroup);
    if (ended && !existsSync(cgroup)) return;
    if (ended) await sleep(5);
  }
}

let commands = 0;

/** Folders whose command has ended and left a process that lives on, as a kubelet's commands may. */
const occupied = new Set<string>();

function ownCgroup(host: Host, parent: string): string {
  for (const path of occupied) if (path.startsWith(`${parent}/`)) discard(host, path);
  commands += 1;
  const path = `${parent}/tspod-exec-${process.pid}-${commands}-${Date.now().toString(36)}`;
  host.kernel.cgroupCreate(path, false);
  return path;
}

function discard(host: Host, path: string): void {
  host.kernel.cgroupRemoveIfEmpty(path);
  if (existsSync(path)) occupied.add(path);
  else occupied.delete(path);
}

/** The container as `exec` is to see it: its limits are those above, its processes are tracked apart. */
function inCgroup(attempt: ContainerRecord, cgroup: string): ContainerRecord {
  const cgroups = attempt.cgroups.map((path) => (path === attempt.cgroup ? cgroup : path));
  return { ...attempt, cgroup, cgroups };
}

/** What one stream of a command says: the beginning is kept, the rest read and thrown away, so that nobody blocks. */
class Output {
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

async function silence(outputs: readonly Output[]): Promise<void> {
  const from = performance.now();
  for (;;) {
    await sleep(SILENCE_MS / 2);
    const last = Math.max(from, ...outputs.map(({ heard }) => heard));
    if (performance.now() - last > SILENCE_MS || performance.now() - from > 10 * SILENCE_MS) return;
  }
}
