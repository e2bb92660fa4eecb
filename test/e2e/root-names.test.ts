import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { TspodRoot } from "../support/tspod.ts";
import { idle, pod } from "./support/pods.ts";

/** overlay's options end at commas, its layers at colons, and backslashes protect both. */
const NAMES = ["a root", "a,b", "a:b", "a\\b", "a\\,b\\:c\\", "ü%s$(x)'\""];

const parent = mkdtempSync(join(tmpdir(), "tspod-names-"));
const tspod = new TspodRoot();
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await tspod.run(["--root", join(parent, name), "rm", "-f", "odd"]);
});
let name = "";
afterAll(async () => {
  rmSync(parent, { recursive: true, force: true });
  await tspod.dispose();
});

it.each(NAMES)("runs a pod below the root %j", async (odd) => {
  name = odd;
  const at = ["--root", join(parent, odd)];
  await tspod.ok([...at, "run", "-d", tspod.manifest(pod("odd", [idle("app")]))]);
  expect(await tspod.ok([...at, "exec", "odd", "--", "echo", "here"])).toBe("here\n");
  await tspod.ok([...at, "rm", "-t", "0", "odd"]);
  expect(await tspod.ok([...at, "gc"])).toBe("nothing to remove\n");
  rmSync(join(parent, odd), { recursive: true });
});

it("takes two ways to one folder for one root", async () => {
  const [real, link] = [join(parent, "real"), join(parent, "link")];
  mkdirSync(real);
  symlinkSync(real, link);
  // Below what is not there yet, too: the second command finds it made.
  const [first, second] = [join(link, "sub"), join(real, "sub")];
  const cgroup = async (name: string, root: string) => {
    await tspod.ok(["--root", root, "run", "-d", tspod.manifest(pod(name, [idle("app")]))]);
    const { status } = JSON.parse(await tspod.ok(["--root", root, "inspect", name, "-o", "json"]));
    return status.infra.cgroup.replace(/pod[-0-9a-f]+$/, "");
  };
  const found = [await cgroup("one", first), await cgroup("two", second)];
  await tspod.ok(["--root", first, "rm", "-f", "one", "two"]);
  expect(found[0]).toBe(found[1]);
});
