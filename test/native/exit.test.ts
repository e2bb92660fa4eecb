import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CLONE_NEWPID } from "../../src/kernel/constants.ts";
import {
  addon,
  closeGate,
  container,
  eventsUntil,
  expectEvent,
  finish,
  HOLDER_FLAGS,
  holder,
  openGate,
  own,
  PATIENCE_MS,
  untilExecuted,
  waitEnd,
} from "./harness.ts";

/** The memory hierarchy of cgroup v1 where there is one; its tests have nothing to stand on elsewhere. */
const V1_MEMORY = "/sys/fs/cgroup/memory";
const hasV1Memory = existsSync(join(V1_MEMORY, "memory.oom_control"));

test("the record tells the exit code", () => {
  const { record, monitor } = finish(container({ argv: ["/bin/sh", "-c", "exit 42"] }));
  expect(record).toMatchObject({ schema: 1, code: 42, signal: 0, oomKills: 0 });
  expect(record.finishedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  expect(Math.abs(Date.parse(record.finishedAt) - Date.now())).toBeLessThan(60_000);
  expect(monitor).toEqual({ code: 0, signal: 0 });
});

test("the record tells the signal", () => {
  const one = container({ argv: ["/bin/sh", "-c", "kill -9 $$; sleep 5"], flags: 0 });
  expect(finish(one).record).toMatchObject({ code: 137, signal: 9 });
});

test("the record is one line in one file, nothing temporary beside it", () => {
  const one = container({ argv: ["/bin/true"] });
  finish(one);
  expect(readdirSync(one.state)).toEqual(["exit"]);
  expect(readFileSync(join(one.state, "exit"), "utf8")).toMatch(/^\{[^\n]*\}\n$/);
});

// Where the memory controller is on the v2 tree, test/e2e proves the same through the command.
test.runIf(hasV1Memory)("the record tells that the kernel's OOM killer did it", () => {
  const cgroup = join(V1_MEMORY, `tspod-native-${process.pid}`);
  mkdirSync(cgroup);
  try {
    writeFileSync(join(cgroup, "memory.limit_in_bytes"), String(8 << 20));
    const one = container({
      argv: ["/bin/sh", "-c", "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done"],
      oomFile: join(cgroup, "memory.oom_control"),
      mounts: [],
      stage1: [],
      late: [],
      system: [{ op: "write", path: join(cgroup, "tasks"), data: "0" }],
      // Without /dev there is no null device to take standard input from.
      stdio: "pipes",
      noStdin: true,
    });
    const { record } = finish(one);
    expect(record).toMatchObject({ code: 137, signal: 9 });
    expect(record.oomKills).toBeGreaterThanOrEqual(1);
  } finally {
    rmdirSync(cgroup);
  }
});

test("the end of the gate ends everything, and nothing is recorded", () => {
  const one = container({ argv: ["/bin/sleep", "100"], gate: true });
  const seen = eventsUntil(one, "gate");
  expect(seen.map(({ kind }) => kind)).toContain("cloned");
  closeGate(one);
  expect(eventsUntil(one, "end").at(-1)).toMatchObject({ kind: "fail", errno: "ECANCELED", syscall: "read" });
  expect(waitEnd(one).code).toBe(125);
  expect(readdirSync(one.state)).toEqual([]);
});

test("the gate holds until a byte comes", () => {
  const one = container({ argv: ["/bin/true"], gate: true });
  eventsUntil(one, "gate");
  expect(addon.poll([one.pidfd, one.events], 100)).toEqual([]);
  openGate(one);
  expectEvent(one, "exec");
  expect(eventsUntil(one, "end")).toEqual([]);
  expect(finish(one).record.code).toBe(0);
});

test("while it waits at its gate, visible in the pod, it holds neither the log nor the state", () => {
  const one = container({ argv: ["/bin/true"], gate: true });
  const { pid } = expectEvent(one, "cloned");
  expectEvent(one, "gate");
  const held = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  expect(held.length).toBeGreaterThan(4);
  expect(held.filter((path) => path.startsWith(one.logs) || path.startsWith(one.state))).toEqual([]);
});

test("killing the monitor kills the container, even in a PID namespace of its own", () => {
  const one = container({ argv: ["/bin/sleep", "100"] });
  const { pid } = expectEvent(one, "cloned");
  untilExecuted(one);
  const pidfd = own(addon.pidfdOpen(pid));
  addon.pidfdSendSignal(one.pidfd, 9);
  expect(addon.poll([pidfd], PATIENCE_MS)).toEqual([0]);
});

test("the monitor's death counts after a change of user too, which makes the kernel forget the death signal", () => {
  const one = container({
    argv: ["/bin/sleep", "100"],
    late: [
      { op: "user", uid: 1000, gid: 1000, groups: [] },
      { op: "caps", effective: 0n, permitted: 0n, inheritable: 0n, ambient: 0n },
    ],
  });
  const { pid } = expectEvent(one, "cloned");
  untilExecuted(one);
  const pidfd = own(addon.pidfdOpen(pid));
  addon.pidfdSendSignal(one.pidfd, 9);
  expect(addon.poll([pidfd], PATIENCE_MS)).toEqual([0]);
});

test("nor does the change of user leave a gap while it waits at its gate", () => {
  const one = container({
    argv: ["/bin/sleep", "100"],
    late: [
      { op: "user", uid: 1000, gid: 1000, groups: [] },
      { op: "caps", effective: 0n, permitted: 0n, inheritable: 0n, ambient: 0n },
    ],
    gate: true,
  });
  const { pid } = expectEvent(one, "cloned");
  expectEvent(one, "gate");
  const pidfd = own(addon.pidfdOpen(pid));
  addon.pidfdSendSignal(one.pidfd, 9);
  expect(addon.poll([pidfd], PATIENCE_MS)).toEqual([0]);
});

test("a parent that died before the death signal was asked for is noticed", () => {
  const one = container({
    argv: ["/bin/sleep", "100"],
    mounts: [{ op: "gate" }, { op: "pdeathsig", signal: 9 }, { op: "gate" }],
    deathSignal: false,
  });
  const { pid } = expectEvent(one, "cloned");
  expectEvent(one, "gate");
  const pidfd = own(addon.pidfdOpen(pid));
  addon.pidfdSendSignal(one.pidfd, 9);
  waitEnd(one);
  openGate(one);
  expect(eventsUntil(one, "gate", "end").at(-1)).toMatchObject({
    kind: "fail",
    errno: "ESRCH",
    syscall: "prctl",
  });
  expect(addon.poll([pidfd], PATIENCE_MS)).toEqual([0]);
});

test("a command that is not there fails with ENOENT, the best candidate's errno wins, and nothing is recorded", () => {
  const missing = container({ argv: ["nope"], candidates: ["/bin/nope", "/sbin/nope"] });
  expect(eventsUntil(missing, "end").at(-1)).toMatchObject({
    kind: "fail",
    errno: "ENOENT",
    syscall: "execve",
    detail: 0n,
  });
  expect(waitEnd(missing).code).toBe(125);
  expect(readdirSync(missing.state)).toEqual([]);
  const denied = container({ argv: ["etc"], candidates: ["/sbin/nope", "/etc", "/nope"] });
  expect(eventsUntil(denied, "end").at(-1)).toMatchObject({
    kind: "fail",
    errno: "EACCES",
    syscall: "execve",
    detail: 1n,
  });
});

test("a later candidate is found", () => {
  expect(finish(container({ argv: ["true"], candidates: ["/sbin/true", "/bin/true"] })).record.code).toBe(0);
});

test("a script whose interpreter is missing is told from a missing script", () => {
  const one = container({ argv: ["/tmp/run"], mounts: [{ op: "gate" }] });
  eventsUntil(one, "gate");
  writeFileSync(join(one.root, "tmp/run"), "#!/bin/bash\n", { mode: 0o755 });
  openGate(one);
  expect(eventsUntil(one, "end").at(-1)).toMatchObject({
    kind: "fail",
    errno: "ENOENT",
    syscall: "execve",
    detail: 65536n,
  });
});

test("a file of another format is told", () => {
  const one = container({ argv: ["/tmp/run"], mounts: [{ op: "gate" }] });
  eventsUntil(one, "gate");
  writeFileSync(join(one.root, "tmp/run"), "\x7fELF nonsense", { mode: 0o755 });
  openGate(one);
  expect(eventsUntil(one, "end").at(-1)).toMatchObject({ kind: "fail", errno: "ENOEXEC", syscall: "execve" });
});

test("a failing op names itself, its call and its errno", () => {
  const one = container({
    argv: ["/bin/true"],
    mounts: [{ op: "fs", fstype: "tmpfs", target: "/tmp", attrs: 0, options: ["mode=1777", "nonsense=1"] }],
  });
  const fail = eventsUntil(one, "end").at(-1);
  expect(fail).toMatchObject({ kind: "fail", errno: "EINVAL", syscall: "fsconfig", detail: 1n });
  expect(one.ops[(fail as { step: number }).step]).toMatchObject({ op: "fs", target: "/tmp" });
});

test("with trace every op reports in order", () => {
  const one = container({ argv: ["/bin/true"], trace: true });
  const seen = eventsUntil(one, "end");
  // The pid is known before anything else is heard of stage 2, or a caller could miss it.
  expect(seen.findIndex(({ kind }) => kind === "cloned")).toBe(2);
  const steps = seen.flatMap((event) => (event.kind === "step" ? [event.step] : []));
  expect(steps).toEqual(one.ops.slice(0, -1).map((_, step) => step));
  expect(finish(one).record.code).toBe(0);
});

test("signals, umask and descriptors are a fresh program's", () => {
  const pod = holder(HOLDER_FLAGS | CLONE_NEWPID);
  const leaked = Array.from({ length: 40 }, () => pod.pidfd);
  const one = container({
    argv: [
      "/bin/sh",
      "-c",
      "ls /proc/self/fd; grep -E '^(Sig(Blk|Ign|Cgt)|Umask)' /proc/self/status | busybox tr -d '\\t'; echo $PPID",
    ].map((x) => x.replace("grep", "busybox grep")),
    fds: leaked,
  });
  const text = finish(one).lines.map((line) => line.split(" ")[3]);
  // 3 is the folder that ls itself reads.
  expect(text).toEqual([
    "0",
    "1",
    "2",
    "3",
    "Umask:0022",
    "SigBlk:0000000000000000",
    "SigIgn:0000000000000000",
    "SigCgt:0000000000000000",
    "0",
  ]);
});
