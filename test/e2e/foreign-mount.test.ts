import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { idle, pod } from "./support/pods.ts";
import { daemonPid } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

it("does not remove files through a mount that somebody made in a volume, and goes on once it is gone", async () => {
  const precious = join(tspod.dir, "precious folder");
  mkdirSync(precious);
  writeFileSync(join(precious, "file"), "content");
  const app = idle("app", { volumeMounts: [{ name: "v", mountPath: "/v" }] });
  await tspod.ok([
    "run",
    "-d",
    tspod.manifest(pod("host", [app], { volumes: [{ name: "v", emptyDir: {} }] })),
  ]);
  const pods = join(tspod.dir, "var/lib/tspod/pods");
  const inside = join(pods, readdirSync(pods)[0] as string, "volumes/empty-dir~v/a place");
  mkdirSync(inside);
  execFileSync("mount", ["--bind", precious, inside]);
  try {
    const refused = await tspod.run(["rm", "-f", "host"]);
    expect(refused.stderr).toContain(`${inside} is a mount point that is not tspod's: unmount it`);
    expect(refused.code).toBe(1);
    // It would finish the removal itself, in time.
    const daemon = daemonPid(tspod);
    if (daemon !== undefined) process.kill(daemon, "SIGKILL");
  } finally {
    execFileSync("umount", [inside]);
  }
  expect(readFileSync(join(precious, "file"), "utf8")).toBe("content");
  expect(await tspod.ok(["gc"])).toContain("an interrupted removal was finished");
  expect(existsSync(pods)).toBe(false);
});
