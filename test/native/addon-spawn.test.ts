import { closeSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { expect, test } from "vitest";
import { CLONE_NEWUTS } from "../../src/kernel/constants.ts";
import { addon, holder, open, own, PATIENCE_MS, waitEnd } from "./harness.ts";
import { failure, outputOf, spawn } from "./programs.ts";

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
  addon.poll([child.pidfd], PATIENCE_MS);
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
      addon.poll([child.pidfd], PATIENCE_MS);
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
  addon.poll([child.pidfd], PATIENCE_MS);
  expect(addon.waitPidfd(child.pidfd)).toEqual({ code: 3, signal: 0 });
  expect(failure(() => addon.waitPidfd(child.pidfd))).toMatchObject({ code: "ECHILD", syscall: "waitid" });
  const killed = spawn(["sleep", "100"]);
  expect(addon.waitPidfd(killed.pidfd)).toBeUndefined();
  addon.pidfdSendSignal(killed.pidfd, 9);
  addon.poll([killed.pidfd], PATIENCE_MS);
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

test("a signal while polling is not a timeout", async () => {
  const helper = holder();
  const child = spawn(["sh", "-c", `sleep 0.1; kill -WINCH ${process.pid}; sleep 0.1`]);
  expect(addon.poll([child.pidfd], PATIENCE_MS)).toEqual([0]);
  addon.waitPidfd(child.pidfd);
  addon.pidfdSendSignal(helper.pidfd, 15);
  expect(waitEnd(helper).code).toBe(0);
});
