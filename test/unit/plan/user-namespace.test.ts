import { describe, expect, it } from "vitest";
import { CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWUSER, MOUNT_ATTR_NODEV } from "../../../src/kernel/constants.ts";
import type { ContainerOp } from "../../../src/plan/container-op.ts";
import { planExec } from "../../../src/plan/exec.ts";
import { BECOME_ROOT, mappedContainer } from "../../../src/plan/user-namespace.ts";

const bind = (source: string, target: string): ContainerOp => ({
  op: "bind",
  source,
  subPath: "s",
  createSubPath: true,
  target,
  recursive: true,
  set: 1,
  clear: 0,
  propagation: 0,
  attrsRecursive: false,
  tree: -1,
});

const ops = mappedContainer({
  stageOne: [
    { op: "write", path: "/cg/infra/tasks", data: "0" },
    { op: "setns", fd: 6, flags: CLONE_NEWNET },
    { op: "clone", flags: CLONE_NEWNS, cgroupFd: 9, stdio: "tty" },
  ],
  stageTwo: [
    { op: "keyring" },
    { op: "write", path: "/cg/tasks", data: "0" },
    {
      op: "overlay",
      target: "/r",
      lowers: ["/l/1", "/l/0"],
      upper: "/c/upper",
      work: "/c/work",
      options: ["volatile"],
    },
    { op: "root", path: "/r" },
    { op: "dev", path: "/dev/null", mode: 0o666, major: 1, minor: 3 },
    { op: "proc-write", path: "self/oom_score_adj", data: "-997" },
    bind("/v/data", "/data"),
    bind("/v/image", "/image"),
    { op: "pivot" },
    { op: "rlimit", resource: 7, soft: 1n, hard: 1n },
    { op: "user", uid: 1000, gid: 1000, groups: [] },
  ],
  ids: { first: 1_000_000, size: 65536 },
  volumeAt: (target) => ({ name: target === "/data" ? "data" : "", devices: target === "/image" }),
  shown: new Set(["/v/image"]),
  userFd: 10,
  mountsFd: 11,
});
const at = (name: ContainerOp["op"], from = 0) =>
  ops.findIndex(({ op }, index) => op === name && index >= from);
const all = <K extends ContainerOp["op"]>(name: K) =>
  ops.filter((op): op is Extract<ContainerOp, { op: K }> => op.op === name);

describe("a command in a container of the pod's user namespace", () => {
  const security = {
    user: { uid: 1000, gid: 1000, groups: [] },
    early: [
      { op: "proc-write", path: "self/attr/apparmor/exec", data: "exec x" },
      { op: "user", uid: 1000, gid: 1000, groups: [] },
    ] satisfies ContainerOp[],
    late: [],
    rlimits: [{ op: "rlimit", resource: 7, soft: 1n, hard: 1n }] satisfies ContainerOp[],
    maskedPaths: [],
    readonlyPaths: [],
  };
  const template = {
    env: [],
    workingDir: "/",
    security,
    oomScore: [{ op: "proc-write", path: "self/oom_score_adj", data: "-997" }] satisfies ContainerOp[],
  };
  const input = {
    argv: ["x"],
    tty: undefined,
    stdinOpen: false,
    tasksFds: [7],
    cgroupFd: -1,
    targetFd: 6,
    consoleFd: -1,
  };
  const names = (list: readonly ContainerOp[]) => list.map(({ op }) => op);

  it("does what takes rights on the host before it joins, and is the pod's root once it has", () => {
    const list = planExec({
      ...input,
      template: { ...template, userNamespace: { first: 65536, size: 65536 } },
    });
    expect(list.slice(0, 4)).toMatchObject([
      { op: "write", path: "/proc/self/oom_score_adj" },
      { op: "write", path: "/proc/self/attr/apparmor/exec", data: "exec x" },
      { op: "rlimit" },
      { op: "setns", fd: 6 },
    ]);
    expect(((list[3] as { flags: number }).flags & CLONE_NEWUSER) !== 0).toBe(true);
    expect(list.slice(4, 8)).toMatchObject([
      { op: "clone" },
      { op: "pdeathsig" },
      { op: "write-fd", fd: 7 },
      BECOME_ROOT,
    ]);
    expect(names(list.slice(8))).toEqual([
      "setsid",
      "keyring",
      "stdin-null",
      "umask",
      "chdir",
      "user",
      "execve",
    ]);
  });

  it("does it all inside without one, through a procfs that no mount covers", () => {
    const list = planExec({ ...input, template });
    expect(((list[0] as { flags: number }).flags & CLONE_NEWUSER) === 0).toBe(true);
    expect(names(list)).toEqual(
      "setns clone pdeathsig write-fd setsid keyring procfs proc-write stdin-null umask rlimit chdir proc-write user execve".split(
        " ",
      ),
    );
  });
});

describe("a container in the pod's user namespace", () => {
  it("opens and maps its sources as the host's root, before it is entered", () => {
    expect(all("id-map").map(({ of, volume, by }) => [of, volume, by])).toEqual([
      ["/l/1", "", 10],
      ["/l/0", "", 10],
      ["/c", "", 10],
      ["/v/data", "data", 10],
    ]);
    const trees = ops.slice(0, at("aside")).filter((op) => op.op === "tree");
    expect(trees.map(({ source }) => source)).toEqual([
      "/l/1",
      "/l/0",
      "/c",
      "/r/root",
      "/dev/null",
      "/v/data",
      "/v/image",
    ]);
    expect(trees.at(-2)).toMatchObject({ subPath: "s", createSubPath: true, recursive: true });
  });

  it("has its mounts put up by the host's root, so that the kernel locks what they are", () => {
    const stand = ops.slice(at("aside") + 1, at("write", at("aside")));
    expect(stand).toMatchObject([
      { op: "unshare", flags: CLONE_NEWNS },
      { op: "propagation" },
      { op: "mount", fstype: "tmpfs", target: "/r" },
      { op: "root", path: "/r" },
      { op: "bind", tree: 198, target: "/198", set: MOUNT_ATTR_NODEV },
      { op: "bind", tree: 200, target: "/200", set: 0 },
      { op: "bind", tree: 201, target: "/201", set: 1 | MOUNT_ATTR_NODEV, recursive: true },
      { op: "bind", tree: 202, target: "/202", set: 1 },
    ]);
    // Inside they are opened again, while the way to them can be gone.
    expect(ops.slice(at("clone") + 1, at("clone") + 5)).toMatchObject(
      [198, 200, 201, 202].map((fd) => ({ op: "tree", fd, source: `/r/${fd}` })),
    );
  });

  it("mounts the overlay as the pod's root, in a mount namespace that is left again", () => {
    expect(ops.slice(at("fs-user"), at("setns") + 1)).toEqual([
      { op: "fs-user", uid: 1_000_000, gid: 1_000_000 },
      {
        op: "overlay",
        target: "/r/root",
        lowers: ["/r/0", "/r/1"],
        upper: "/r/own/upper",
        work: "/r/own/work",
        options: ["volatile"],
      },
      { op: "fs-user", uid: 0, gid: 0 },
      { op: "tree", fd: 198, source: "/r/root", subPath: "", createSubPath: false, recursive: false },
      { op: "setns", fd: 11, flags: CLONE_NEWNS },
    ]);
    expect(at("unshare")).toBeLessThan(at("id-map"));
  });

  it("sets limits, cgroups and the OOM score while it still may, and then joins", () => {
    const outside = ops.slice(at("write", at("aside")), at("clone") + 1);
    expect(ops[at("aside")]).toEqual({ op: "aside", stdio: "tty", uid: 1_000_000, gid: 1_000_000 });
    expect(outside).toEqual([
      { op: "write", path: "/cg/tasks", data: "0" },
      { op: "write", path: "/proc/self/oom_score_adj", data: "-997" },
      { op: "rlimit", resource: 7, soft: 1n, hard: 1n },
      { op: "setns", fd: 6, flags: CLONE_NEWNET | CLONE_NEWUSER },
      { op: "clone", flags: CLONE_NEWNS, cgroupFd: 9, stdio: "tty" },
    ]);
    expect(ops[0]).toEqual({ op: "write", path: "/cg/infra/tasks", data: "0" });
  });

  it("is the pod's root from the moment its root filesystem is open", () => {
    const inside = ops.slice(at("root", at("clone")));
    expect(inside.slice(0, 2)).toMatchObject([
      { op: "root", path: "/" },
      { op: "bind", tree: 198, target: "/r" },
    ]);
    expect(inside.slice(2, 5)).toEqual([{ op: "root", path: "/r" }, BECOME_ROOT, { op: "keyring" }]);
    expect(inside.filter(({ op }) => op === "bind").slice(1)).toMatchObject([
      { target: "/dev/null", tree: 200 },
      { target: "/data", tree: 201, set: 1 },
      { target: "/image", tree: 202 },
    ]);
    expect(inside.at(-1)).toMatchObject({ op: "user", uid: 1000 });
  });
});
