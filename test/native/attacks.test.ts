import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CLONE_NEWPID, CLONE_NEWUTS, MS_PRIVATE } from "../../src/kernel/constants.ts";
import type { ContainerOp } from "../../src/plan/container-op.ts";
import {
  addon,
  type ContainerSpec,
  container,
  eventsUntil,
  expectEvent,
  finish,
  folder,
  logLines,
  makeRootfs,
  open,
  output,
  systemOps,
  testProgram,
  waitEnd,
} from "./harness.ts";

/** A folder of the host with random content that must stay unread, unchanged and without company. */
let canary: string;
let secret: string;
let attacker: ChildProcess | undefined;

beforeEach(() => {
  canary = folder();
  secret = createHash("sha256").update(String(Math.random())).digest("hex");
  writeFileSync(join(canary, "secret"), secret);
});

afterEach(() => {
  attacker?.kill("SIGKILL");
  attacker = undefined;
  expect(readdirSync(canary)).toEqual(["secret"]);
  expect(readFileSync(join(canary, "secret"), "utf8")).toBe(secret);
});

const SYSTEM_WITHOUT_DEV = systemOps().filter(
  (op) => !("path" in op && op.path.startsWith("/dev")) && !("target" in op && op.target.startsWith("/dev")),
);

function bind(source: string, target: string, subPath = "", createSubPath = false): ContainerOp {
  return {
    op: "bind",
    source,
    subPath,
    createSubPath,
    target,
    recursive: true,
    set: 0,
    clear: 0,
    propagation: MS_PRIVATE,
    attrsRecursive: false,
  };
}

/** What the refused or confined container said; the secret must not be in it. */
function attempt(spec: ContainerSpec) {
  const one = container(spec);
  const fail = eventsUntil(one, "end").find(({ kind }) => kind === "fail");
  waitEnd(one);
  const text = logLines(one).join("\n");
  expect(text).not.toContain(secret);
  return { one, fail, text };
}

function hashes(): string[] {
  return [
    process.execPath,
    join(import.meta.dirname, "../../dist/tspod-helper"),
    join(import.meta.dirname, "../../dist/tspod.node"),
  ].map((path) => createHash("sha256").update(readFileSync(path)).digest("hex"));
}

test("A1: a program that is /proc/self/exe, by link or by interpreter, cannot change ours", () => {
  const before = hashes();
  const root = makeRootfs();
  symlinkSync("/proc/self/exe", join(root, "link"));
  writeFileSync(join(root, "script"), "#!/proc/self/exe\n", { mode: 0o755 });
  for (const program of ["/link", "/script"]) {
    const { record } = finish(container({ root, argv: [program] }));
    // The helper itself runs once more, finds no plan, and ends.
    expect(record.code).toBe(125);
  }
  expect(hashes()).toEqual(before);
});

test("A1: the helper's memory file refuses a writer even with every capability", () => {
  const one = container({ argv: ["/bin/sleep", "100"], gate: true });
  eventsUntil(one, "gate");
  for (const mode of ["r+", "w", "a"])
    expect(() => open(`/proc/${one.pid}/exe`, mode)).toThrow(/ETXTBSY|EPERM/);
});

test("A2: working directories by descriptor are refused, whatever the number, and by an image's link", () => {
  const root = makeRootfs();
  const leaked = Array.from({ length: 20 }, () => open(canary));
  for (const n of [3, 4, 5, 6, 7, 8, 9, 12, 17, 25, 40]) {
    for (const cwd of [`/proc/self/fd/${n}`, `/proc/thread-self/fd/${n}/../..`]) {
      const { fail } = attempt({ root, cwd, fds: leaked, argv: ["/bin/cat", "secret"] });
      expect(fail).toMatchObject({ syscall: expect.stringMatching(/openat2|mkdirat/) });
    }
    symlinkSync(`/proc/self/fd/${n}`, join(root, `w${n}`));
    expect(attempt({ root, cwd: `/w${n}`, fds: leaked, argv: ["/bin/cat", "secret"] }).fail).toMatchObject({
      syscall: expect.stringMatching(/openat2|mkdirat/),
    });
  }
});

test("A2: PID 1 of the container has 0, 1 and 2 and nothing else", () => {
  const leaked = Array.from({ length: 30 }, () => open(canary));
  const text = output({ fds: leaked, sh: "ls /proc/1/fd; readlink /proc/1/cwd; ls -A /" });
  expect(text.split("\n").slice(0, 3)).toEqual(["0", "1", "2"]);
  expect(text).not.toContain("secret");
});

test("A3: a process on its way in cannot be looked into by one of the same user and capabilities", () => {
  const drop: ContainerOp = { op: "caps", effective: 0n, permitted: 0n, inheritable: 0n, ambient: 0n };
  const one = container({ argv: ["/bin/true"], late: [drop], gate: true });
  const cloned = expectEvent(one, "cloned");
  expectEvent(one, "gate");
  // Root without capabilities, as in a container: only that the process is not dumpable is in its way.
  const look = (pid: number) =>
    execFileSync(
      "setpriv",
      ["--bounding-set=-all", "--inh-caps=-all", "readlink", "-v", `/proc/${pid}/cwd`],
      {
        stdio: "pipe",
      },
    );
  expect(() => look(cloned.pid)).toThrow(/Permission denied/);
  expect(() => look(one.pid)).toThrow(/Permission denied/);
  // One of the same kind that is dumpable can be looked into: what was tried above is an attack.
  const plain = spawn("setpriv", ["--bounding-set=-all", "--inh-caps=-all", "sleep", "10"], {
    stdio: "ignore",
  });
  try {
    let seen = "";
    for (let i = 0; i < 200 && seen === ""; i++) {
      addon.poll([], 10);
      try {
        seen = look(plain.pid ?? 0).toString();
      } catch {
        // It has not given up its capabilities yet.
      }
    }
    expect(seen).toContain(process.cwd());
  } finally {
    plain.kill("SIGKILL");
  }
});

test("A4: a mask does not take an image's /dev/null for the kernel's", () => {
  const root = makeRootfs();
  symlinkSync("/proc/sys/kernel/core_pattern", join(root, "dev/null"));
  const link = attempt({
    root,
    system: SYSTEM_WITHOUT_DEV,
    mounts: [{ op: "mask", path: "/proc/timer_list" }],
    argv: ["/bin/true"],
    noStdin: true,
  });
  expect(link.fail).toMatchObject({ errno: "ELOOP", syscall: "openat2" });
  rmSync(join(root, "dev/null"));
  writeFileSync(join(root, "dev/null"), "");
  const file = attempt({
    root,
    system: SYSTEM_WITHOUT_DEV,
    mounts: [{ op: "mask", path: "/proc/timer_list" }],
    argv: ["/bin/true"],
    noStdin: true,
  });
  expect(file.fail).toMatchObject({ errno: "ENODEV", syscall: "fstat" });
  const stdin = attempt({ root, system: SYSTEM_WITHOUT_DEV, argv: ["/bin/true"] });
  expect(stdin.fail).toMatchObject({ errno: "ENODEV", syscall: "fstat" });
});

test("A4: /dev itself a link to elsewhere is still the container's own", () => {
  const root = makeRootfs();
  rmdirSync(join(root, "dev"));
  symlinkSync(canary, join(root, "dev"));
  expect(attempt({ root, argv: ["/bin/true"] }).fail).toMatchObject({ errno: "ENOENT" });
  rmSync(join(root, "dev"));
  symlinkSync("/tmp", join(root, "dev"));
  // The tmpfs lands on /tmp; devpts follows no link, so this root is refused as a whole.
  expect(attempt({ root, argv: ["/bin/true"] }).fail).toMatchObject({ errno: "ELOOP" });
});

test("A5: /dev/console as a link is not followed", () => {
  const evil: ContainerOp = { op: "symlink", path: "/dev/console", target: "/proc/sysrq-trigger" };
  const { fail } = attempt({ stdio: "tty", mounts: [evil], argv: ["/bin/true"] });
  expect(fail).toMatchObject({ errno: "ELOOP", syscall: "openat2" });
});

test("A5: a fake devpts gives no terminal", () => {
  const root = makeRootfs();
  mkdirSync(join(root, "dev/pts"));
  writeFileSync(join(root, "dev/pts/ptmx"), "");
  const { fail } = attempt({ root, system: SYSTEM_WITHOUT_DEV, stdio: "tty", argv: ["/bin/true"] });
  expect(fail).toMatchObject({ errno: "ENODEV", syscall: "fstatfs" });
});

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

test("B5: a log that is a link is not followed", () => {
  const logs = folder();
  symlinkSync(join(canary, "secret"), join(logs, "evil.log"));
  const { fail } = attempt({
    stage1: [{ op: "log", dirFd: 8, name: "evil.log", maxBytes: 0, maxFiles: 1 }],
    fds: [open(logs)],
    argv: ["/bin/echo", "overwritten"],
  });
  expect(fail).toMatchObject({ errno: "ELOOP", syscall: "open" });
});

/** Two names of a shared volume that change places all the time: a folder, and a link to the host. */
function exchangingVolume(linkTarget: string): string {
  const volume = folder();
  mkdirSync(join(volume, "a"));
  symlinkSync(linkTarget, join(volume, "b"));
  attacker = spawn(testProgram("exchange"), [join(volume, "a"), join(volume, "b")], { stdio: "ignore" });
  return volume;
}

test("A8, A9: a mount target that becomes a link during the mount never leaves the root", () => {
  const volume = exchangingVolume(canary);
  const cargo = folder();
  writeFileSync(join(cargo, "cargo"), "");
  const root = makeRootfs();
  let mounted = 0;
  for (let i = 0; i < 200; i++) {
    const one = container({
      root,
      mounts: [
        bind(volume, "/v"),
        bind(cargo, "/v/a/x/y"),
        bind(join(cargo, "cargo"), "/v/a/f"),
        { op: "mkdir", path: "/v/a/m/n", mode: 0o755 },
      ],
      argv: ["/bin/true"],
    });
    const fail = eventsUntil(one, "end").find(({ kind }) => kind === "fail");
    if (!fail) mounted++;
    waitEnd(one);
    expect(readdirSync(canary)).toEqual(["secret"]);
  }
  // The race must really have been on: some attempts meet the folder, some the link.
  expect(attacker?.exitCode).toBeNull();
  expect(mounted).toBeLessThan(200);
}, 60_000);

test("B1: a subPath that becomes a link during the mount never shows the host", () => {
  const volume = exchangingVolume(canary);
  writeFileSync(join(volume, "file"), "");
  const root = makeRootfs();
  let refused = 0;
  for (let i = 0; i < 200; i++) {
    const { fail, text } = attempt({
      root,
      mounts: [bind(volume, "/v", "a", true)],
      argv: ["/bin/sh", "-c", "ls -A /v; cat /v/secret"],
    });
    if (fail) refused++;
    expect(text).not.toMatch(/^secret/m);
  }
  expect(refused).toBeGreaterThan(0);
  expect(attacker?.exitCode).toBeNull();
}, 60_000);

test("the attack of the race tests works on a runtime that trusts paths", () => {
  // Without this, the tests above could pass because the attacker does nothing.
  const volume = exchangingVolume(canary);
  let led = 0;
  for (let i = 0; i < 2000; i++) {
    try {
      if (readFileSync(join(volume, "a/secret"), "utf8") === secret) led++;
    } catch {
      // The folder was in place.
    }
  }
  expect(led).toBeGreaterThan(0);
});
