import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmdirSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { CLONE_NEWNET, CLONE_NEWUTS, RESOLVE_IN_ROOT } from "../../src/kernel/constants.ts";
import { addon, busybox, folder, holder, open, own, waitEnd } from "./harness.ts";

/** A program outside of any container, by its descriptor. */
function spawn(argv: string[], more: Partial<Parameters<typeof addon.spawn>[0]> = {}) {
  const child = addon.spawn({
    exeFd: open(busybox),
    argv,
    env: ["PATH=/bin"],
    flags: 0,
    fds: [-1, -1, -1],
    cgroupFd: -1,
    setsid: false,
    ...more,
  });
  own(child.pidfd);
  return child;
}

function outputOf(argv: string[], more: Partial<Parameters<typeof addon.spawn>[0]> = {}): string {
  const [out, theirs] = addon.pipe();
  const child = spawn(argv, { ...more, fds: [-1, theirs, theirs, ...(more.fds ?? [])] });
  closeSync(theirs);
  own(out);
  let text = "";
  const buffer = Buffer.alloc(65536);
  for (let size = readSync(out, buffer); size > 0; size = readSync(out, buffer))
    text += buffer.toString("utf8", 0, size);
  addon.poll([child.pidfd], 10_000);
  addon.waitPidfd(child.pidfd);
  return text;
}

function failure(call: () => unknown): NodeJS.ErrnoException & { index?: number } {
  try {
    call();
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  throw new Error("it worked");
}

test("spawn: the program gets argv, env and exactly the descriptors given, in their places", () => {
  const [first, second] = [open("/etc/hostname"), open("/proc/version")];
  // In reverse of their own order, one twice: placing one must not overwrite another.
  const fds = [second, first, second];
  const text = outputOf(["sh", "-c", 'for n in 3 4 5; do readlink /proc/$$/fd/$n; done; echo "$PATH"'], {
    fds,
  });
  expect(text).toBe("/proc/version\n/etc/hostname\n/proc/version\n/bin\n");
  // 6 is the folder that ls reads.
  expect(outputOf(["ls", "/proc/self/fd"], { fds })).toBe("0\n1\n2\n3\n4\n5\n6\n");
});

test("spawn: sources that are themselves places of the table", () => {
  // 0, 1 and 2 of this process, turned round; the program tells what they are.
  const mine = [0, 1, 2].map((n) => readlinkSync(`/proc/self/fd/${n}`));
  const [out, theirs] = addon.pipe();
  own(out);
  const child = spawn(["sh", "-c", "for n in 0 1 2; do at=$(readlink /proc/$$/fd/$n); echo $at >&3; done"], {
    fds: [2, 0, 1, theirs],
  });
  closeSync(theirs);
  addon.poll([child.pidfd], 10_000);
  addon.waitPidfd(child.pidfd);
  const buffer = Buffer.alloc(4096);
  expect(buffer.toString("utf8", 0, readSync(out, buffer)).trim().split("\n")).toEqual([
    mine[2],
    mine[0],
    mine[1],
  ]);
});

test("spawn: signals are unblocked and default, though Node ignores some", () => {
  expect(readFileSync("/proc/self/status", "utf8")).toMatch(/^SigIgn:\t0*[1-9a-f]/m);
  const text = outputOf(["grep", "-E", "^Sig(Blk|Ign|Cgt)", "/proc/self/status"]);
  expect(text).toBe("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000000000\n");
});

test("spawn: a session of its own when asked for", () => {
  const session = (setsid: boolean) =>
    outputOf(["sh", "-c", "cut -d' ' -f1,6 /proc/$$/stat".replace("cut", "busybox cut")], { setsid })
      .trim()
      .split(" ");
  const own_ = session(true);
  expect(own_[0]).toBe(own_[1]);
  const shared = session(false);
  expect(shared[0]).not.toBe(shared[1]);
});

test("spawn: namespaces", () => {
  const mine = readlinkSync("/proc/self/ns/uts");
  expect(outputOf(["readlink", "/proc/self/ns/uts"], { flags: CLONE_NEWUTS }).trim()).not.toBe(mine);
  expect(outputOf(["readlink", "/proc/self/ns/uts"]).trim()).toBe(mine);
});

test("spawn: failure in the child is told with call and errno, and leaves no process", () => {
  const children = () => readFileSync(`/proc/self/task/${process.pid}/children`, "utf8");
  const before = children();
  expect(failure(() => spawn(["x"], { exeFd: open("/etc/passwd") }))).toMatchObject({
    code: "EACCES",
    syscall: "execveat",
    errno: 13,
  });
  expect(failure(() => spawn(["x"], { fds: [9999] }))).toMatchObject({ code: "EBADF", syscall: "fcntl" });
  expect(failure(() => spawn(["x"], { exeFd: 9999 }))).toMatchObject({ code: "EBADF", syscall: "fcntl" });
  expect(failure(() => spawn(["x"], { cgroupFd: open("/etc/passwd") }))).toMatchObject({
    code: "EBADF",
    syscall: "clone3",
  });
  expect(failure(() => spawn(["x"], { flags: 0x20200 }))).toMatchObject({ syscall: "clone3" });
  expect(children()).toBe(before);
});

test("spawn: the cost does not grow with the heap", () => {
  const best = () => {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 40; i++) {
      const start = process.hrtime.bigint();
      const child = spawn(["true"]);
      least = Math.min(least, Number(process.hrtime.bigint() - start));
      addon.poll([child.pidfd], 10_000);
      addon.waitPidfd(child.pidfd);
    }
    return least;
  };
  const small = best();
  const ballast = Buffer.alloc(400 << 20, 1);
  // The best of many, so that a busy machine does not count; fork(2) copies page tables and takes five times as long.
  expect(best()).toBeLessThan(small * 3);
  expect(ballast[1]).toBe(1);
});

test("waitPidfd: undefined while it runs, then code and signal", () => {
  const child = spawn(["sh", "-c", "exit 3"]);
  addon.poll([child.pidfd], 10_000);
  expect(addon.waitPidfd(child.pidfd)).toEqual({ code: 3, signal: 0 });
  expect(failure(() => addon.waitPidfd(child.pidfd))).toMatchObject({ code: "ECHILD", syscall: "waitid" });
  const killed = spawn(["sleep", "100"]);
  expect(addon.waitPidfd(killed.pidfd)).toBeUndefined();
  addon.pidfdSendSignal(killed.pidfd, 9);
  addon.poll([killed.pidfd], 10_000);
  expect(addon.waitPidfd(killed.pidfd)).toEqual({ code: 137, signal: 9 });
  expect(failure(() => addon.pidfdSendSignal(killed.pidfd, 9))).toMatchObject({
    code: "ESRCH",
    syscall: "pidfd_send_signal",
  });
});

test("pidfdOpen: a pid that is not there is ESRCH", () => {
  expect(failure(() => addon.pidfdOpen(0x3ffffff))).toMatchObject({
    code: "ESRCH",
    errno: 3,
    syscall: "pidfd_open",
  });
});

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
  await sleep(5);
  expect(count()).toBe(before + 1);
  cancel();
  await sleep(5);
  expect(count()).toBe(before);
});

test("descriptors pass over a socket, and every one made here is close-on-exec", () => {
  const [a, b] = addon.socketpair();
  own(a);
  own(b);
  const file = open("/etc/passwd");
  addon.sendFds(a, [file, file, file]);
  const got = addon.recvFds(b, 1000);
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

// ---- netlink: enough of rtnetlink to see batches, dumps and errors

const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;
const NLM_F_DUMP = 0x300;
const [RTM_GETLINK, RTM_DELLINK] = [18, 17];

function linkMessage(type: number, flags: number, seq: number, index = 0): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32LE(32, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(flags | NLM_F_REQUEST, 6);
  bytes.writeUInt32LE(seq, 8);
  bytes.writeInt32LE(index, 20);
  return bytes;
}

test("netlink: a socket of another network namespace sees that one's links, and the thread is back home", () => {
  const mine = readlinkSync("/proc/thread-self/ns/net");
  const pod = holder(CLONE_NEWNET | 0x20000);
  const links = (netns: number) => {
    const reply = addon.netlinkRequest(
      own(addon.netlinkSocket(0, netns)),
      linkMessage(RTM_GETLINK, NLM_F_DUMP, 1),
    );
    let count = 0;
    for (let at = 0; at < reply.length; at += (reply.readUInt32LE(at) + 3) & ~3) count++;
    return count;
  };
  expect(links(pod.pidfd)).toBe(1);
  expect(links(-1)).toBeGreaterThanOrEqual(1);
  expect(readlinkSync("/proc/thread-self/ns/net")).toBe(mine);
  expect(failure(() => addon.netlinkSocket(0, open("/etc/passwd")))).toMatchObject({
    code: "EINVAL",
    syscall: "setns",
  });
  expect(readlinkSync("/proc/thread-self/ns/net")).toBe(mine);
});

test("netlink: a batch reports the place of the first failure, and the socket is clean afterwards", () => {
  const pod = holder(CLONE_NEWNET | 0x20000);
  const socket = own(addon.netlinkSocket(0, pod.pidfd));
  const batch = Buffer.concat([
    linkMessage(RTM_GETLINK, NLM_F_ACK, 10, 1),
    linkMessage(RTM_DELLINK, NLM_F_ACK, 11, 1),
    linkMessage(RTM_DELLINK, NLM_F_ACK, 12, 77),
    linkMessage(RTM_GETLINK, NLM_F_ACK, 13, 1),
  ]);
  expect(failure(() => addon.netlinkRequest(socket, batch))).toMatchObject({
    code: "EOPNOTSUPP",
    syscall: "netlink",
    index: 1,
  });
  const reply = addon.netlinkRequest(socket, linkMessage(RTM_GETLINK, NLM_F_ACK, 20, 1));
  expect(reply.readUInt32LE(8)).toBe(20);
  expect(reply.length).toBe((reply.readUInt32LE(0) + 3) & ~3);
});

test("netlink: the kernel's own words are in the message", () => {
  const pod = holder(CLONE_NEWNET | 0x20000);
  const socket = own(addon.netlinkSocket(0, pod.pidfd));
  // RTM_NEWADDR with a prefix length that cannot be.
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32LE(32, 0);
  bytes.writeUInt16LE(20, 4);
  bytes.writeUInt16LE(NLM_F_REQUEST | NLM_F_ACK | 0x600, 6);
  bytes.writeUInt8(2, 16);
  bytes.writeUInt8(99, 17);
  bytes.writeUInt32LE(1, 20);
  bytes.writeUInt16LE(8, 24);
  bytes.writeUInt16LE(2, 26);
  bytes.writeUInt32LE(0x0100000a, 28);
  const error = failure(() => addon.netlinkRequest(socket, bytes));
  expect(error).toMatchObject({ code: "EINVAL", index: 0 });
  expect(error.message).toMatch(/^netlink: .*[Pp]refix.* \(EINVAL\)$/);
});

test("terminals: size and raw mode, restored", () => {
  const master = own(openSync("/dev/ptmx", "r+"));
  addon.setWinsize(master, 30, 90);
  expect(addon.winsize(master)).toEqual({ rows: 30, columns: 90 });
  const saved = addon.rawMode(master);
  const raw = addon.rawMode(master);
  expect(raw.equals(saved)).toBe(false);
  addon.restoreMode(master, saved);
  expect(addon.rawMode(master).equals(saved)).toBe(true);
  expect(failure(() => addon.winsize(open("/etc/passwd")))).toMatchObject({
    code: "ENOTTY",
    syscall: "ioctl",
  });
  expect(failure(() => addon.restoreMode(master, Buffer.alloc(3)))).toMatchObject({ code: "EINVAL" });
});

const V2 = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].find((path) => {
  try {
    return readFileSync(join(path, "cgroup.controllers"), "utf8") !== undefined;
  } catch {
    return false;
  }
});

test.runIf(V2)("bpfCgroupDevice: a program that denies everything denies opening a device", () => {
  const cgroup = join(V2 ?? "", `tspod-native-bpf-${process.pid}`);
  mkdirSync(cgroup);
  try {
    const cgroupFd = open(cgroup);
    // r0 = 0; exit
    addon.bpfCgroupDevice(cgroupFd, Buffer.from("b7000000000000009500000000000000", "hex"));
    // Already the child's own opening of /dev/null is denied.
    expect(failure(() => spawn(["true"], { cgroupFd }))).toMatchObject({ code: "EPERM", syscall: "openat" });
    const child = spawn(["true"], { cgroupFd, fds: [open("/dev/null")] });
    addon.poll([child.pidfd], 10_000);
    expect(addon.waitPidfd(child.pidfd)).toEqual({ code: 0, signal: 0 });
    expect(
      failure(() => addon.bpfCgroupDevice(cgroupFd, Buffer.from("ff00000000000000", "hex"))),
    ).toMatchObject({ syscall: "bpf(BPF_PROG_LOAD)" });
  } finally {
    rmdirSync(cgroup);
  }
});

test("a signal while polling is not a timeout", async () => {
  const helper = holder();
  const child = spawn(["sh", "-c", `sleep 0.1; kill -WINCH ${process.pid}; sleep 0.1`]);
  expect(addon.poll([child.pidfd], 5000)).toEqual([0]);
  addon.waitPidfd(child.pidfd);
  addon.pidfdSendSignal(helper.pidfd, 15);
  expect(waitEnd(helper).code).toBe(0);
});
