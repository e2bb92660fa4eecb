import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CLONE_NEWPID, CLONE_NEWUTS } from "../../src/kernel/constants.ts";
import type { ContainerOp } from "../../src/plan/container-op.ts";
import { container, eventsUntil, finish, folder, open, output } from "./harness.ts";

test("user and caps: ids, groups and exactly the capabilities given; the inheritable set is empty (A11)", () => {
  const kill = 1n << 5n;
  const text = output({
    late: [
      { op: "caps-bound", mask: kill },
      { op: "user", uid: 1000, gid: 1001, groups: [7, 8] },
      { op: "caps", effective: kill, permitted: kill, inheritable: 0n, ambient: 0n },
      { op: "no-new-privs" },
    ],
    sh: "id; busybox grep -E '^(Cap|NoNew|Groups)' /proc/self/status",
  });
  expect(text).toContain("uid=1000 gid=1001 groups=7,8");
  // Without ambient capabilities a program of another user keeps none through execve.
  expect(text).toMatch(
    /CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000020/,
  );
  expect(text).toMatch(/NoNewPrivs:\t1/);
});

test("caps: root keeps what the bounding set leaves, ambient ones reach another user", () => {
  const kill = 1n << 5n;
  expect(
    output({
      late: [
        { op: "caps-bound", mask: kill },
        { op: "caps", effective: kill, permitted: kill, inheritable: 0n, ambient: 0n },
      ],
      sh: "busybox grep CapEff /proc/self/status",
    }),
  ).toMatch(/0000000000000020$/);
  expect(
    output({
      late: [
        { op: "user", uid: 5, gid: 5, groups: [] },
        { op: "caps", effective: kill, permitted: kill, inheritable: kill, ambient: kill },
      ],
      sh: "busybox grep CapEff /proc/self/status",
    }),
  ).toMatch(/0000000000000020$/);
});

test.each([
  [0xffff_ffff, 0],
  [0, 0xffff_ffff],
])("user %i:%i is refused, since it would leave the process root", (uid, gid) => {
  const one = container({ argv: ["/bin/true"], late: [{ op: "user", uid, gid, groups: [] }] });
  expect(eventsUntil(one, "end").at(-1)).toMatchObject({
    kind: "fail",
    errno: "EINVAL",
    syscall: "setresuid",
  });
});

test("chown-stdio gives the monitor's pipes to the user, so that /dev/stdout can be opened again", () => {
  const user: ContainerOp[] = [
    { op: "user", uid: 1000, gid: 1000, groups: [] },
    { op: "caps", effective: 0n, permitted: 0n, inheritable: 0n, ambient: 0n },
  ];
  const sh = "echo reopened > /proc/self/fd/1";
  expect(output({ late: [{ op: "chown-stdio", uid: 1000, gid: 1000 }, ...user], sh })).toBe("reopened");
  expect(output({ late: user, sh })).toMatch(/Permission denied/);
});

test("a terminal of the container: output in the log, /dev/console bound, owner changed", () => {
  const one = container({
    stdio: "tty",
    argv: [
      "/bin/sh",
      "-c",
      "stty size; readlink /proc/self/fd/0; busybox stat -c '%u %t' /dev/pts/0; echo hi > /dev/console; echo x > /dev/tty; exit 4",
    ],
    late: [{ op: "chown-stdio", uid: 1000, gid: 1000 }],
  });
  const { record, lines } = finish(one);
  expect(record.code).toBe(4);
  expect(lines.map((line) => line.split(" ").slice(1).join(" "))).toEqual(
    ["24 80", "/dev/pts/0", "1000 88", "hi", "x"].map((text) => `stdout F ${text}\r`),
  );
});

test("a terminal that is closed and opened again keeps working", () => {
  const one = container({
    stdio: "tty",
    argv: ["/bin/sh", "-c", "exec </dev/null >/dev/null 2>&1; sleep 0.1; echo back > /dev/console"],
  });
  expect(finish(one).lines.join()).toMatch(/stdout F back\r$/);
});

test("rlimit, hostname, domain name, umask, session", () => {
  const text = output({
    flags: CLONE_NEWPID | CLONE_NEWUTS,
    mounts: [
      { op: "sethostname", name: "pod-1" },
      { op: "setdomainname", name: "example.org" },
    ],
    late: [
      { op: "rlimit", resource: 7, soft: 100n, hard: 200n },
      { op: "umask", mask: 0o077 },
    ],
    sh: "hostname; cat /proc/sys/kernel/domainname; ulimit -n; ulimit -Hn; umask; busybox cut -d' ' -f6 /proc/self/stat",
  });
  expect(text.split("\n")).toEqual(["pod-1", "example.org", "100", "200", "0077", "1"]);
});

test("keyring gives a session keyring of its own", () => {
  const text = output({ late: [{ op: "keyring" }], sh: "cat /proc/keys" });
  expect(text).toMatch(/_ses/);
});

test("seccomp loads the filter given", () => {
  const instruction = (code: number, jt: number, jf: number, k: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt16LE(code, 0);
    bytes.writeUInt8(jt, 2);
    bytes.writeUInt8(jf, 3);
    bytes.writeUInt32LE(k, 4);
    return bytes.toString("hex");
  };
  const uname = process.arch === "x64" ? 63 : 160;
  const filter = [
    instruction(0x20, 0, 0, 0), // load nr
    instruction(0x15, 0, 1, uname),
    instruction(0x06, 0, 0, 0x00050000 | 95), // errno ENOMSG-like
    instruction(0x06, 0, 0, 0x7fff0000), // allow
  ].join("");
  expect(
    output({
      late: [{ op: "seccomp", flags: 0, filter }],
      sh: "busybox uname; busybox grep Seccomp: /proc/self/status",
    }),
  ).toMatch(/^Seccomp:\t2$/m);
  const broken = container({ argv: ["/bin/true"], late: [{ op: "seccomp", flags: 0, filter: "0g00" }] });
  expect(eventsUntil(broken, "end").at(-1)).toMatchObject({
    kind: "fail",
    errno: "EINVAL",
    syscall: "seccomp",
  });
});

test("close-fds in stage 1 closes for real, but for what the helper still uses", () => {
  const extra = open("/dev/null");
  const one = container({
    argv: ["/bin/sh", "-c", "echo fine"],
    fds: [extra, extra, extra],
    stage1: [{ op: "close-fds", from: 6 }],
  });
  expect(finish(one).lines.join()).toMatch(/fine$/);
});

test("write and write-fd write one value; a path that is not there is ENOENT", () => {
  const file = join(folder(), "value");
  writeFileSync(file, "");
  const one = container({
    argv: ["/bin/true"],
    fds: [open(file, "a")],
    stage1: [
      { op: "write-fd", fd: 8, data: "a" },
      { op: "write", path: file, data: "b" },
    ],
  });
  finish(one);
  expect(readFileSync(file, "utf8")).toBe("b");
  const absent = container({
    argv: ["/bin/true"],
    stage1: [{ op: "write", path: `${file}-absent`, data: "b" }],
  });
  expect(eventsUntil(absent, "end").at(-1)).toMatchObject({
    kind: "fail",
    errno: "ENOENT",
    syscall: "open",
    step: 2,
  });
});

test("setns refuses a descriptor that is not the namespace meant (A19)", () => {
  const wrong = container({
    argv: ["/bin/true"],
    fds: [open("/proc/self/ns/net")],
    stage1: [{ op: "setns", fd: 8, flags: CLONE_NEWPID }],
  });
  expect(eventsUntil(wrong, "end").at(-1)).toMatchObject({ kind: "fail", errno: "EINVAL", syscall: "setns" });
  const file = container({
    argv: ["/bin/true"],
    fds: [open("/dev/null")],
    stage1: [{ op: "setns", fd: 8, flags: 0 }],
  });
  expect(eventsUntil(file, "end").at(-1)).toMatchObject({ kind: "fail", syscall: "setns" });
});
