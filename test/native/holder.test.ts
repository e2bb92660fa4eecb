import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { CLONE_NEWPID } from "../../src/kernel/constants.ts";
import {
  addon,
  eventsUntil,
  folder,
  HOLDER_FLAGS,
  holder,
  holderOps,
  note,
  openGate,
  start,
  status,
  waitEnd,
} from "./harness.ts";

const NO_CAPABILITIES = "0000000000000000";

/** A value of /proc/<pid>/smaps_rollup or status in kB. */
function kilobytes(pid: number, file: string, field: string): number {
  return Number(
    new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/${file}`, "utf8"))?.[1],
  );
}

function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

function switches(pid: number): string {
  return readFileSync(`/proc/${pid}/status`, "utf8")
    .split("\n")
    .filter((line) => line.includes("ctxt_switches"))
    .join();
}

test("a paused holder has no capability, a filter, no new privileges and no descriptor", () => {
  const { pid } = holder();
  expect(status(pid)).toMatchObject({
    Name: "pause",
    State: "S (sleeping)",
    Seccomp: "2",
    NoNewPrivs: "1",
    CapInh: NO_CAPABILITIES,
    CapPrm: NO_CAPABILITIES,
    CapEff: NO_CAPABILITIES,
    CapBnd: NO_CAPABILITIES,
    CapAmb: NO_CAPABILITIES,
    Threads: "1",
  });
  expect(readdirSync(`/proc/${pid}/fd`)).toEqual([]);
  expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).toBe("/pause\0");
  expect(readFileSync(`/proc/${pid}/environ`, "utf8")).toBe("");
});

test("its root is an empty read-only folder", () => {
  const { pid } = holder();
  expect(readdirSync(`/proc/${pid}/root/`)).toEqual([]);
  expect(readFileSync(`/proc/${pid}/mountinfo`, "utf8").trim().split("\n")).toHaveLength(1);
  expect(readFileSync(`/proc/${pid}/mountinfo`, "utf8")).toMatch(/ \/ \/ ro,nosuid,nodev,noexec/);
});

test("its program is small, sealed and not a file of the host", () => {
  const { pid } = holder();
  expect(statSync(`/proc/${pid}/exe`).size).toBeLessThanOrEqual(64 * 1024);
  expect(readlinkSync(`/proc/${pid}/exe`)).toMatch(/^\/memfd:tspod-helper/);
});

test("it takes no processor time and no memory worth the name", async () => {
  const { pid } = holder();
  const ticks = cpuTicks(pid);
  const before = switches(pid);
  await sleep(1500);
  expect(cpuTicks(pid)).toBe(ticks);
  expect(switches(pid)).toBe(before);
  const rss = kilobytes(pid, "status", "VmRSS");
  const pss = kilobytes(pid, "smaps_rollup", "Pss");
  note(`holder: VmRSS ${rss} kB, PSS ${pss} kB`);
  expect(rss).toBeLessThanOrEqual(128);
  expect(pss).toBeLessThanOrEqual(100);
});

test("it is waiting for signals in the kernel", () => {
  const { pid } = holder();
  expect(readFileSync(`/proc/${pid}/syscall`, "utf8").split(" ")[0]).toBe(
    process.arch === "x64" ? "128" : "137",
  );
});

test.each([
  ["TERM", 15],
  ["INT", 2],
])("%s ends it with 0", (_, signal) => {
  const helper = holder();
  addon.pidfdSendSignal(helper.pidfd, signal);
  expect(waitEnd(helper)).toEqual({ code: 0, signal: 0 });
});

test("TERM from outside ends it as PID 1 of a namespace too", () => {
  const helper = holder(HOLDER_FLAGS | CLONE_NEWPID);
  addon.pidfdSendSignal(helper.pidfd, 15);
  expect(waitEnd(helper)).toEqual({ code: 0, signal: 0 });
});

test("a TERM that comes before it sleeps is not lost", () => {
  const helper = start({
    ops: holderOps(folder(), [{ op: "gate" }]),
    flags: HOLDER_FLAGS | CLONE_NEWPID,
    title: "/pause",
  });
  eventsUntil(helper, "gate");
  addon.pidfdSendSignal(helper.pidfd, 15);
  openGate(helper);
  expect(waitEnd(helper)).toEqual({ code: 0, signal: 0 });
});

test("the events pipe ends once it is paused, and tspod's death does not touch it", () => {
  const helper = holder();
  expect(eventsUntil(helper, "end")).toEqual([]);
});

test("HUP, USR1 and the like do not disturb it", () => {
  const helper = holder();
  for (const signal of [1, 10, 12, 13, 14]) addon.pidfdSendSignal(helper.pidfd, signal);
  expect(addon.poll([helper.pidfd], 100)).toEqual([]);
  expect(status(helper.pid).State).toBe("S (sleeping)");
});

test("the helper is at most 64 KiB", () => {
  expect(statSync(join(import.meta.dirname, "../../dist/tspod-helper")).size).toBeLessThanOrEqual(64 * 1024);
});
