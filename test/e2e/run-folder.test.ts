import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

/** Bytes of all files below a folder. */
function size(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? size(path) : entry.isFile() ? statSync(path).size : 0);
  }, 0);
}

it("does not let a container fill /run, which is memory of the whole machine, through the files it is given", async () => {
  const files = "/etc/hosts /etc/hostname /etc/resolv.conf /dev/termination-log";
  const script = `for file in ${files}; do head -c 1000000 /dev/zero >> $file; done; echo done`;
  const manifest = tspod.manifest(pod("fill", [sh("app", script)]));
  await tspod.ok(["run", "-d", "--wait", manifest]);
  expect(await tspod.ok(["logs", "fill"])).toBe("done\n");
  expect(size(join(tspod.dir, "run"))).toBeLessThan(1_000_000);
  await tspod.ok(["rm", "fill"]);
});
