import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh, web } from "./support/pods.ts";
import { isAlive, pidsOf } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const started = async (...pods: object[]) => {
  await tspod.ok(["run", "-d", ...pods.map((one) => tspod.manifest(one))]);
};

describe("exec", () => {
  it("says which container it chose, and refuses one that is not there (S28)", async () => {
    await started(pod("nginx-busybox-pod", [web("nginx", 80, "x"), idle("busybox")]));
    const chosen = await tspod.run(["exec", "nginx-busybox-pod", "--", "ps"]);
    expect(chosen).toMatchObject({ code: 0, stderr: 'Defaulted container "nginx" out of: nginx, busybox\n' });
    expect(chosen.stdout).toContain("httpd -f -p 80");

    const wrong = await tspod.run(["exec", "-c", "nope", "nginx-busybox-pod", "--", "ps"]);
    expect(wrong).toMatchObject({ code: 4, stdout: "" });
    expect(wrong.stderr).toContain(
      "container nope is not valid for pod nginx-busybox-pod; choose one of: nginx, busybox",
    );
    // Without `--`, the shell's -c is ours.
    const unparted = await tspod.run(["exec", "nginx-busybox-pod", "sh", "-c", "echo hello"]);
    expect(unparted.stderr).toContain("help: flags of the command to run come after --: tspod exec POD");
    await tspod.ok(["rm", "-f", "nginx-busybox-pod"]);
  });

  it("goes to the container the annotation names, without a word", async () => {
    const manifest = pod("annotated", [idle("a"), idle("b")]);
    Object.assign(manifest.metadata ?? {}, {
      annotations: { "kubectl.kubernetes.io/default-container": "b" },
    });
    await started(manifest);
    const { of } = await pidsOf(tspod, "annotated");
    const ran = await tspod.run(["exec", "annotated", "--", "readlink", "/proc/1/ns/mnt"]);
    expect(ran.stderr).toBe("");
    expect(ran.stdout.trim()).toBe((await import("./support/processes.ts")).namespaceOf(of("b"), "mnt"));
    await tspod.ok(["rm", "-f", "annotated"]);
  });

  it("passes exit codes, signals, streams and standard input through", async () => {
    await started(pod("through", [idle("a")]));
    const exec = (args: string[], options = {}) => tspod.run(["exec", ...args], options);
    const script = (text: string) => exec(["through", "--", "sh", "-c", text]);
    expect(await script("echo out; echo err >&2; exit 7")).toMatchObject({
      code: 7,
      stdout: "out\n",
      stderr: "err\n",
    });
    expect(await script("kill -KILL $$")).toMatchObject({ code: 137 });
    expect(await script("kill -TERM $$")).toMatchObject({ code: 143 });
    expect(await exec(["through", "--", "nope"])).toMatchObject({ code: 127, stdout: "" });
    expect((await exec(["through", "--", "nope"])).stderr).toContain("nope");
    expect(await exec(["through", "--", "/etc/passwd"])).toMatchObject({ code: 126, stdout: "" });
    const text = "x".repeat(300_000);
    expect(await exec(["-i", "through", "--", "cat"], { input: text })).toMatchObject({
      code: 0,
      stdout: text,
    });
    // Without -i there is no input to read.
    expect(await exec(["through", "--", "cat"], { input: "unread" })).toMatchObject({ code: 0, stdout: "" });
    expect(
      await exec(["-w", "/tmp", "-u", "1000:1000", "through", "--", "sh", "-c", "pwd; id -u; id -g"]),
    ).toMatchObject({
      code: 0,
      stdout: "/tmp\n1000\n1000\n",
    });
    await tspod.ok(["rm", "-f", "through"]);
  });

  it("ends with what it started in the container still running, and rm takes that too", async () => {
    await started(pod("left", [idle("a")]));
    expect(await tspod.run(["exec", "left", "--", "sh", "-c", "sleep 1000 & echo $!"])).toMatchObject({
      code: 0,
    });
    await tspod.ok(["rm", "left"]);
  });

  it("into a container that has ended says so", async () => {
    await started(pod("done", [sh("a", "exit 0"), idle("b")]));
    const dead = await eventually(async () => {
      const outcome = await tspod.run(["exec", "-c", "a", "done", "--", "ps"]);
      return outcome.code === 1 && outcome;
    });
    expect(dead.stderr).toMatch(/container "?a"? .*is not running/);
    await tspod.ok(["rm", "-f", "done"]);
  });

  it("whose client is killed goes on, as in kubectl, until the pod is removed", async () => {
    await started(pod("client", [idle("a")]));
    const client = tspod.start(["exec", "client", "--", "sh", "-c", "echo on; exec sleep 777"]);
    await client.printed(/on/);
    client.kill("SIGKILL");
    await client.outcome();
    expect(await tspod.ok(["ps", "--no-headers"])).toMatch(/^client +1\/1 +Running /);
    expect(await tspod.ok(["rm", "client"])).toBe('pod "client" deleted\n');
  });
});

describe("logs", () => {
  it("are complete, in order, of one container or all, by number, age and stream", async () => {
    const script = "for i in 1 2 3; do echo line $i; done; echo last >&2; printf 'no newline'";
    expect(
      (
        await tspod.run([
          "run",
          "--no-rm",
          "-q",
          tspod.manifest(pod("talk", [sh("a", script), sh("b", "echo b")])),
        ])
      ).code,
    ).toBe(0);
    const logs = async (...args: string[]) => await tspod.ok(["logs", "talk", ...args]);
    expect(await logs("-c", "a")).toBe("line 1\nline 2\nline 3\nlast\nno newline\n");
    expect(await logs("-c", "a", "--tail", "2")).toBe("last\nno newline\n");
    expect(await logs("-c", "a", "--tail=0")).toBe("");
    expect(await logs("-c", "a", "--since", "1h", "--tail", "1")).toBe("no newline\n");
    expect(await logs("b")).toBe("b\n");
    expect(await logs("--all-containers", "--prefix", "--tail", "1")).toMatch(
      /\[pod\/talk\/a\] no newline\n/,
    );
    expect(await logs("-c", "b", "--timestamps")).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:]+\.\d+(Z|[+-]\d\d:\d\d) b\n$/,
    );
    const several = await tspod.run(["logs", "talk"]);
    expect(several.stderr).toBe('Defaulted container "a" out of: a, b\n');
    const previous = await tspod.run(["logs", "talk", "--previous"]);
    expect(previous.code).toBe(4);
    expect(previous.stderr).toContain('previous terminated container "a" in pod "talk" not found');
    await tspod.ok(["rm", "talk"]);
  });

  it("are followed until the container ends", async () => {
    await started(pod("slow", [sh("a", "for i in 1 2 3; do echo $i; sleep 0.3; done"), idle("b")]));
    const follow = tspod.start(["logs", "-f", "-c", "a", "slow"]);
    expect(await follow.outcome()).toMatchObject({ code: 0, stdout: "1\n2\n3\n" });
    await tspod.ok(["rm", "-f", "slow"]);
  });
});

describe("events (S26)", () => {
  it("tell the order of creation, worded as the kubelet's", async () => {
    const manifest = pod("nginx-busybox-pod", [idle("nginx"), idle("busybox")], {
      initContainers: [sh("prepare", "exit 0")],
    });
    await started(manifest);
    const events = JSON.parse(await tspod.ok(["events", "nginx-busybox-pod", "-o", "json"])).items as {
      reason: string;
      involvedObject: { fieldPath?: string };
      message: string;
      eventTime: string;
      type: string;
    }[];
    const steps = (name: string) => ["Pulled", "Created", "Started"].map((reason) => `${reason} ${name}`);
    // Where root lacks CAP_SYS_RESOURCE, the machine's own limits are told too.
    const told = events.filter(({ reason }) => reason !== "LimitClamped");
    expect(
      told.map(({ reason, involvedObject: { fieldPath = "" } }) => `${reason} ${fieldPath}`.trim()),
    ).toEqual([
      "Scheduled",
      "SandboxCreated",
      ...steps("spec.initContainers{prepare}"),
      ...steps("spec.containers{nginx}"),
      ...steps("spec.containers{busybox}"),
    ]);
    expect(events.map(({ eventTime }) => eventTime)).toEqual(events.map(({ eventTime }) => eventTime).sort());
    expect(events.every(({ type }) => type === "Normal")).toBe(true);
    const messages = events.map(({ message }) => message);
    expect(messages).toContain('Container image "busybox" already present on machine');
    expect(messages).toContain("Created container: nginx");
    expect(messages).toContain("Started container busybox");
    const table = await tspod.ok(["events", "nginx-busybox-pod"]);
    expect(table).toMatch(/^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n/);
    await tspod.ok(["rm", "-f", "nginx-busybox-pod"]);
  });

  it("come after the network: the first process of a pod already has address and route", async () => {
    const look =
      "ip -o -4 address show eth0 | grep -q 'inet ' && ip route | grep -q ^default && echo networked";
    const manifest = pod("early", [sh("app", "exit 0")], { initContainers: [sh("first", look)] });
    const run = await tspod.run(["run", "-q", tspod.manifest(manifest)]);
    expect(run).toMatchObject({ code: 0 });
    expect(run.stdout).toContain("networked");
  });
});

describe("selection", () => {
  it("takes a name, a uid, a unique prefix and kubectl's spelling; says what is ambiguous", async () => {
    await started(pod("web-one", [idle("a")]), pod("web-two", [idle("a")]));
    const { uid } = (await tspod.inspect("web-one")).metadata;
    for (const spelling of ["web-one", "pod/web-one", "web-o", uid, uid.slice(0, 8)]) {
      expect(await tspod.ok(["ps", "-o", "name", spelling]), spelling).toBe("pod/web-one\n");
    }
    const ambiguous = await tspod.run(["describe", "web"]);
    expect(ambiguous).toMatchObject({ code: 2, stdout: "" });
    expect(ambiguous.stderr).toMatch(/"web" selects 2 pods: default\/web-one .*, default\/web-two/);
    expect(await tspod.ok(["get", "pods", "web-two", "--no-headers"])).toMatch(/^web-two +1\/1 +Running /);
    expect(JSON.parse(await tspod.ok(["ps", "-o", "json"]))).toMatchObject({
      kind: "List",
      items: [{ metadata: { name: "web-one" } }, { metadata: { name: "web-two" } }],
    });
    expect(await tspod.ok(["rm", "-f", "--all"])).toMatch(/pod "web-one" deleted\npod "web-two" deleted\n/);
  });
});

describe("kill and stop", () => {
  it("signal one container and leave the other", async () => {
    const trap = "trap 'echo got it' USR1; trap exit TERM; echo ready; while :; do sleep 0.1; done";
    await started(pod("signals", [sh("a", trap), sh("b", trap)]));
    await eventually(async () => (await tspod.ok(["logs", "-c", "b", "signals"])) === "ready\n");
    await eventually(async () => (await tspod.ok(["logs", "-c", "a", "signals"])) === "ready\n");
    expect(await tspod.ok(["kill", "-s", "USR1", "-c", "a", "signals"])).toContain("SIGUSR1 sent");
    await eventually(async () => (await tspod.ok(["logs", "-c", "a", "signals"])) === "ready\ngot it\n");
    expect(await tspod.ok(["logs", "-c", "b", "signals"])).toBe("ready\n");

    const { of } = await pidsOf(tspod, "signals");
    await tspod.ok(["kill", "signals"]);
    await eventually(() => !isAlive(of("a")) && !isAlive(of("b")));
    await tspod.ok(["rm", "signals"]);
  });

  it("of a stopped pod leaves logs and status to look at, and no process", async () => {
    await started(pod("stopped", [sh("a", "echo here; trap 'exit 0' TERM; while :; do sleep 0.1; done")]));
    await eventually(async () => (await tspod.ok(["logs", "stopped"])) === "here\n");
    const { infra } = await pidsOf(tspod, "stopped");
    await tspod.ok(["stop", "stopped"]);
    expect(isAlive(infra)).toBe(false);
    expect(await tspod.ok(["logs", "stopped"])).toBe("here\n");
    expect(await tspod.ok(["ps", "-a", "--no-headers"])).toMatch(/^stopped +0\/1 +Completed +0 /);
    expect((await tspod.run(["ps"])).stderr).toContain("1 pod has ended and is not shown: tspod ps -a");
    await tspod.ok(["stop", "stopped"]);
    await tspod.ok(["rm", "stopped"]);
  });
});

describe("the foreground", () => {
  it("follows all logs with the container's name before each line and ends with the pod's exit code", async () => {
    const containers = [sh("server", "echo serving; sleep 0.4"), sh("a", "echo to err >&2; exit 5")];
    const outcome = await tspod.run(["run", tspod.manifest(pod("front", containers))]);
    expect(outcome.code).toBe(5);
    expect(outcome.stdout).toBe("server | serving\n");
    expect(outcome.stderr).toContain("a      | to err\n");
    // It lived with the command.
    expect((await tspod.run(["inspect", "front"])).code).toBe(4);
  });

  it("loses no line of a container that talks much and ends", async () => {
    const containers = [sh("a", "seq 1 20000"), sh("b", "seq 1 20000 >&2")];
    const { code, stdout, stderr } = await tspod.run(["run", "-q", tspod.manifest(pod("many", containers))]);
    const numbers = Array.from({ length: 20000 }, (_, index) => String(index + 1));
    expect(code).toBe(0);
    const printed = (text: string, name: string) =>
      text.split("\n").filter((line) => line.startsWith(`${name} | `));
    // Compared as text: a list of differences would fill screens.
    expect(printed(stdout, "a").join() === numbers.map((n) => `a | ${n}`).join()).toBe(true);
    expect(printed(stderr, "b").join() === numbers.map((n) => `b | ${n}`).join()).toBe(true);
  });

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it(`${signal} is a graceful stop, and nothing is left`, async () => {
      const script = "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.1; done";
      const run = tspod.start(["run", tspod.manifest(pod("polite", [sh("a", script)]))]);
      await run.printed(/ready/);
      run.kill(signal);
      const outcome = await run.outcome();
      expect(outcome).toMatchObject({ code: 0, stdout: "a | ready\na | bye\n" });
      expect(outcome.stderr).toContain("stopping the pod; once more kills at once");
    });
  }

  it("a second Ctrl-C kills at once", async () => {
    const script = "trap '' TERM; echo ready; while :; do sleep 0.1; done";
    const spec = { terminationGracePeriodSeconds: 60 };
    const run = tspod.start(["run", tspod.manifest(pod("deaf", [sh("a", script)], spec))]);
    await run.printed(/ready/);
    run.kill("SIGINT");
    await run.printed(/once more/);
    await sleep(100);
    run.kill("SIGINT");
    // Long before the grace period is over.
    expect((await run.outcome(45_000)).code).toBe(137);
  });

  it("Ctrl-C during an init container ends the pod too", async () => {
    const manifest = pod("waiting", [idle("app")], { initContainers: [sh("slow", "echo ready; sleep 60")] });
    const run = tspod.start(["run", tspod.manifest(manifest)]);
    await run.printed(/ready/);
    run.kill("SIGINT");
    expect((await run.outcome()).code).toBe(137);
  });

  it("a manifest from standard input runs as one from a file", async () => {
    const input = JSON.stringify(pod("piped", [sh("a", "echo hello")]));
    expect(await tspod.run(["run", "-"], { input })).toMatchObject({ code: 0, stdout: "a | hello\n" });
  });
});
