import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { eventually, tspodBinary } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

const labelled = (name: string, script: string, more: Parameters<typeof sh>[2] = {}) => ({
  ...pod(name, [sh("a", script, more), sh("b", `echo ${name} of b`)]),
  metadata: { name, labels: { app: "many" } },
});

describe("what a container writes", () => {
  /** A Latin-1 text, and a line of characters that are parted wherever 16 KiB end. */
  const script = "printf 'h\\351llo\\n'; i=0; while [ $i -lt 9000 ]; do printf 漢x; i=$((i+1)); done; echo";
  const written = Buffer.concat([
    Buffer.from("h\xe9llo\n", "latin1"),
    Buffer.from(`${"漢x".repeat(9000)}\n`),
  ]);
  const bytes = (...args: string[]) => execFileSync(tspodBinary, ["--root", tspod.dir, ...args]);

  it("comes out of its log byte by byte", async () => {
    await tspod.ok(["run", "-d", "--wait", tspod.manifest(pod("bytes", [sh("a", script)]))]);
    for (const flags of [[], ["-f"], ["--tail=2"]])
      expect(bytes("logs", "bytes", ...flags).equals(written), flags.join()).toBe(true);
    await tspod.ok(["rm", "bytes"]);
  });

  it("comes out of a run in the foreground byte by byte", () => {
    const lines = written.toString("latin1").replace(/^/gm, "a | ").slice(0, -"a | ".length);
    expect(bytes("run", tspod.manifest(pod("front", [sh("a", script)]))).toString("latin1")).toBe(lines);
  });

  it("is followed no further than --limit-bytes allows", async () => {
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(pod("goes-on", [sh("a", "echo one; echo two; exec sleep 3600")])),
    ]);
    for (const tail of [[], ["--tail=2"]])
      expect(await tspod.ok(["logs", "-f", "goes-on", "--limit-bytes=6", ...tail])).toBe("one\ntw");
    await tspod.ok(["rm", "-f", "goes-on"]);
  });
});

describe("logs of several pods", () => {
  it("are chosen by labels, marked, cut and limited", async () => {
    const many = "i=0; while [ $i -lt 15 ]; do echo line $i; i=$((i+1)); done";
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(labelled("p1", many)),
      tspod.manifest(labelled("p2", "echo two; echo more")),
    ]);
    await eventually(async () => (await tspod.ok(["logs", "p1", "-c", "a", "--tail", "1"])) === "line 14\n");
    await eventually(async () => (await tspod.ok(["logs", "p2", "-c", "a"])) === "two\nmore\n");

    for (const name of ["p1", "p2"])
      await eventually(async () => (await tspod.ok(["logs", name, "-c", "b"])) === `${name} of b\n`);

    const { stdout, stderr } = await tspod.run(["logs", "-l", "app=many", "--prefix"]);
    const lines = stdout.trimEnd().split("\n");
    // Ten lines of each, as kubectl has it.
    expect(lines.filter((line) => line.startsWith("[pod/p1/a] "))).toHaveLength(10);
    expect(lines).toContain("[pod/p2/a] two");
    expect(lines).toHaveLength(12);
    expect(stderr.match(/Defaulted container "a" out of: a, b\n/g)).toHaveLength(2);
    expect(
      (await tspod.ok(["logs", "-l", "app=many", "--tail=-1", "--all-containers"])).trimEnd().split("\n"),
    ).toHaveLength(15 + 2 + 2);
    expect(await tspod.ok(["logs", "p1", "-c", "a", "--limit-bytes=10"])).toBe("line 0\nlin");

    for (const [args, code, text] of [
      [[], 2, "POD or TYPE/NAME is a required argument for the logs command"],
      [
        ["p1", "--since=1h", "--since-time=2026-01-01T00:00:00Z"],
        2,
        "at most one of --since and --since-time",
      ],
      [["p1", "-l", "a=b"], 2, "only a selector (-l) or a POD name is allowed"],
      [
        ["-f", "-l", "app=many", "--all-containers", "--max-log-requests=3"],
        2,
        "attempting to follow 4 log streams, but maximum allowed concurrency is 3",
      ],
      [["-l", "app=none"], 0, "No resources found in default namespace."],
    ] as const) {
      const outcome = await tspod.run(["logs", ...args]);
      expect([args, outcome.code]).toEqual([args, code]);
      expect(outcome.stderr).toContain(text);
    }
    // Followed logs of pods that are over come to their end.
    expect(
      (await tspod.ok(["logs", "-f", "-l", "app=many", "--tail=1", "-c", "a"])).trimEnd().split("\n").sort(),
    ).toEqual(["line 14", "more"]);
    await tspod.ok(["rm", "-f", "p1", "p2"]);
  });

  it("go on where one has none, if they may", async () => {
    const waiting = pod("w", [idle("late")], { initContainers: [idle("first")] });
    waiting.metadata = { name: "w", labels: { app: "many" } };
    await tspod.ok(["run", "-d", tspod.manifest(labelled("p1", "echo one"))]);
    const starting = tspod.start(["run", "-d", tspod.manifest(waiting)]);
    await eventually(async () => (await tspod.run(["get", "pod", "w"])).code === 0);
    const strict = await tspod.run(["logs", "-l", "app=many"]);
    expect(strict.code).toBe(1);
    await eventually(async () => {
      const { code, stdout, stderr } = await tspod.run(["logs", "-l", "app=many", "--ignore-errors"]);
      return (
        code === 0 && stdout === "one\n" && stderr.includes('container "late" in pod "w" is waiting to start')
      );
    });
    starting.child.kill("SIGKILL");
    await tspod.ok(["rm", "-f", "--ignore-not-found", "w", "p1"]);
    await tspod.run(["gc"]);
  });

  it("and exec take the readiest pod of a workload", async () => {
    const labels = { app: "d" };
    const { spec } = pod("d", [sh("a", "echo hello; trap exit TERM; while :; do sleep 3600 & wait; done")], {
      restartPolicy: "Always",
    });
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "d" },
      spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    };
    await tspod.ok(["apply", "-f", tspod.manifest(deployment)]);
    await eventually(async () => (await tspod.ok(["get", "pods", "-o", "name"])).split("\n").length === 3);
    const logs = await eventually(async () => {
      const outcome = await tspod.run(["logs", "deploy/d"]);
      return outcome.stdout === "hello\n" ? outcome : undefined;
    });
    expect(logs.stderr).toMatch(/^Found 2 pods, using pod\/d-\w+-\w+\n$/);
    expect(await tspod.ok(["exec", "deployment/d", "--", "hostname"])).toMatch(/^d-\w+-\w+\n$/);
    await tspod.ok(["delete", "deployment", "d"]);
    await eventually(async () => (await tspod.ok(["get", "pods", "-o", "name"])) === "");
    expect((await tspod.run(["logs", "deploy/d"])).code).toBe(4);
  });
});
