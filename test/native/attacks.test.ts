import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ContainerOp } from "../../src/plan/container-op.ts";
import { attempt, canary } from "./canary.ts";
import {
  addon,
  container,
  eventsUntil,
  expectEvent,
  finish,
  makeRootfs,
  open,
  output,
  systemOps,
} from "./harness.ts";

const SYSTEM_WITHOUT_DEV = systemOps().filter(
  (op) => !("path" in op && op.path.startsWith("/dev")) && !("target" in op && op.target.startsWith("/dev")),
);

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
