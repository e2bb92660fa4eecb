import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdirSync, openSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
let disk = "";
let root: string[] = [];

beforeEach(() => {
  disk = join(tspod.dir, "disk");
  root = ["--root", disk];
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=12m", "tmpfs", disk]);
});
afterEach(async () => {
  rmSync(join(disk, "fill"), { force: true });
  await tspod.run([...root, "rm", "-f", "--all"]);
  // The daemon of this root goes after the last pod, and has its files there until then.
  await eventually(() => spawnSync("umount", [disk]).status === 0, {
    what: "the end of all that uses the disk",
  });
  rmdirSync(disk);
});

/** Leaves so many bytes of the disk. */
function fillUpTo(left: number): void {
  const block = Buffer.alloc(4096);
  rmSync(join(disk, "fill"), { force: true });
  const file = openSync(join(disk, "fill"), "w");
  let size = 0;
  try {
    for (;;) size += writeSync(file, block);
  } catch {
    ftruncateSync(file, Math.max(0, size - left));
  } finally {
    closeSync(file);
  }
}

const manifest = () => tspod.manifest(pod("full", [idle("app")]));

it("stops and removes a pod on a disk with no byte left", async () => {
  await tspod.ok([...root, "run", "-d", manifest()]);
  fillUpTo(0);
  expect(await tspod.ok([...root, "ps", "--no-headers"])).toMatch(/^full +1\/1 +Running/);
  const stopped = await tspod.run([...root, "stop", "-t", "0", "full"]);
  expect(stopped.stderr).not.toContain("internal error");
  expect(await tspod.ok([...root, "rm", "full"])).toBe('pod "full" deleted\n');
  expect(await tspod.ok([...root, "gc"])).toBe("nothing to remove\n");
});

it("leaves nothing of a pod for which the disk was too small, wherever that showed", async () => {
  // The image stays.
  await tspod.ok([...root, "run", "-d", manifest()]);
  await tspod.ok([...root, "rm", "-f", "full"]);
  const outcomes = new Set<number | null>();
  for (let left = 0; left <= 96 * 1024; left += 8 * 1024) {
    fillUpTo(left);
    const made = await tspod.run([...root, "run", "-d", manifest()]);
    outcomes.add(made.code);
    if (made.code === 0) await tspod.ok([...root, "rm", "-f", "full"]);
    else expect(made.stderr, `${left} bytes left`).toMatch(/^error\[TS\d{4}\].*(ENOSPC|no space left)/m);
    expect(await tspod.ok([...root, "gc"]), `${left} bytes left`).toBe("nothing to remove\n");
  }
  expect([...outcomes].sort()).toEqual([0, 1]);
});

it("says of a disk that is read-only that it is, where a folder of its own was still to be made", async () => {
  // The image stays; what is below run goes with the last pod.
  await tspod.ok([...root, "run", "-d", manifest()]);
  await tspod.ok([...root, "rm", "-f", "full"]);
  const remount = (as: string) => spawnSync("mount", ["-o", `remount,${as}`, disk]).status === 0;
  await eventually(() => remount("ro"), { what: "the end of all that writes to the disk" });
  try {
    for (const args of [
      ["run", manifest()],
      ["run", "-d", manifest()],
      ["create", "configmap", "c", "--from-literal=a=b"],
    ]) {
      const { code, stderr } = await tspod.run([...root, ...args]);
      expect([code, stderr], args.join(" ")).toEqual([
        1,
        expect.stringMatching(/^error\[TS4401\]: EROFS: read-only file system/m),
      ]);
    }
  } finally {
    remount("rw");
  }
});
