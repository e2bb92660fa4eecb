import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkout, TspodRoot } from "../support/tspod.ts";
import { idle, pod } from "./support/pods.ts";

const tspod = new TspodRoot();

beforeAll(async () => {
  await tspod.ok(["run", "-d", tspod.manifest(pod("web", [idle("a")]))]);
});
afterAll(() => tspod.dispose());

/** With its descriptors as a shell's redirections say. */
function shell(line: string, env: NodeJS.ProcessEnv = {}) {
  const TSPOD = `${join(checkout, "bin/tspod")} --root ${tspod.dir}`;
  return spawnSync("bash", ["-o", "pipefail", "-c", line.replaceAll("tspod", "$TSPOD")], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: "/root", ...env, TSPOD },
    timeout: 60_000,
  });
}

describe("what a command prints", () => {
  it.each(["ps", "describe web", "get pod web -o yaml", "events", "help"])(
    "%s may be cut off by its reader",
    (command) => {
      expect(shell(`tspod ${command} | true`)).toMatchObject({ status: 0, stderr: "" });
      expect(shell(`tspod ${command} | head -1`).stdout.split("\n")).toHaveLength(2);
    },
  );

  it.each(["ps", "get pod web -o yaml", "version"])(
    "that finds no room is not lost in silence: %s",
    (command) => {
      expect(shell(`tspod ${command} > /dev/full`)).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(
          /^error\[TS1007\]: nothing more can be written to standard output\n.*ENOSPC/,
        ),
      });
    },
  );

  it.each(["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])("needs none of the standard streams: %s", (closed) => {
    for (const command of ["ps", "exec web -- true"])
      expect(shell(`tspod ${command} ${closed}`).status, command).toBe(0);
  });

  it("is the same in every locale, and without any environment", () => {
    const usual = shell("tspod ps -o name").stdout;
    expect(usual).toBe("pod/web\n");
    for (const env of [
      { LANG: "C", LC_ALL: "C" },
      { LANG: "zh_CN.GBK" },
      { TERM: "dumb" },
      { COLUMNS: "10" },
    ])
      expect(shell("tspod ps -o name", env).stdout).toBe(usual);
  });
});

describe("create", () => {
  it("prints with -o what it has made, in place of a sentence", async () => {
    const made = ["create", "configmap", "page", "--from-literal=a=b"];
    expect(await tspod.ok([...made, "--dry-run=client"])).toBe("configmap/page created (dry run)\n");
    expect(await tspod.ok([...made, "--dry-run=client", "-o", "name"])).toBe("configmap/page\n");
    expect(await tspod.ok([...made, "-o", "yaml"])).toMatch(/^apiVersion: v1\nkind: ConfigMap\n/);
    expect(await tspod.ok(["get", "cm", "page", "-o", "name"])).toBe("configmap/page\n");
    await tspod.ok(["delete", "cm", "page"]);
    expect(await tspod.ok([...made, "-o", "name"])).toBe("configmap/page\n");
    await tspod.ok(["delete", "cm", "page"]);
  });
});

it.each([
  ["-n", "a/b"],
  ["-n", "../../x"],
  ["-n", ""],
  ["--root", ""],
])("%s %j names nothing that files could be kept under, and nothing is done", async (flag, value) => {
  for (const command of [
    ["run", "-d", tspod.manifest(pod("stray", [idle("a")]))],
    ["rm", "--all"],
  ])
    expect(await tspod.run([...command, flag, value]), command[0]).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining(`argument '${value}' is invalid`),
    });
  expect(await tspod.ok(["ps", "-A", "-o", "name"])).toBe("pod/web\n");
});

it("exec -q leaves out what tspod has to say; top knows that there is one node", async () => {
  await tspod.ok(["run", "-d", tspod.manifest(pod("two", [idle("a"), idle("b")]))]);
  const loud = await tspod.run(["exec", "two", "--", "echo", "x"]);
  expect(loud).toMatchObject({ stdout: "x\n", stderr: 'Defaulted container "a" out of: a, b\n' });
  expect(await tspod.run(["exec", "-q", "two", "--", "echo", "x"])).toMatchObject({
    stdout: "x\n",
    stderr: "",
  });
  expect(await tspod.run(["top", "nodes"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("help: this machine is the only node: tspod doctor"),
  });
  expect(await tspod.ok(["wait", "--help"])).toMatch(/\(default:\s+30s\)/);
});

it("what is not there is said so in the words of what was asked", async () => {
  for (const words of [["help", "nosuch"], ["nosuch", "--help"], ["nosuch"]])
    expect(await tspod.run(words), words.join(" ")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("error: unknown command 'nosuch'"),
    });
  for (const [words, message] of [
    [
      ["create", "ns", "a"],
      'create does not know "ns": it makes deployment, job, cronjob, configmap and secret of flags',
    ],
    [["create", "service"], "help: all else is created of files: tspod create -f FILE"],
    [["delete", "all"], "resource(s) were provided, but no name was specified"],
    [["delete", "po,svc"], "resource(s) were provided, but no name was specified"],
    [["apply", "-k", "."], "error: unknown option '-k'\n  help: tspod takes what it prints"],
    [["delete", "pod", "web", "--wait=false"], "error: unknown option '--wait=false'\n  help: leave it out"],
    [["apply", "-f", "x", "--dry-run=server"], "help: tspod diff -f FILE shows what would change"],
    [["apply", "--nope"], "error: unknown option '--nope'\n(tspod apply --help explains it)"],
  ] as const)
    expect(await tspod.run([...words]), words.join(" ")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining(message),
    });
  expect((await tspod.run(["help", "run"])).stdout).toMatch(/^Usage: tspod run /);
  expect((await tspod.run(["wait", "--for=create", "pod/none", "--timeout=0"])).stderr).toContain(
    "timed out waiting for the condition on pods/none\n",
  );
  expect((await tspod.run(["wait", "--for=create", "deploy/none", "--timeout=0"])).stderr).toContain(
    "timed out waiting for the condition on deployments.apps/none\n",
  );
  for (const command of ["run", "apply", "validate"]) {
    const { code, stderr } = await tspod.run([command, ""]);
    expect({ code, stderr }, command).toEqual({
      code: 2,
      stderr: expect.stringContaining('cannot read "": there is no such file'),
    });
  }
});
