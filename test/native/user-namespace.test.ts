import { existsSync, mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUSER,
  MS_BIND,
  MS_NOSUID,
  MS_PRIVATE,
  MS_REC,
} from "../../src/kernel/constants.ts";
import type { ContainerOp } from "../../src/plan/container-op.ts";
import { BECOME_ROOT } from "../../src/plan/user-namespace.ts";
import {
  addon,
  type ContainerSpec,
  container,
  eventsUntil,
  expectEvent,
  finish,
  folder,
  HOLDER_FLAGS,
  holderOps,
  makeRootfs,
  open,
  own,
  PATIENCE_MS,
  type Running,
  start,
  status,
  untilSleeping,
  waitEnd,
} from "./harness.ts";

const FIRST = 1_900_019_712;
const IDS = { first: FIRST, size: 65536 };

/** A holder with a user namespace; its pid, and the helper that made it, which has ended. */
function mappedHolder(flags = HOLDER_FLAGS): { maker: Running; pid: number } {
  const ops: ContainerOp[] = holderOps(folder());
  const root = ops.findIndex(({ op }) => op === "root") + 1;
  const maker = start({
    title: "/pause",
    ops: [
      { op: "clone-mapped", flags: flags | CLONE_NEWUSER, ...IDS },
      ...ops.slice(0, root),
      BECOME_ROOT,
      ...ops.slice(root),
    ],
  });
  const { pid } = expectEvent(maker, "cloned");
  const pidfd = own(addon.pidfdOpen(pid));
  expectEvent(maker, "paused");
  untilSleeping(pid);
  ending.push(() => addon.pidfdSendSignal(pidfd, 9));
  return { maker, pid };
}

const ending: (() => void)[] = [];
const endAll = () => {
  for (const end of ending.splice(0)) end();
};

/** A container born in the namespaces of a holder by a process aside. */
function mapped(holder: number, spec: Omit<ContainerSpec, "stage1">, more: ContainerOp[] = []) {
  const root = spec.root ?? makeRootfs();
  return container({
    system: [],
    noStdin: true,
    ...spec,
    root,
    fds: [own(addon.pidfdOpen(holder)), open(`/proc/${holder}/ns/user`)],
    stage1: [
      { op: "tree", fd: 200, source: root, subPath: "", createSubPath: false, recursive: false },
      { op: "id-map", fd: 200, by: 9, of: root, volume: "" },
      ...more,
      { op: "aside", stdio: spec.stdio ?? "pipes", uid: FIRST, gid: FIRST },
      { op: "setns", fd: 8, flags: CLONE_NEWUSER },
    ],
    premount: {
      op: "bind",
      source: "",
      subPath: "",
      createSubPath: false,
      target: root,
      recursive: false,
      set: 0,
      clear: 0,
      propagation: 0,
      attrsRecursive: false,
      tree: 200,
    },
    mounts: [BECOME_ROOT, ...(spec.mounts ?? [])],
  });
}

test("clone-mapped makes the holder a child of tspod's, with its map, and ends", () => {
  const { maker, pid } = mappedHolder();
  expect(waitEnd(maker)).toEqual({ code: 0, signal: 0 });
  for (const map of ["uid_map", "gid_map"])
    expect(readFileSync(`/proc/${pid}/${map}`, "utf8").trim().split(/\s+/)).toEqual([
      "0",
      String(FIRST),
      "65536",
    ]);
  expect(readFileSync(`/proc/${pid}/setgroups`, "utf8")).toBe("allow\n");
  const four = Array(4).fill(FIRST).join("\t");
  expect(status(pid)).toMatchObject({
    Name: "pause",
    PPid: String(process.pid),
    Uid: four,
    Gid: four,
    Groups: "",
    CapPrm: "0000000000000000",
    CapBnd: "0000000000000000",
    Seccomp: "2",
  });
  expect(readlinkSync(`/proc/${pid}/ns/user`)).not.toBe(readlinkSync("/proc/self/ns/user"));
  endAll();
});

test("clone-mapped that cannot write the map says so, and leaves no process", () => {
  const ops: ContainerOp[] = [
    { op: "clone-mapped", flags: CLONE_NEWUSER, first: 0xffff_fff0, size: 65536 },
    { op: "pause" },
  ];
  const maker = start({ ops });
  expect(eventsUntil(maker, "end")).toMatchObject([
    { kind: "fail", step: 0, errno: "EINVAL", syscall: "write" },
  ]);
  expect(waitEnd(maker).code).toBe(125);
});

test("aside leaves the monitor where it was, and makes the container its child", () => {
  const { pid: holder } = mappedHolder(HOLDER_FLAGS | CLONE_NEWPID);
  const one = mapped(holder, { argv: ["/bin/sh", "-c", "id -u; echo > /dev/stdout; exit 7"], gate: true });
  const { pid } = expectEvent(one, "cloned");
  expectEvent(one, "gate");
  expect(Number(status(pid).PPid)).toBe(one.pid);
  expect(readlinkSync(`/proc/${pid}/ns/user`)).toBe(readlinkSync(`/proc/${holder}/ns/user`));
  for (const kind of ["user", "mnt", "net", "pid"])
    expect(readlinkSync(`/proc/${one.pid}/ns/${kind}`)).toBe(readlinkSync(`/proc/self/ns/${kind}`));
  addon.pidfdSendSignal(one.pidfd, 9);
  // PDEATHSIG goes the new way, too.
  const pidfd = own(addon.pidfdOpen(pid));
  expect(addon.poll([pidfd], PATIENCE_MS)).toHaveLength(1);
  endAll();
});

test("what a process aside runs into is told once, and nobody is left waiting", () => {
  const { pid: holder } = mappedHolder();
  const root = makeRootfs();
  const one = container({
    argv: ["/bin/true"],
    root,
    fds: [own(addon.pidfdOpen(holder))],
    stage1: [
      { op: "aside", stdio: "pipes", uid: FIRST, gid: FIRST },
      { op: "setns", fd: 8, flags: CLONE_NEWUSER },
      // Its rights on the host are gone with that.
      { op: "rlimit", resource: 7, soft: 1n, hard: 2n ** 40n },
    ],
  });
  const events = eventsUntil(one, "end").filter(({ kind }) => kind !== "step");
  expect(events).toMatchObject([{ kind: "fail", step: 4, errno: "EPERM", syscall: "setrlimit" }]);
  expect(waitEnd(one).code).toBe(125);
  expect(existsSync(join(one.state, "exit"))).toBe(false);
  endAll();
});

test("id-map shows plain ids as the namespace's, and writes them back", () => {
  const { pid: holder } = mappedHolder();
  const root = makeRootfs();
  mkdirSync(join(root, "data"));
  writeFileSync(join(root, "data/of-root"), "", { mode: 0o600 });
  const one = mapped(holder, {
    root,
    argv: [
      "/bin/busybox",
      "sh",
      "-c",
      "ls -ln /data | busybox awk 'NR > 1 {print $3, $4, $NF}'; touch /data/new; cat /data/of-root && echo read",
    ],
  });
  expect(finish(one).lines.map((line) => line.split(" ").slice(3).join(" "))).toEqual([
    "0 0 of-root",
    "read",
  ]);
  expect(statSync(join(root, "data/new"))).toMatchObject({ uid: 0, gid: 0 });
  endAll();
});

test("id-map passes a device node by, and names the step where a file system cannot", () => {
  const { pid: holder } = mappedHolder();
  const tree = (source: string): ContainerOp[] => [
    { op: "tree", fd: 210, source, subPath: "", createSubPath: false, recursive: false },
    { op: "id-map", fd: 210, by: 9, of: source, volume: "" },
  ];
  expect(finish(mapped(holder, { argv: ["/bin/true"] }, tree("/dev/null"))).record.code).toBe(0);
  const refused = mapped(holder, { argv: ["/bin/true"] }, tree("/proc/sys"));
  expect(eventsUntil(refused, "end")).toMatchObject([
    { kind: "fail", step: 5, errno: "EINVAL", syscall: "mount_setattr" },
  ]);
  endAll();
});

test("fs-user makes files as another, and keeps the capabilities", () => {
  const at = folder();
  const ops: ContainerOp[] = [
    { op: "unshare", flags: CLONE_NEWNS },
    { op: "propagation", flags: MS_REC | MS_PRIVATE },
    { op: "fs-user", uid: FIRST, gid: FIRST + 1 },
    { op: "root", path: at },
    { op: "mkdir", path: "/made", mode: 0o755 },
    { op: "mount", source: at, target: at, fstype: "", flags: MS_BIND | MS_NOSUID, data: "" },
    { op: "fs-user", uid: 0, gid: 0 },
    { op: "mkdir", path: "/after", mode: 0o755 },
    { op: "pause" },
  ];
  expectEvent(start({ ops }), "paused");
  expect(statSync(join(at, "made"))).toMatchObject({ uid: FIRST, gid: FIRST + 1 });
  expect(statSync(join(at, "after"))).toMatchObject({ uid: 0, gid: 0 });
});
