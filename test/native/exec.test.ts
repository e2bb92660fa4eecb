import { closeSync, readdirSync, readFileSync, readlinkSync, readSync, writeSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUTS,
} from "../../src/kernel/constants.ts";
import type { ContainerOp } from "../../src/plan/container-op.ts";
import {
  addon,
  type Container,
  container,
  eventsUntil,
  expectEvent,
  own,
  PATIENCE_MS,
  type Running,
  start,
  untilExecuted,
  waitEnd,
} from "./harness.ts";

let target: Container;
let targetPidfd: number;

beforeEach(() => {
  target = container({ argv: ["/bin/sleep", "100"] });
  const { pid } = expectEvent(target, "cloned");
  untilExecuted(target);
  targetPidfd = own(addon.pidfdOpen(pid));
});

interface ExecSpec {
  argv: string[];
  late?: ContainerOp[];
  tty?: { rows: number; columns: number };
  stdout?: number;
  fds?: number[];
  cwd?: string;
}

/** A command in the container; fd 6 is its first process, 7 the socket for the terminal. */
function exec(spec: ExecSpec): { helper: Running; out: number; socket: number } {
  const [out, theirs] = addon.pipe();
  const [socket, peer] = addon.socketpair();
  own(out);
  own(socket);
  const helper = start({
    title: "tspod-exec",
    stdio: [-1, spec.stdout ?? theirs, spec.stdout ?? theirs],
    fds: [targetPidfd, peer, ...(spec.fds ?? [])],
    ops: [
      {
        op: "setns",
        fd: 6,
        flags: CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWCGROUP,
      },
      { op: "clone", flags: 0, cgroupFd: -1, stdio: "inherit" },
      { op: "pdeathsig", signal: 9 },
      { op: "setsid" },
      ...(spec.tty ? [{ op: "console", sockFd: 7, bind: false, ...spec.tty } satisfies ContainerOp] : []),
      ...(spec.tty ? [] : [{ op: "stdin-null" } satisfies ContainerOp]),
      { op: "chdir", path: spec.cwd ?? "/", uid: 0, gid: 0 },
      ...(spec.late ?? []),
      { op: "execve", candidates: [spec.argv[0] ?? ""], argv: spec.argv, env: ["PATH=/bin"] },
    ],
  });
  closeSync(theirs);
  closeSync(peer);
  return { helper, out, socket };
}

function readAll(fd: number): string {
  const chunks: Buffer[] = [];
  const buffer = Buffer.alloc(65536);
  for (;;) {
    try {
      const size = readSync(fd, buffer);
      if (size === 0) break;
      chunks.push(Buffer.from(buffer.subarray(0, size)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EIO") break; // The last slave has gone.
      throw error;
    }
  }
  return Buffer.concat(chunks).toString();
}

test("a command runs inside, its output comes through, and its code is everybody's code", () => {
  const { helper, out } = exec({ argv: ["/bin/sh", "-c", "ps -o args; exit 7"] });
  expect(readAll(out)).toContain("/bin/sleep 100");
  expect(eventsUntil(helper, "end").map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["exec", "started", "exited"]),
  );
  expect(waitEnd(helper)).toEqual({ code: 7, signal: 0 });
});

test("a signal that ended the command is told as 128 + signal, marked", () => {
  const { helper } = exec({ argv: ["/bin/sh", "-c", "kill -9 $$"] });
  expect(expectEvent(helper, "exited")).toMatchObject({ code: 137, signal: 9 });
  expect(waitEnd(helper).code).toBe(137);
});

test("an exit code above 128 is not taken for a signal", () => {
  const { helper } = exec({ argv: ["/bin/sh", "-c", "exit 137"] });
  expect(expectEvent(helper, "exited")).toMatchObject({ code: 137, signal: 0 });
});

test("a command that is not there: FAIL, no STARTED, 127", () => {
  const { helper } = exec({ argv: ["/bin/nope"] });
  const seen = eventsUntil(helper, "end");
  expect(seen.map(({ kind }) => kind)).not.toContain("started");
  expect(seen.find(({ kind }) => kind === "fail")).toMatchObject({ errno: "ENOENT", syscall: "execve" });
  expect(waitEnd(helper)).toEqual({ code: 127, signal: 0 });
});

test("what may not be executed: 126", () => {
  const { helper } = exec({ argv: ["/etc"] });
  expect(eventsUntil(helper, "end").find(({ kind }) => kind === "fail")).toMatchObject({ errno: "EACCES" });
  expect(waitEnd(helper)).toEqual({ code: 126, signal: 0 });
});

test.each([
  ["TERM", 15],
  ["INT", 2],
  ["HUP", 1],
  ["USR1", 10],
])("%s sent to the waiting parent reaches the command", (name, signal) => {
  const { helper, out } = exec({
    argv: ["/bin/sh", "-c", `trap 'echo got; exit 9' ${name}; echo ready; while :; do sleep 0.01; done`],
  });
  const buffer = Buffer.alloc(6);
  readSync(out, buffer);
  addon.pidfdSendSignal(helper.pidfd, signal);
  expect(readAll(out)).toBe("got\n");
  expect(waitEnd(helper).code).toBe(9);
});

test("signals reach a command of another user", () => {
  const { helper, out } = exec({
    argv: ["/bin/sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done"],
    late: [
      { op: "user", uid: 1000, gid: 1000, groups: [] },
      { op: "caps", effective: 0n, permitted: 0n, inheritable: 0n, ambient: 0n },
    ],
  });
  readSync(out, Buffer.alloc(6));
  addon.pidfdSendSignal(helper.pidfd, 15);
  expect(waitEnd(helper).code).toBe(9);
});

test("the waiting parent cannot be seen from inside, and keeps one capability", () => {
  const { helper, out } = exec({ argv: ["/bin/sh", "-c", "ps -o args; sleep 100"] });
  readSync(out, Buffer.alloc(10));
  expectEvent(helper, "started");
  const status = readFileSync(`/proc/${helper.pid}/status`, "utf8");
  expect(status).toMatch(/^CapEff:\t0000000000000020$/m);
  expect(status).toMatch(/^Name:\ttspod-exec$/m);
  expect(readlinkSync(`/proc/${helper.pid}/ns/pid`)).toBe(readlinkSync("/proc/self/ns/pid"));
  addon.pidfdSendSignal(helper.pidfd, 15);
  waitEnd(helper);
});

test("killing the waiting parent kills the command", () => {
  const { helper, out } = exec({ argv: ["/bin/sh", "-c", "echo $$; exec sleep 100"] });
  expect(readSync(out, Buffer.alloc(100))).toBeGreaterThan(1);
  addon.pidfdSendSignal(helper.pidfd, 9);
  // The other end of the pipe closes: nobody is left.
  expect(readAll(out)).toBe("");
});

test("a terminal: its own, with size, controlling, and not the caller's", () => {
  const { helper, socket } = exec({
    argv: [
      "/bin/sh",
      "-c",
      "tty=$(readlink /proc/self/fd/0); stty size; test -t 0 && test -t 1 && test -t 2 && echo all; echo $tty; echo x > /dev/tty",
    ],
    tty: { rows: 33, columns: 111 },
  });
  const [master = -1] = addon.recvFds(socket, PATIENCE_MS);
  own(master);
  const text = readAll(master).replaceAll("\r\n", "\n");
  expect(text).toBe("33 111\nall\n/dev/pts/0\nx\n");
  expect(waitEnd(helper).code).toBe(0);
});

test("a terminal: what is typed arrives, Ctrl-C interrupts, a new size is seen", () => {
  const { helper, socket } = exec({
    argv: [
      "/bin/sh",
      "-c",
      "trap 'stty size; exit 5' INT; read x; echo got $x; while :; do sleep 0.01; done",
    ],
    tty: { rows: 24, columns: 80 },
  });
  const [master = -1] = addon.recvFds(socket, PATIENCE_MS);
  own(master);
  writeSync(master, "hello\r");
  let text = "";
  const buffer = Buffer.alloc(4096);
  while (!text.includes("got hello")) text += buffer.toString("utf8", 0, readSync(master, buffer));
  addon.setWinsize(master, 50, 60);
  expect(addon.winsize(master)).toEqual({ rows: 50, columns: 60 });
  writeSync(master, "\x03");
  expect(readAll(master)).toContain("50 60");
  expect(waitEnd(helper).code).toBe(5);
});

test("a terminal of the host is not handed over (A20)", () => {
  // Our own pseudo-terminal plays the host's.
  const pty = exec({ argv: ["/bin/sleep", "100"], tty: { rows: 24, columns: 80 } });
  const [master = -1] = addon.recvFds(pty.socket, PATIENCE_MS);
  own(master);
  const { helper } = exec({ argv: ["/bin/sh", "-c", "echo never"], stdout: master });
  expect(eventsUntil(helper, "end").find(({ kind }) => kind === "fail")).toMatchObject({
    errno: "EPERM",
    syscall: "ioctl",
    detail: 1n,
  });
  expect(waitEnd(helper).code).toBe(125);
});

test("no descriptor but 0, 1 and 2 reaches the command, whatever the caller had open (A2)", () => {
  const leaked = Array.from({ length: 60 }, () => targetPidfd);
  const { out } = exec({ argv: ["/bin/ls", "/proc/self/fd"], fds: leaked });
  // 3 is the folder that ls reads.
  expect(readAll(out)).toBe("0\n1\n2\n3\n");
});

test.each(["/proc/self/fd/6", "/proc/self/fd/6/../..", "/proc/thread-self/fd/7", "/proc/1/root/../.."])(
  "a working directory of %s is refused or inside (A2)",
  (cwd) => {
    const { helper, out } = exec({ argv: ["/bin/sh", "-c", "readlink /proc/self/cwd; ls /"], cwd });
    const fail = eventsUntil(helper, "end").find(({ kind }) => kind === "fail");
    expect(fail).toBeDefined();
    expect(readAll(out)).toBe("");
  },
);

test("chown-stdio leaves what the caller passed to its owner (A18)", () => {
  const { out, helper } = exec({
    argv: ["/bin/busybox", "stat", "-L", "-c", "%u", "/proc/self/fd/1"],
    late: [{ op: "chown-stdio", uid: 1000, gid: 1000 }],
  });
  expect(readAll(out)).toBe("0\n");
  expect(waitEnd(helper).code).toBe(0);
});

test("the sealed program is the only thing a container could reach of us (A1)", () => {
  const before = readdirSync(`/proc/${target.pid}/fd`).length;
  const { out } = exec({
    argv: ["/bin/sh", "-c", "for p in /proc/[0-9]*; do readlink $p/exe; done; ls -l /proc/self/exe | cat"],
  });
  for (const line of readAll(out).trim().split("\n")) expect(line).toMatch(/busybox/);
  expect(readdirSync(`/proc/${target.pid}/fd`)).toHaveLength(before);
});
