import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CLONE_NEWPID } from "../../src/kernel/constants.ts";
import {
  addon,
  container,
  expectEvent,
  finish,
  folder,
  HOLDER_FLAGS,
  holder,
  logLines,
  makeRootfs,
  note,
  open,
  openGate,
  own,
  PATIENCE_MS,
  status,
  untilExecuted,
  waitEnd,
} from "./harness.ts";

const RECORD = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (stdout|stderr) ([FP]) (.*)$/;

function records(lines: string[]): { stream: string; tag: string; text: string; time: number }[] {
  return lines.map((line) => {
    const match = RECORD.exec(line);
    if (!match) throw new Error(`not a record: ${line.slice(0, 100)}`);
    return {
      stream: match[1] ?? "",
      tag: match[2] ?? "",
      text: match[3] ?? "",
      time: Date.parse(`${line.slice(0, 23)}Z`),
    };
  });
}

function run(sh: string, log = { maxBytes: 0, maxFiles: 1 }) {
  const one = container({ argv: ["/bin/sh", "-c", sh], log });
  return { one, ...finish(one) };
}

test("each line becomes a record with time, stream and tag", () => {
  const before = Date.now();
  const seen = records(run("echo out; echo err >&2; echo; echo 'a b  c'").lines);
  expect(seen.filter(({ stream }) => stream === "stdout").map(({ tag, text }) => [tag, text])).toEqual([
    ["F", "out"],
    ["F", ""],
    ["F", "a b  c"],
  ]);
  expect(seen.filter(({ stream }) => stream === "stderr").map(({ tag, text }) => [tag, text])).toEqual([
    ["F", "err"],
  ]);
  for (const { time } of seen) {
    expect(time).toBeGreaterThanOrEqual(before - 1);
    expect(time).toBeLessThanOrEqual(Date.now());
  }
});

test("a last line without newline is a part", () => {
  expect(records(run("printf 'one\\ntwo'").lines).map(({ tag, text }) => [tag, text])).toEqual([
    ["F", "one"],
    ["P", "two"],
  ]);
});

test.each([16383, 16384, 16385, 32768, 50000])("a line of %i bytes is cut into parts of 16 KiB", (length) => {
  const seen = records(
    run(`dd if=/dev/zero bs=${length} count=1 2>/dev/null | tr '\\0' x; echo`.replace("tr ", "busybox tr "))
      .lines,
  );
  expect(seen.map(({ text }) => text).join("")).toBe("x".repeat(length));
  expect(seen).toHaveLength(Math.ceil(length / 16384));
  expect(seen.at(-1)?.tag).toBe("F");
  for (const { tag, text } of seen.slice(0, -1)) {
    expect(tag).toBe("P");
    expect(text).toHaveLength(16384);
  }
});

test("bytes that are no text pass unchanged", () => {
  const one = container({ argv: ["/bin/sh", "-c", "printf '\\377\\000\\033[31m\\r\\n'"] });
  waitEnd(one);
  const bytes = readFileSync(join(one.logs, "0.log"));
  expect(bytes.subarray(bytes.indexOf(" F ") + 3)).toEqual(
    Buffer.from([0xff, 0, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0x0d, 0x0a]),
  );
});

test("rotation keeps the newest files, none larger than allowed, and loses no line among them", () => {
  const { one } = run("i=0; while [ $i -lt 1000 ]; do echo line $i; i=$((i+1)); done", {
    maxBytes: 8192,
    maxFiles: 3,
  });
  const names = readdirSync(one.logs).sort();
  expect(names).toEqual(["0.log", "0.log.1", "0.log.2"]);
  for (const name of names) expect(statSync(join(one.logs, name)).size).toBeLessThanOrEqual(8192);
  const numbers = [2, 1, 0]
    .flatMap((n) =>
      readFileSync(join(one.logs, n ? `0.log.${n}` : "0.log"), "utf8")
        .trimEnd()
        .split("\n"),
    )
    .map((line) => Number(line.split(" ").at(-1)));
  expect(numbers.at(-1)).toBe(999);
  expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i));
});

test("with one file allowed it starts anew", () => {
  const { one } = run("i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done", {
    maxBytes: 4096,
    maxFiles: 1,
  });
  expect(readdirSync(one.logs)).toEqual(["0.log"]);
  expect(statSync(join(one.logs, "0.log")).size).toBeLessThanOrEqual(4096);
  expect(logLines(one).at(-1)).toMatch(/line 299$/);
});

test("an existing log is continued, as after a restart of the same attempt", () => {
  const { one } = run("echo first");
  expect(statSync(join(one.logs, "0.log")).mode & 0o777).toBe(0o640);
});

test("a flood without newline does not grow the monitor (256 MiB here)", () => {
  const one = container({
    argv: ["/bin/dd", "if=/dev/zero", "bs=1M", "count=256"],
    log: { maxBytes: 1 << 20, maxFiles: 2 },
  });
  let peak = 0;
  while (addon.poll([one.pidfd], 20).length === 0) {
    peak = Math.max(peak, Number.parseInt(status(one.pid).VmRSS ?? "0", 10));
  }
  expect(finish(one).record.code).toBe(0);
  note(`monitor under a flood: VmRSS ${peak} kB`);
  expect(peak).toBeGreaterThan(0);
  expect(peak).toBeLessThanOrEqual(256);
});

test("a full disk loses records, not the container, and leaves no torn line", () => {
  const logs = folder();
  addon.mount("tmpfs", logs, "tmpfs", 0, "size=16k");
  try {
    const state = folder();
    const root = makeRootfs();
    const one = container({
      root,
      argv: [
        "/bin/sh",
        "-c",
        "i=0; while [ $i -lt 2000 ]; do echo line $i of many; i=$((i+1)); done; exit 3",
      ],
      stage1: [{ op: "log", dirFd: 8, name: "full.log", maxBytes: 0, maxFiles: 1 }],
      fds: [open(logs)],
    });
    expect(finish(one).record.code).toBe(3);
    const lines = readFileSync(join(logs, "full.log"), "utf8");
    expect(lines.length).toBeGreaterThan(8192);
    expect(lines.endsWith("\n")).toBe(true);
    records(lines.trimEnd().split("\n"));
    expect(state).toBeTruthy();
  } finally {
    addon.umount2(logs, 2);
  }
});

test("a grandchild that keeps the descriptor open does not keep the monitor waiting", () => {
  const pod = holder(HOLDER_FLAGS | CLONE_NEWPID);
  const one = container({
    argv: ["/bin/sh", "-c", "sleep 100 & echo bye"],
    flags: 0,
    stage1: [{ op: "setns", fd: 8, flags: CLONE_NEWPID }],
    fds: [pod.pidfd],
  });
  const { lines, record } = finish(one);
  expect(record.code).toBe(0);
  expect(lines.join()).toMatch(/ bye$/);
});

test("all output of a program that has ended before the monitor looked is in the log", () => {
  const one = container({
    argv: ["/bin/sh", "-c", "busybox seq 1 9000; busybox seq 1 9000 >&2"],
    gate: true,
  });
  const { pid } = expectEvent(one, "cloned");
  const program = own(addon.pidfdOpen(pid));
  expectEvent(one, "gate");
  addon.pidfdSendSignal(one.pidfd, 19); // SIGSTOP
  openGate(one);
  addon.poll([program], PATIENCE_MS);
  addon.pidfdSendSignal(one.pidfd, 18);
  const { lines } = finish(one);
  expect(lines.filter((line) => / stdout /.test(line))).toHaveLength(9000);
  expect(lines.filter((line) => / stderr /.test(line))).toHaveLength(9000);
});

test("the monitor is confined, holds only what it needs, and ignores what a terminal or a shutdown sends", () => {
  const one = container({ argv: ["/bin/sleep", "100"] });
  untilExecuted(one);
  expect(status(one.pid)).toMatchObject({
    Name: "tspod-monitor",
    Seccomp: "2",
    NoNewPrivs: "1",
    // CAP_KILL alone, which the death signal needs; the filter allows no call that could use it.
    CapEff: "0000000000000020",
    CapBnd: "0000000000000000",
  });
  expect(readdirSync(`/proc/${one.pid}/fd`).length).toBeLessThanOrEqual(8);
  for (const signal of [1, 2, 3, 13, 15]) addon.pidfdSendSignal(one.pidfd, signal);
  expect(addon.poll([one.pidfd], 100)).toEqual([]);
  const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${one.pid}/smaps_rollup`, "utf8"))?.[1];
  note(`monitor: VmRSS ${status(one.pid).VmRSS}, PSS ${pss} kB`);
  expect(Number(pss)).toBeLessThanOrEqual(100);
});
