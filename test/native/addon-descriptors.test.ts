import { closeSync, fstatSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { RESOLVE_IN_ROOT } from "../../src/kernel/constants.ts";
import { addon, folder, open, own, PATIENCE_MS } from "./harness.ts";
import { failure, spawn } from "./programs.ts";

test("poll: indexes of what is ready, none on timeout, end of file counts", () => {
  const [a, aEnd] = addon.pipe();
  const [b, bEnd] = addon.pipe();
  for (const fd of [a, b, bEnd]) own(fd);
  expect(addon.poll([a, b], 10)).toEqual([]);
  writeSync(bEnd, "x");
  expect(addon.poll([a, b], 10)).toEqual([1]);
  closeSync(aEnd);
  expect(addon.poll([a, b], -1)).toEqual([0, 1]);
});

test("watchReadable: once, also for two watchers, and not after it was cancelled", async () => {
  const child = spawn(["sleep", "0.05"]);
  let calls = 0;
  let cancelled = 0;
  const cancel = addon.watchReadable(child.pidfd, () => cancelled++);
  const both = Promise.all(
    [1, 2].map(() => new Promise<void>((done) => addon.watchReadable(child.pidfd, () => done(void calls++)))),
  );
  cancel();
  cancel();
  await both;
  await sleep(20);
  expect([calls, cancelled]).toEqual([2, 0]);
  addon.waitPidfd(child.pidfd);
  expect(failure(() => addon.watchReadable(open("/etc/passwd"), () => {}))).toMatchObject({
    code: "EPERM",
    syscall: "epoll_ctl",
  });
});

test("watchReadable leaves no descriptor behind", async () => {
  const count = () => process.getBuiltinModule("node:fs").readdirSync("/proc/self/fd").length;
  const [a, end] = addon.pipe();
  own(a);
  own(end);
  const before = count();
  for (let i = 0; i < 20; i++) addon.watchReadable(a, () => {})();
  const cancel = addon.watchReadable(a, () => {});
  // The event loop closes them in its own time.
  await expect.poll(count, { timeout: 60_000 }).toBe(before + 1);
  cancel();
  await expect.poll(count, { timeout: 60_000 }).toBe(before);
});

test("descriptors pass over a socket, and every one made here is close-on-exec", () => {
  const [a, b] = addon.socketpair();
  own(a);
  own(b);
  const file = open("/etc/passwd");
  addon.sendFds(a, [file, file, file]);
  const got = addon.recvFds(b, PATIENCE_MS);
  expect(got).toHaveLength(3);
  for (const fd of got) {
    own(fd);
    expect(fstatSync(fd).ino).toBe(fstatSync(file).ino);
  }
  expect(addon.recvFds(b, 10)).toEqual([]);
  const [pipe, pipeEnd] = addon.pipe();
  for (const fd of [a, b, own(pipe), own(pipeEnd), ...got]) {
    const flags = Number.parseInt(
      /flags:\t(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1] ?? "0",
      8,
    );
    expect(flags & 0o2000000).not.toBe(0);
  }
});

test("a sealed memfd can no longer be written, and says what it holds", () => {
  const fd = own(addon.memfd("name", Buffer.from("content")));
  writeSync(fd, "!", 7);
  addon.seal(fd);
  expect(() => writeSync(fd, "x", 0)).toThrow(/EPERM/);
  expect(failure(() => addon.seal(fd))).toMatchObject({ code: "EPERM", syscall: "fcntl" });
  expect(readFileSync(`/proc/self/fd/${fd}`, "utf8")).toBe("content!");
});

test("flock: exclusive against exclusive, free after unlock", () => {
  const path = join(folder(), "lock");
  const [a, b] = [open(path, "a"), open(path, "a")];
  expect(addon.flock(a, "exclusive", true)).toBe(true);
  expect(addon.flock(b, "shared", true)).toBe(false);
  addon.flock(a, "unlock", true);
  expect(addon.flock(b, "shared", true)).toBe(true);
  expect(addon.flock(a, "shared", true)).toBe(true);
});

test("openat2 stays beneath the root", () => {
  const root = folder();
  writeFileSync(join(root, "file"), "x");
  process.getBuiltinModule("node:fs").symlinkSync("/../../file", join(root, "link"));
  const dir = open(root);
  const fd = own(addon.openat2(dir, "link", 0, 0, RESOLVE_IN_ROOT));
  expect(fstatSync(fd).ino).toBe(fstatSync(open(join(root, "file"))).ino);
  expect(failure(() => addon.openat2(dir, "absent", 0, 0, 0))).toMatchObject({
    code: "ENOENT",
    syscall: "openat2",
  });
});

test("mount calls: new filesystem, attributes, detached copy, errors by name", () => {
  const target = folder();
  const context = addon.fsopen("tmpfs");
  addon.fsconfig(context, "size", "64k");
  expect(failure(() => addon.fsconfig(context, "nonsense", null))).toMatchObject({
    code: "EINVAL",
    syscall: "fsconfig",
  });
  addon.fsconfigCreate(context);
  const mount = own(addon.fsmount(context, 0));
  closeSync(context);
  addon.moveMount(mount, -100, target, 0);
  try {
    writeFileSync(join(target, "file"), "x");
    addon.mountSetattr(mount, "", 0x1000, 1n, 0n, 0n);
    expect(() => writeFileSync(join(target, "file"), "y")).toThrow(/EROFS/);
    const copy = own(addon.openTree(mount, "", 0x1001));
    expect(readFileSync(`/proc/self/fd/${copy}/file`, "utf8")).toBe("x");
  } finally {
    addon.umount2(target, 2);
  }
  expect(failure(() => addon.umount2(target, 2))).toMatchObject({ code: "EINVAL", syscall: "umount2" });
  expect(failure(() => addon.mount("none", join(target, "absent"), "tmpfs", 0, ""))).toMatchObject({
    code: "ENOENT",
    syscall: "mount",
  });
});

test("a text with a NUL reaches no system call: it would mean another name there", () => {
  expect(() => addon.openat2(-100, "/etc\0/x", 0, 0, 0)).toThrow("a text with a NUL character (EINVAL)");
  expect(() => addon.fsopen("tmpfs\0x")).toThrow("EINVAL");
});

test("a tmpfs that is not swapped is known to kernels from 6.4 on", () => {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  const fs = own(addon.fsopen("tmpfs"));
  const set = () => addon.fsconfig(fs, "noswap", null);
  if (major > 6 || (major === 6 && minor >= 4)) expect(set).not.toThrow();
  else expect(set).toThrow("EINVAL");
});
