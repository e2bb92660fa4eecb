import { mkdirSync, openSync, readFileSync, readlinkSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CLONE_NEWNET } from "../../src/kernel/constants.ts";
import { addon, holder, open, own, PATIENCE_MS } from "./harness.ts";
import { failure, spawn } from "./programs.ts";

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

// A pure v1 host has no v2 tree to attach a program to; there the devices controller is used instead.
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
    addon.poll([child.pidfd], PATIENCE_MS);
    expect(addon.waitPidfd(child.pidfd)).toEqual({ code: 0, signal: 0 });
    expect(
      failure(() => addon.bpfCgroupDevice(cgroupFd, Buffer.from("ff00000000000000", "hex"))),
    ).toMatchObject({ syscall: "bpf(BPF_PROG_LOAD)" });
  } finally {
    rmdirSync(cgroup);
  }
});
