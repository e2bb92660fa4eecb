import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import {
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWUTS,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
} from "../../src/kernel/constants.ts";
import { decodeEvent, EVENT_SIZE } from "../../src/kernel/events.ts";
import { helperImage } from "../../src/kernel/helper-image.ts";
import type { HelperEvent } from "../../src/kernel/kernel.ts";
import { loadAddon } from "../../src/kernel/load-addon.ts";
import type { ContainerOp } from "../../src/plan/container-op.ts";
import { encodePlan } from "../../src/plan/wire.ts";

export const addon = loadAddon();
export const busybox = "/bin/busybox";
/** How long is waited for what is to come: only what hangs meets it. */
export const PATIENCE_MS = 120_000;

export { testProgram } from "../support/test-program.ts";

export interface Running {
  pid: number;
  pidfd: number;
  events: number;
  gate: number;
  ops: readonly ContainerOp[];
}

const running: Running[] = [];
const folders: string[] = [];
const fds: number[] = [];

/** A descriptor that the test closes by ending. */
export function open(path: string, flags = "r"): number {
  const fd = openSync(path, flags);
  fds.push(fd);
  return fd;
}

/** The same for a descriptor already open. */
export function own(fd: number): number {
  fds.push(fd);
  return fd;
}

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "tspod-native-"));
  folders.push(path);
  return path;
}

/** The host's mounts, but for those that other tests and tspods, which run at the same time, make in their own folders. */
export function hostMounts(): string[] {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").trimEnd().split("\n");
  const point = (line: string) => line.split(" ")[4] ?? "";
  return lines.filter(
    (line) => !point(line).startsWith(`${tmpdir()}/`) || folders.some((own) => point(line).startsWith(own)),
  );
}

/** Kills what a test started, by pidfd, and removes what it made. */
afterEach(() => {
  for (const helper of running.splice(0)) {
    try {
      addon.pidfdSendSignal(helper.pidfd, 9);
    } catch {
      // It has ended: what the test wanted.
    }
    addon.poll([helper.pidfd], PATIENCE_MS);
    try {
      addon.waitPidfd(helper.pidfd);
    } catch {
      // Waited for by the test.
    }
    for (const fd of [helper.pidfd, helper.events, helper.gate]) if (fd >= 0) closeSync(fd);
  }
  for (const fd of fds.splice(0)) closeSync(fd);
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

export interface StartSpec {
  ops: readonly ContainerOp[];
  title?: string;
  flags?: number;
  stdio?: [number, number, number];
  fds?: number[];
  trace?: boolean;
  cgroupFd?: number;
}

export function start(spec: StartSpec): Running {
  const plan = addon.memfd("plan", encodePlan(spec.ops, { trace: spec.trace ?? false }));
  addon.seal(plan);
  const events = addon.pipe();
  const gate = addon.pipe();
  try {
    const { pid, pidfd } = addon.spawn({
      exeFd: helperImage(),
      argv: [spec.title ?? "tspod-monitor"],
      env: [],
      flags: spec.flags ?? 0,
      fds: [...(spec.stdio ?? [-1, -1, -1]), plan, events[1], gate[0], ...(spec.fds ?? [])],
      cgroupFd: spec.cgroupFd ?? -1,
      setsid: true,
    });
    const helper = { pid, pidfd, events: events[0], gate: gate[1], ops: spec.ops };
    running.push(helper);
    return helper;
  } finally {
    for (const fd of [plan, events[1], gate[0]]) closeSync(fd);
  }
}

export function nextEvent(helper: Running, timeoutMs = PATIENCE_MS): HelperEvent | "end" {
  const bytes = Buffer.alloc(EVENT_SIZE);
  if (addon.poll([helper.events], timeoutMs).length === 0) throw new Error("the helper said nothing");
  return readSync(helper.events, bytes) === 0 ? "end" : decodeEvent(bytes);
}

/** Every event up to the first of `kinds`, or to the end. */
export function eventsUntil(helper: Running, ...kinds: (HelperEvent["kind"] | "end")[]): HelperEvent[] {
  const seen: HelperEvent[] = [];
  for (;;) {
    const event = nextEvent(helper);
    if (event === "end") return seen;
    seen.push(event);
    if (kinds.includes(event.kind)) return seen;
  }
}

/** Waits for a kind; a FAIL on the way is the test's failure. */
export function expectEvent<K extends HelperEvent["kind"]>(
  helper: Running,
  kind: K,
): Extract<HelperEvent, { kind: K }> {
  const last = eventsUntil(helper, kind, "fail").at(-1);
  if (last?.kind !== kind) throw new Error(`${kind} expected, got ${describe(last, helper)}`);
  return last as Extract<HelperEvent, { kind: K }>;
}

/** Waits until execve has worked. */
export function untilExecuted(helper: Running): HelperEvent[] {
  const seen = eventsUntil(helper, "end");
  const fail = seen.find(({ kind }) => kind === "fail");
  if (fail || !seen.some(({ kind }) => kind === "exec"))
    throw new Error(`not executed: ${describe(fail, helper)}`);
  return seen;
}

/** A measured value, for whoever reads the test's output. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

function describe(event: HelperEvent | undefined, helper: Running): string {
  if (event?.kind !== "fail") return JSON.stringify(event, (_, v) => (typeof v === "bigint" ? Number(v) : v));
  return `${event.errno} from ${event.syscall} in step ${event.step}, ${JSON.stringify(helper.ops[event.step], (_, v) => (typeof v === "bigint" ? String(v) : v))}`;
}

export function openGate(helper: Running): void {
  writeSync(helper.gate, "g");
}

export function closeGate(helper: Running): void {
  closeSync(helper.gate);
  helper.gate = -1;
}

export function waitEnd(helper: Running, timeoutMs = PATIENCE_MS): { code: number; signal: number } {
  if (addon.poll([helper.pidfd], timeoutMs).length === 0) throw new Error("the helper did not end");
  return addon.waitPidfd(helper.pidfd) ?? { code: -1, signal: -1 };
}

export const HOLDER_FLAGS = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;

export function holderOps(emptyRoot: string, extra: ContainerOp[] = []): ContainerOp[] {
  return [
    ...extra,
    { op: "propagation", flags: MS_REC | MS_PRIVATE },
    {
      op: "mount",
      source: "tmpfs",
      target: emptyRoot,
      fstype: "tmpfs",
      flags: MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
      data: "mode=555,size=4k,nr_inodes=2",
    },
    { op: "root", path: emptyRoot },
    { op: "pivot" },
    { op: "pause" },
  ];
}

/** An event is sent a moment before the process sleeps. */
export function untilSleeping(pid: number): void {
  for (let i = 0; i < 12_000 && !status(pid).State?.startsWith("S"); i++) addon.poll([], 10);
}

export function holder(flags = HOLDER_FLAGS, extra: ContainerOp[] = []): Running {
  const helper = start({ ops: holderOps(folder(), extra), flags, title: "/pause" });
  expectEvent(helper, "paused");
  untilSleeping(helper.pid);
  return helper;
}

export function status(pid: number): Record<string, string> {
  return Object.fromEntries(
    readFileSync(`/proc/${pid}/status`, "utf8")
      .split("\n")
      .filter((line) => line.includes(":"))
      .map((line) => {
        const [key = "", ...value] = line.split(":");
        return [key, value.join(":").trim()];
      }),
  );
}
