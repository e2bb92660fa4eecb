import { execFileSync } from "node:child_process";
import {
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CLONE_NEWPID, CLONE_NEWUTS } from "../../src/kernel/constants.ts";
import type { ContainerOp } from "../../src/plan/container-op.ts";
import { attempt, bind, canary } from "./canary.ts";
import { folder, makeRootfs, open, output, own } from "./harness.ts";

test.each(["/proc", "/proc/self", "/proc/sys/kernel", "/proc/self/attr", "/proc/1/.."])(
  "A6: a volume on %s is refused",
  (target) => {
    expect(attempt({ mounts: [bind(canary, target)], argv: ["/bin/true"] }).fail).toMatchObject({
      errno: "EPERM",
      syscall: "move_mount",
    });
  },
);

test("A6: writes to procfs go to procfs, whatever is mounted upon it", () => {
  const volume = folder();
  mkdirSync(join(volume, "kernel"));
  writeFileSync(join(volume, "kernel/domainname"), "untouched");
  const fake = join(volume, "kernel/domainname");
  const text = output({
    flags: CLONE_NEWPID | CLONE_NEWUTS,
    mounts: [
      bind(fake, "/proc/sys/kernel/domainname"),
      { op: "proc-write", path: "sys/kernel/domainname", data: "real" },
    ],
    sh: "cat /proc/sys/kernel/domainname; busybox umount /proc/sys/kernel/domainname; cat /proc/sys/kernel/domainname",
  });
  expect(text).toBe("untouchedreal");
  expect(readFileSync(fake, "utf8")).toBe("untouched");
});

test.each(["../../secret", "self/root/etc/new", "self/fd/0", "/../etc/new"])(
  "A6: proc-write to %s does not leave procfs",
  (path) => {
    const { fail } = attempt({ mounts: [{ op: "proc-write", path, data: "x" }], argv: ["/bin/true"] });
    expect(fail).toMatchObject({ syscall: "openat2" });
  },
);

test("A7: nodes and mounts through a link in the image stay inside", () => {
  const root = makeRootfs();
  rmdirSync(join(root, "dev"));
  symlinkSync(canary, join(root, "dev"));
  const device: ContainerOp = { op: "dev", path: "/dev/evil", mode: 0o666, major: 1, minor: 3 };
  expect(
    attempt({ root, system: [], mounts: [device], argv: ["/bin/true"], noStdin: true }).fail,
  ).toMatchObject({ errno: "ENOENT" });
  const folderOp: ContainerOp = { op: "mkdir", path: "/dev/evil", mode: 0o755 };
  attempt({
    root,
    system: [],
    mounts: [folderOp, { op: "symlink", path: "/dev/evil/x", target: "y" }],
    argv: ["/bin/true"],
    noStdin: true,
  });
});

test.each(["proc", "sys"])("A10: /%s as a link, or as a file, in the image is refused", (name) => {
  const root = makeRootfs();
  rmdirSync(join(root, name));
  symlinkSync("/", join(root, name));
  expect(attempt({ root, argv: ["/bin/true"] }).fail).toMatchObject({ errno: "ELOOP", syscall: "openat2" });
  rmSync(join(root, name));
  writeFileSync(join(root, name), "");
  expect(attempt({ root, argv: ["/bin/true"] }).fail).toMatchObject({ errno: "ENOTDIR", syscall: "openat2" });
});

test("A18: standard input is the container's null device, and the host's keeps its owner", () => {
  const before = statSync("/dev/null");
  const text = output({
    late: [
      { op: "chown-stdio", uid: 1000, gid: 1000 },
      { op: "user", uid: 1000, gid: 1000, groups: [] },
    ],
    sh: "busybox stat -L -c '%u %t:%T' /proc/self/fd/0; busybox stat -c %u /dev/null",
  });
  expect(text).toBe("0 1:3\n0");
  expect(statSync("/dev/null")).toMatchObject({ uid: before.uid, gid: before.gid, mode: before.mode });
});

test("B1: a subPath cannot leave its volume", () => {
  const volume = folder();
  symlinkSync(canary, join(volume, "absolute"));
  symlinkSync(`../${canary.split("/").at(-1)}`, join(volume, "relative"));
  symlinkSync("/proc/self/fd/6", join(volume, "magic"));
  for (const subPath of [
    "absolute",
    "relative",
    "..",
    "../",
    "a/../../x",
    "/etc",
    "magic",
    "absolute/secret",
    "relative/new",
  ]) {
    const { fail } = attempt({
      mounts: [bind(volume, "/v", subPath, true)],
      argv: ["/bin/cat", "/v/secret", "/v"],
      fds: [open(canary)],
    });
    // "/etc" is "etc" beneath the volume, made like any other.
    if (subPath !== "/etc")
      expect(fail, subPath).toMatchObject({
        errno: expect.stringMatching(/EXDEV|ELOOP/),
        syscall: "openat2",
      });
  }
});

test("B5: a log that is a link is not followed, and one that is a pipe not waited at or written to", () => {
  const logs = folder();
  symlinkSync(join(canary, "secret"), join(logs, "link"));
  for (const name of ["pipe", "read"]) execFileSync("mkfifo", [join(logs, name)]);
  const reader = own(openSync(join(logs, "read"), constants.O_RDONLY | constants.O_NONBLOCK));
  const failureOf = (name: string) =>
    attempt({
      stage1: [{ op: "log", dirFd: 8, name, maxBytes: 0, maxFiles: 1 }],
      fds: [open(logs)],
      argv: ["/bin/echo", "overwritten"],
    }).fail;
  expect(failureOf("link")).toMatchObject({ errno: "ELOOP", syscall: "open" });
  expect(failureOf("pipe")).toMatchObject({ errno: "ENXIO", syscall: "open" });
  expect(failureOf("read")).toMatchObject({ errno: "EINVAL", syscall: "open" });
  expect(readSync(reader, Buffer.alloc(1))).toBe(0);
});
