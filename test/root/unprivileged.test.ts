import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkout, TspodRoot } from "../support/tspod.ts";

const root = new TspodRoot();
/** A copy that everyone may read: the checkout may be below a folder of root's. */
const copy = mkdtempSync(join(tmpdir(), "tspod-copy-"));

beforeAll(async () => {
  chmodSync(copy, 0o755);
  chmodSync(root.dir, 0o755);
  for (const part of ["bin", "dist", "examples"])
    cpSync(join(checkout, part), join(copy, part), { recursive: true });
  for (const name of ["site", "root-inside-only"])
    await root.ok(["run", "-d", join(checkout, `examples/${name}.yaml`)]);
});

afterAll(async () => {
  await root.dispose();
  rmSync(copy, { recursive: true });
});

it.each([
  ["explain", "hello"],
  ["explain", "root-inside-only"],
  ["validate", "hello"],
])("%s of %s works for a user without privileges, beside root's pods", (command, name) => {
  const nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
  const tspod = [join(copy, "bin/tspod"), "--root", root.dir, command, join(copy, `examples/${name}.yaml`)];
  const output = execFileSync("setpriv", [...nobody, ...tspod], {
    encoding: "utf8",
    cwd: copy,
    stdio: "pipe",
  });
  expect(output).toContain(name);
});

it.each([
  ["configmap", "--from-literal=a=b"],
  ["deployment", "--image=busybox"],
])(
  "create %s --dry-run prints a manifest for a user without privileges; only with root it makes one",
  (kind, flag) => {
    const nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
    const words = ["create", kind, "made", flag];
    const tspod = [...nobody, join(copy, "bin/tspod"), "--root", root.dir, ...words];
    const run = (...more: string[]) =>
      spawnSync("setpriv", [...tspod, ...more], { encoding: "utf8", cwd: copy });
    expect(run("--dry-run=client", "-o", "yaml")).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^ +name: made$/m),
    });
    expect(run("-o", "yaml")).toMatchObject({
      status: 3,
      stdout: "",
      stderr: expect.stringContaining("needs root"),
    });
  },
);
