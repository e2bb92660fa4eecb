import { describe, expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";
import { Terminal } from "./support/terminal.ts";

const tspod = scenario();

const ephemeral = async (name: string) => (await tspod.inspect(name)).status.ephemeralContainerStatuses ?? [];
const ended = (name: string, container: string) =>
  eventually(
    async () =>
      (await ephemeral(name)).find((one: { name: string }) => one.name === container)?.state.terminated,
  );

describe("debug", () => {
  it("adds a container to a running pod: its network, the target's processes and files, its volumes", async () => {
    const app = sh(
      "app",
      "echo secret > /file; echo shared > /data/f; trap exit TERM; while :; do sleep 3600 & wait; done",
      {
        volumeMounts: [{ name: "v", mountPath: "/data" }],
      },
    );
    const spec = { restartPolicy: "Always", volumes: [{ name: "v", emptyDir: {} }] };
    await tspod.ok(["run", "-d", tspod.manifest(pod("web", [app], spec))]);
    const before = await tspod.inspect("web");
    await tspod.ok(["wait", "--for=condition=Ready", "pod/web"]);

    const script =
      "hostname -i; cat /proc/1/root/file /data/f; readlink /proc/self/ns/net; tr '\\0' ' ' < /proc/1/cmdline; exit 3";
    const flags = ["--image=busybox", "-c", "look", "--target=app", "--with-fs", "--volumes-from=app"];
    const added = await tspod.run(["debug", "web", ...flags, "--", "sh", "-c", script]);
    expect(added).toMatchObject({ code: 0, stdout: "" });
    expect(added.stderr).toContain('Targeting container "app"');
    expect(await ended("web", "look")).toMatchObject({ exitCode: 3 });
    const log = await tspod.ok(["logs", "web", "-c", "look"]);
    expect(log).toContain(`${before.status.podIP}\nsecret\nshared\n${before.status.infra.namespaces.net}\n`);
    expect(log).toContain("trap exit TERM");

    const now = await tspod.inspect("web");
    expect(now.spec.ephemeralContainers).toMatchObject([{ name: "look", targetContainerName: "app" }]);
    expect(now.status.containerStatuses[0].pid).toBe(before.status.containerStatuses[0].pid);
    expect(now.status.phase).toBe("Running");
    const described = await tspod.ok(["describe", "web"]);
    expect(described).toMatch(/\nEphemeral Containers:\n {2}look:\n/);
    // It is over, and stays so.
    expect((await ephemeral("web"))[0].restartCount).toBe(0);
    expect(await tspod.ok(["apply", "-f", tspod.manifest(pod("web", [app], spec))])).toBe(
      "pod/web unchanged\n",
    );
    expect(await tspod.ok(["generate", "web"])).not.toContain("ephemeral");
    await tspod.ok(["rm", "-f", "web"]);
  });

  it("joins it with -it, and a pod ends with its debuggers", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("web", [idle("a")]))]);
    const terminal = new Terminal(tspod, "exec $TSPOD debug web -it --image=busybox");
    await terminal.shows(/Defaulting debug container name to debugger-\w{5}\./);
    terminal.type("\r");
    await terminal.shows(/# /);
    terminal.type("exit 4\r");
    expect(await terminal.ended()).toBe(4);

    await tspod.ok(["debug", "web", "--image=busybox", "-c", "stays", "--", "sleep", "4000"]);
    expect(await tspod.ok(["exec", "web", "-c", "stays", "--", "hostname"])).toBe("web\n");
    await tspod.ok(["stop", "-t", "1", "web"]);
    expect((await ephemeral("web")).map(({ state }: { state: object }) => Object.keys(state))).toEqual([
      ["terminated"],
      ["terminated"],
    ]);
    const late = await tspod.run(["debug", "web", "--image=busybox"]);
    expect(late.code).not.toBe(0);
    expect(late.stderr).toContain("pod web is not running");
    expect(await ephemeral("web")).toHaveLength(2);
    await tspod.ok(["rm", "-f", "web"]);
  });

  it("looks into a copy and leaves the pod alone", async () => {
    const labelled = pod("web", [sh("app", "exit 1")], { restartPolicy: "Always" });
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest({ ...labelled, metadata: { name: "web", labels: { app: "web" } } }),
    ]);
    const terminal = new Terminal(tspod, "exec $TSPOD debug web -it --copy-to=try -c app -- sh");
    await terminal.shows(/try pressing enter/);
    terminal.type("\r");
    await terminal.shows(/# /);
    const { spec, metadata } = await tspod.inspect("try");
    expect(spec).toMatchObject({
      shareProcessNamespace: true,
      containers: [{ name: "app", command: ["sh"] }],
    });
    expect(metadata.labels).toBeUndefined();
    terminal.type("\u0010\u0011");
    expect(await terminal.ended()).toBe(0);
    const more = await tspod.run([
      "debug",
      "web",
      "--copy-to=more",
      "--image=busybox",
      "-c",
      "tools",
      "--",
      "sleep",
      "4000",
    ]);
    expect(more.code).toBe(0);
    expect(await tspod.ok(["exec", "more", "-c", "tools", "--", "ps"])).toContain("/pause");
    const nothing = await tspod.run(["debug", "web", "--copy-to=none"]);
    expect(nothing.code).toBe(2);
    expect(nothing.stderr).toContain(
      "you must specify an existing container or a new image when using --copy-to.",
    );
    await tspod.ok(["debug", "try", "--copy-to=again", "--replace", "-c", "app", "--", "sleep", "4000"]);
    expect((await tspod.ok(["get", "pods", "-o", "name"])).trim().split("\n").sort()).toEqual([
      "pod/again",
      "pod/more",
      "pod/web",
    ]);
    await tspod.ok(["rm", "-f", "--all"]);
  });

  it("refuses what the API refuses, and leaves the pod as it was", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("web", [idle("a")]))]);
    for (const [args, code, text] of [
      [[], 2, "you must specify --image"],
      [["--image=busybox", "-c", "a"], 2, 'spec.ephemeralContainers[0].name: Duplicate value: "a"'],
      [["--image=busybox", "-c", "A"], 2, "--container: Invalid value"],
      [
        ["--image=busybox", "--target=zz"],
        2,
        'spec.ephemeralContainers[0].targetContainerName: Not found: "zz"',
      ],
      [["--image=not-there:1"], 1, "not-there"],
      [["--image=busybox", "-c", "x", "--", "/not/there"], 127, "/not/there"],
      [["--image=busybox", "--profile=mighty"], 2, "Allowed choices are general"],
    ] as const) {
      const outcome = await tspod.run(["debug", "web", ...args]);
      expect([args, outcome.code]).toEqual([args, code]);
      expect(outcome.stderr).toContain(text);
    }
    const { spec } = await tspod.inspect("web");
    expect(spec.ephemeralContainers).toBeUndefined();
    await tspod.ok(["rm", "-f", "web"]);
  });
});
