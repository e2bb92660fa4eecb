import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  CLONE_NEWPID,
  CLONE_NEWUTS,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_RDONLY,
  MS_PRIVATE,
} from "../../src/kernel/constants.ts";
import type { ContainerOp } from "../../src/plan/container-op.ts";
import { addon, container, eventsUntil, folder, hostMounts, makeRootfs, output } from "./harness.ts";

type Bind = Extract<ContainerOp, { op: "bind" }>;

function bind(source: string, target: string, more: Partial<Bind> = {}): Bind {
  return {
    op: "bind",
    source,
    subPath: "",
    createSubPath: false,
    target,
    recursive: true,
    set: 0,
    clear: 0,
    propagation: MS_PRIVATE,
    attrsRecursive: false,
    tree: -1,
    ...more,
  };
}

test("mask hides a file under the null device and a folder under an empty one, and passes over what is absent", () => {
  const root = makeRootfs();
  mkdirSync(join(root, "secret"));
  writeFileSync(join(root, "secret/key"), "hidden");
  writeFileSync(join(root, "etc/shadow"), "hidden");
  const text = output({
    root,
    mounts: ["/secret", "/etc/shadow", "/proc/timer_list", "/nothing/there"].map((path) => ({
      op: "mask",
      path,
    })),
    sh: "ls -A /secret; cat /etc/shadow /proc/timer_list; echo x > /secret/new; cat /secret/new; echo done",
  });
  expect(text).not.toContain("hidden");
  expect(text).toMatch(/can't create \/secret\/new: Read-only file system/);
  expect(text).toMatch(/^done$/m);
  expect(readFileSync(join(root, "etc/shadow"), "utf8")).toBe("hidden");
});

test("readonly protects a path, its content stays visible", () => {
  const text = output({
    mounts: [
      { op: "readonly", path: "/proc/sys" },
      { op: "readonly", path: "/absent" },
    ],
    sh: "cat /proc/sys/kernel/ostype; echo x > /proc/sys/kernel/hostname",
  });
  expect(text).toMatch(/^Linux$/m);
  expect(text).toMatch(/Read-only file system/);
});

test("root-attr makes the root read-only and leaves what is mounted beneath", () => {
  const text = output({
    mounts: [{ op: "root-attr", set: MOUNT_ATTR_RDONLY }],
    sh: "echo x > /tmp/x; echo x > /dev/x && echo dev",
  });
  expect(text).toMatch(/\/tmp\/x: Read-only file system/);
  expect(text).toMatch(/^dev$/m);
});

test("bind makes its target as the source is, with parents, and honours attributes", () => {
  const source = folder();
  writeFileSync(join(source, "file"), "content\n");
  const text = output({
    mounts: [
      bind(source, "/a/b/c"),
      bind(source, "/ro", { set: MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC }),
      bind(join(source, "file"), "/etc/app/config"),
    ],
    sh: "cat /a/b/c/file /etc/app/config; echo y > /a/b/c/new; echo x > /ro/x",
  });
  expect(text).toMatch(/^content\ncontent$/m);
  expect(text).toMatch(/\/ro\/x: Read-only file system$/m);
  expect(readdirSync(source).sort()).toEqual(["file", "new"]);
});

test("bind: a read-only mount covers the mounts below only when asked to", () => {
  const source = folder();
  mkdirSync(join(source, "below"));
  const nested: ContainerOp = {
    op: "mount",
    source: "tmpfs",
    target: join(source, "below"),
    fstype: "tmpfs",
    flags: 0,
    data: "",
  };
  const sh = "echo x > /v/below/x && echo written";
  expect(output({ mounts: [nested, bind(source, "/v", { set: MOUNT_ATTR_RDONLY })], sh })).toBe("written");
  expect(
    output({ mounts: [nested, bind(source, "/v", { set: MOUNT_ATTR_RDONLY, attrsRecursive: true })], sh }),
  ).toMatch(/Read-only/);
  expect(
    output({ mounts: [nested, bind(source, "/v", { recursive: false, set: MOUNT_ATTR_RDONLY })], sh }),
  ).toMatch(/Read-only/);
});

test("bind: a file goes where an image's dangling link points, inside the root", () => {
  const root = makeRootfs();
  const source = join(folder(), "resolv.conf");
  writeFileSync(source, "nameserver 10.0.0.1\n");
  symlinkSync("../run/resolved/stub.conf", join(root, "etc/resolv.conf"));
  expect(output({ root, mounts: [bind(source, "/etc/resolv.conf")], sh: "cat /etc/resolv.conf" })).toBe(
    "nameserver 10.0.0.1",
  );
  expect(statSync(join(root, "run/resolved/stub.conf")).size).toBe(0);
});

test("bind: subPath takes a part, and makes a missing folder, as open as the volume, only when asked to", () => {
  const source = folder();
  chmodSync(source, 0o775);
  mkdirSync(join(source, "part"));
  writeFileSync(join(source, "part/file"), "part\n");
  expect(output({ mounts: [bind(source, "/v", { subPath: "part" })], sh: "cat /v/file" })).toBe("part");
  const one = container({ argv: ["/bin/true"], mounts: [bind(source, "/v", { subPath: "new/deep" })] });
  expect(eventsUntil(one, "end").at(-1)).toMatchObject({ kind: "fail", errno: "ENOENT", syscall: "openat2" });
  expect(
    output({
      mounts: [bind(source, "/v", { subPath: "new/deep", createSubPath: true })],
      sh: "echo x > /v/y",
    }),
  ).toBe("");
  for (const made of ["new", "new/deep"]) expect(statSync(join(source, made)).mode & 0o7777).toBe(0o775);
  expect(readFileSync(join(source, "new/deep/y"), "utf8")).toBe("x\n");
});

test("mkdir gives the exact mode, plain parents, and leaves what is there", () => {
  const text = output({
    mounts: [
      { op: "mkdir", path: "/srv/deep/er", mode: 0o1777 },
      { op: "mkdir", path: "/tmp", mode: 0o700 },
    ],
    sh: "busybox stat -c %a /srv/deep/er /srv /tmp",
  });
  expect(text).toBe("1777\n755\n755");
});

test("dev accepts the same device twice and refuses another under its name", () => {
  const again = (minor: number): ContainerOp => ({
    op: "dev",
    path: "/dev/null",
    mode: 0o666,
    major: 1,
    minor,
  });
  expect(output({ mounts: [again(3)], sh: "echo fine" })).toBe("fine");
  const one = container({ argv: ["/bin/true"], mounts: [again(5)] });
  expect(eventsUntil(one, "end").at(-1)).toMatchObject({ kind: "fail", errno: "EEXIST", syscall: "mknodat" });
});

test("proc-write reaches procfs behind read-only paths and masks", () => {
  const text = output({
    mounts: [
      { op: "readonly", path: "/proc/sys" },
      { op: "proc-write", path: "self/oom_score_adj", data: "500" },
      { op: "proc-write", path: "sys/kernel/domainname", data: "written" },
    ],
    flags: CLONE_NEWPID | CLONE_NEWUTS,
    sh: "cat /proc/self/oom_score_adj /proc/sys/kernel/domainname",
  });
  expect(text).toBe("500\nwritten");
});

interface Layers {
  lowers: string[];
  upper: string;
  work: string;
  merged: string;
}

/** `count` layers on a tmpfs (an upper layer may not be on an overlay), each with a file of its own and one that all have. */
function withLayers(count: number, name: string, act: (made: Layers) => void): void {
  const base = folder();
  addon.mount("tmpfs", base, "tmpfs", 0, "");
  try {
    const place = (one: string) => join(base, name, one);
    for (const one of ["upper", "work", "merged"]) mkdirSync(place(one), { recursive: true });
    const lowers = Array.from({ length: count - 1 }, (_, index) => {
      const lower = place(`${index}:,layer`);
      mkdirSync(lower);
      writeFileSync(join(lower, `only-${index}`), "");
      writeFileSync(join(lower, "all"), `${index}\n`);
      return lower;
    });
    lowers.push(makeRootfs());
    act({ lowers, upper: place("upper"), work: place("work"), merged: place("merged") });
  } finally {
    addon.umount2(base, 2);
  }
}

function overlayRoot({ merged, ...from }: Layers) {
  const premount: ContainerOp = { op: "overlay", target: merged, options: ["volatile"], ...from };
  return { root: merged, premount };
}

const long = "x".repeat(200);
test.each([
  ["two", 2, ""],
  ["120, with commas and colons in their names,", 120, ""],
  ["as many as the kernel stacks", 500, ""],
  ["120 with paths too long for fsconfig", 120, `${long}/${long}`],
  ["as many as the kernel stacks, with paths too long for fsconfig,", 500, `${long}/${long}`],
  ["120 with a backslash in the path", 120, "back\\slash"],
])("overlay: %s layers make a root, the top one first", (_, count, name) => {
  withLayers(count, name, (made) => {
    const before = hostMounts();
    const text = output({
      ...overlayRoot(made),
      sh: "cat /all; ls / | busybox grep -c only; echo x > /etc/new; cat /etc/new; busybox pwd; ls /proc/self/fd | busybox wc -l",
    });
    // The fourth is what `ls` itself has open.
    expect(text).toBe(`0\n${count - 1}\nx\n/\n4`);
    expect(hostMounts()).toEqual(before);
    expect(readFileSync(join(made.upper, "etc/new"), "utf8")).toBe("x\n");
  });
});

test.each([
  ["a layer that is not there", ["/nothing/here"], "ENOENT"],
  ["more layers than the kernel stacks", Array.from({ length: 501 }, () => "/"), "EINVAL"],
])("overlay: %s is an error", (_, lowers, errno) => {
  withLayers(2, "", (made) => {
    const one = container({ argv: ["/bin/true"], ...overlayRoot({ ...made, lowers }) });
    expect(eventsUntil(one, "end").at(-1)).toMatchObject({ kind: "fail", errno });
  });
});

test("an overlay root works, and the host sees none of its mounts", () => {
  const lower = makeRootfs();
  const layer = folder();
  // overlay's upper layer may not itself be on an overlay.
  addon.mount("tmpfs", layer, "tmpfs", 0, "");
  try {
    for (const name of ["upper", "work", "merged"]) mkdirSync(join(layer, name));
    const merged = join(layer, "merged");
    const before = hostMounts();
    const text = output({
      root: merged,
      premount: {
        op: "mount",
        source: "overlay",
        target: merged,
        fstype: "overlay",
        flags: 0,
        data: `lowerdir=${lower},upperdir=${layer}/upper,workdir=${layer}/work`,
      },
      sh: "echo x > /etc/new; cat /etc/new",
    });
    expect(text).toBe("x");
    expect(hostMounts()).toEqual(before);
    expect(readFileSync(join(layer, "upper/etc/new"), "utf8")).toBe("x\n");
    expect(readdirSync(join(lower, "etc"))).toEqual([]);
  } finally {
    addon.umount2(layer, 2);
  }
});
