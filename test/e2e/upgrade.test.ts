import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkout, eventually } from "../support/tspod.ts";
import { idle, pod } from "./support/pods.ts";
import { host, isAlive } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const AT = "lib/tspod";

/** Another build, installed in a folder of its own: the same code in a file of another name, and of another time. */
function install(name: string, time: Date): { run(...args: string[]): string; app: string } {
  const folder = join(tspod.dir, name);
  mkdirSync(join(folder, "bin"), { recursive: true });
  cpSync(join(checkout, "dist"), join(folder, AT), { recursive: true });
  copyFileSync(join(checkout, "bin/tspod"), join(folder, "bin/tspod"));
  const entry = join(folder, AT, "tspod.cjs");
  const text = readFileSync(entry, "utf8");
  const [current = ""] = /app-[0-9a-f]+/.exec(text) ?? [];
  const app = join(folder, AT, `app-${name}.cjs`);
  copyFileSync(join(folder, AT, `${current}.cjs`), app);
  for (const file of readdirSync(dirname(app)))
    if (file.startsWith(current)) rmSync(join(dirname(app), file));
  writeFileSync(entry, text.replace(current, `app-${name}`));
  utimesSync(app, time, time);
  return { run: (...args) => host(join(folder, "bin/tspod"), "--root", tspod.dir, ...args), app };
}

const daemon = async () => JSON.parse(await tspod.ok(["daemon", "--status", "-o", "json"]));
const container = async (name: string) => (await tspod.inspect(name)).status.containerStatuses[0];

describe("a daemon whose build has been replaced", () => {
  it.each([
    ["by a newer one", "old", new Date(2001, 0), () => {}],
    ["and is gone", "gone", new Date(2101, 0), (app: string) => rmSync(app)],
  ])("%s makes room for the next command's, and no pod notices", async (_, name, time, replace) => {
    const other = install(name, time);
    other.run("run", "-d", tspod.manifest(pod("web", [idle("a")], { restartPolicy: "Always" })));
    const before = JSON.parse(
      await eventually(
        async () => (await tspod.run(["daemon", "--status", "-o", "json"])).stdout || undefined,
      ),
    );
    expect(before.build).toBe(`app-${name}.cjs`);
    const { pid } = await container("web");
    replace(other.app);
    await tspod.ok(["ps"]);
    const after = await eventually(async () => {
      const now = await tspod.run(["daemon", "--status", "-o", "json"]);
      return now.code === 0 && JSON.parse(now.stdout).pid !== before.pid ? JSON.parse(now.stdout) : undefined;
    });
    expect(after.build).not.toBe(before.build);
    expect(isAlive(before.pid)).toBe(false);
    expect(await container("web")).toMatchObject({ pid, restartCount: 0 });
    // It is looked after: and commands of the same build leave the daemon alone.
    process.kill(pid, "SIGKILL");
    await eventually(async () => expect(await container("web")).toMatchObject({ restartCount: 1 }));
    expect((await daemon()).pid).toBe(after.pid);
    await tspod.ok(["rm", "-f", "web"]);
    rmSync(join(tspod.dir, name), { recursive: true });
  });

  it("stays when it is an older build that looks: two side by side do not take turns", async () => {
    const older = install("older", new Date(2001, 0));
    await tspod.ok(["run", "-d", tspod.manifest(pod("web", [idle("a")]))]);
    const before = await eventually(daemon);
    older.run("ps");
    expect((await daemon()).pid).toBe(before.pid);
    await tspod.ok(["rm", "-f", "web"]);
    rmSync(join(tspod.dir, "older"), { recursive: true });
  });
});
