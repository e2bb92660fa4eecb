import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { FastRoot } from "../support/fast-root.ts";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { isAlive, namespaceOf, pidsOf } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

// biome-ignore lint/suspicious/noExplicitAny: documents that tests look into
type Json = any;
// Ten seconds of a pod's life in a tenth of one.
const tspod = scenario(new FastRoot(100));
const start = (manifest: object) => tspod.ok(["run", "-d", tspod.manifest(manifest)]);
const row = async (name: string) =>
  (await tspod.ok(["get", "pods", "--no-headers", name]))
    .trim()
    .split(/ {2,}/)
    .slice(0, 4)
    .map((cell) => cell.replace(/ \(.*/, ""));
/** The pod, once `matches` holds of it. */
const until = async (name: string, matches: (status: Json) => boolean) =>
  await eventually(
    async () => {
      const found = await tspod.inspect(name);
      return matches(found.status) && found;
    },
    { what: `${name}: ${matches}` },
  );
const of = (status: Json, name: string) =>
  [...(status.initContainerStatuses ?? []), ...status.containerStatuses].find(
    (one: Json) => one.name === name,
  );
const always = { restartPolicy: "Always" as const };

describe("the sandbox", () => {
  it("outlives its containers: address, network and holder stay, they come back with back-off (S14)", async () => {
    await start(pod("outlived", [idle("a"), idle("b")], always));
    const before = await tspod.inspect("outlived");
    const network = namespaceOf(before.status.infra.pid, "net");
    for (const name of ["a", "b"]) process.kill(of(before.status, name).pid, "SIGKILL");
    const after = await until("outlived", (status) =>
      ["a", "b"].every((name) => of(status, name).restartCount === 1 && of(status, name).ready),
    );
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.status.podIP).toBe(before.status.podIP);
    expect(after.status.infra.pid).toBe(before.status.infra.pid);
    expect(namespaceOf(after.status.infra.pid, "net")).toBe(network);
    for (const name of ["a", "b"]) expect(namespaceOf(of(after.status, name).pid, "net"), name).toBe(network);

    // Again and again: it is held back, and says so.
    await eventually(async () => {
      const { pid, ready } = of((await tspod.inspect("outlived")).status, "a");
      if (ready && isAlive(pid)) process.kill(pid, "SIGKILL");
      return (await row("outlived"))[2] === "CrashLoopBackOff";
    });
    await tspod.ok(["rm", "-f", "outlived"]);
  });

  it("is made anew when the holder is killed: the same pod, all containers again, init first (S14)", async () => {
    const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
    const manifest = pod("renewed", [idle("a", v), idle("b")], {
      ...always,
      initContainers: [sh("init", "echo init >> /v/order", v)],
      volumes: [{ name: "v", emptyDir: {} }],
    });
    await start(manifest);
    const before = await tspod.inspect("renewed");
    process.kill(before.status.infra.pid, "SIGKILL");
    const after = await until(
      "renewed",
      (status) =>
        status.infra.alive &&
        status.infra.pid !== before.status.infra.pid &&
        ["a", "b"].every((name) => of(status, name).ready),
    );
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(await tspod.ok(["exec", "-c", "a", "renewed", "--", "cat", "/v/order"])).toBe("init\ninit\n");
    expect(await tspod.ok(["events", "renewed"])).toMatch(
      /SandboxChanged +Pod\/renewed +Pod sandbox changed, it will be killed and re-created\./,
    );
    await tspod.ok(["rm", "-f", "renewed"]);
  });

  it("stays when one container is stopped under Always: its neighbour has not noticed (S23)", async () => {
    await start(
      pod("nginx-busybox-pod", [idle("nginx"), idle("busybox")], { ...always, shareProcessNamespace: true }),
    );
    const before = await pidsOf(tspod, "nginx-busybox-pod");
    await tspod.ok(["stop", "-c", "nginx", "nginx-busybox-pod"]);
    await until(
      "nginx-busybox-pod",
      (status) => of(status, "nginx").restartCount === 1 && of(status, "nginx").ready,
    );
    const after = await pidsOf(tspod, "nginx-busybox-pod");
    expect(after.of("nginx")).not.toBe(before.of("nginx"));
    expect(after.of("busybox")).toBe(before.of("busybox"));
    expect(after.infra).toBe(before.infra);
    expect(await row("nginx-busybox-pod")).toEqual(["nginx-busybox-pod", "2/2", "Running", "1"]);
    await tspod.ok(["rm", "-f", "nginx-busybox-pod"]);
  });
});

describe("a pod", () => {
  it("whose init container fails is held back under Always and OnFailure, and is not over (S17)", async () => {
    for (const restartPolicy of ["Always", "OnFailure"] as const) {
      const manifest = pod("failing", [idle("app")], { restartPolicy, initContainers: [sh("i1", "exit 3")] });
      await start(manifest);
      await eventually(async () => (await row("failing"))[2] === "Init:CrashLoopBackOff");
      const { status } = await until("failing", (now) => of(now, "i1").restartCount >= 2);
      expect(status.phase).toBe("Pending");
      expect(of(status, "i1").lastState.terminated).toMatchObject({ exitCode: 3 });
      expect(of(status, "app").state).toHaveProperty("waiting");
      await tspod.ok(["rm", "-f", "failing"]);
    }
  });

  it("completes although its sidecar never ends; sidecars are started first and ended last (S18)", async () => {
    const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
    const note = (text: string) => `echo ${text} $(cut -d" " -f1 /proc/uptime)`;
    // Their codes are not the pod's.
    const sidecar = (name: string) =>
      sh(
        name,
        `${note("up")}; trap '${note("down")}; exit 5' TERM; touch /v/${name}; while :; do sleep 0.02; done`,
        {
          ...v,
          restartPolicy: "Always",
          startupProbe: {
            exec: { command: ["ls", `/v/${name}`] },
            ...{ periodSeconds: 1, failureThreshold: 9999, timeoutSeconds: 999 },
          },
        },
      );
    const manifest = pod("batch", [sh("app", `ls /v; ${note("app")}; sleep 0.3; ${note("done")}`, v)], {
      initContainers: [sidecar("one"), sidecar("two")],
      volumes: [{ name: "v", emptyDir: {} }],
      terminationGracePeriodSeconds: 6000,
    });
    await tspod.ok(["run", "-d", "--wait=complete", tspod.manifest(manifest)]);
    const times = async (name: string) =>
      Object.fromEntries(
        [...(await tspod.ok(["logs", "-c", name, "batch"])).matchAll(/^(\w+) ([\d.]+)$/gm)].map(
          ([, key, at]) => [key, Number(at)],
        ),
      );
    const [one, two, app] = [await times("one"), await times("two"), await times("app")] as const;
    expect(await tspod.ok(["logs", "-c", "app", "batch"])).toMatch(/^one\ntwo\napp /);
    expect(one.up).toBeLessThanOrEqual(two.up);
    expect(two.up).toBeLessThanOrEqual(app.app);
    expect(app.done).toBeLessThanOrEqual(two.down);
    expect(two.down).toBeLessThanOrEqual(one.down);
    expect((await tspod.inspect("batch")).status.phase).toBe("Succeeded");
    await tspod.ok(["rm", "batch"]);
  });

  it("knows nothing of a program that exec started, and all of one that is a container (S20)", async () => {
    const manifest = pod("models", [idle("app"), sh("own", "sleep 0.2; exit 7")], always);
    await start(manifest);
    expect(
      (await tspod.run(["exec", "-c", "app", "models", "--", "sh", "-c", "sleep 0.1; exit 7"])).code,
    ).toBe(7);
    const { status } = await until("models", (now) => of(now, "own").restartCount >= 1);
    expect(of(status, "app")).toMatchObject({ restartCount: 0, ready: true, lastState: {} });
    expect(of(status, "own").lastState.terminated).toMatchObject({ exitCode: 7, reason: "Error" });
    await tspod.ok(["rm", "-f", "models"]);
  });

  it("that was removed is not raised again by anybody (S29)", async () => {
    await start(pod("bare", [idle("a")], always));
    await start(pod("other", [idle("a")], always));
    const { infra, of: pid } = await pidsOf(tspod, "bare");
    await tspod.ok(["rm", "-f", "bare"]);
    // The daemon is still there for the other pod, and looks after it.
    process.kill((await pidsOf(tspod, "other")).of("a"), "SIGKILL");
    await until("other", (status) => of(status, "a").restartCount === 1);
    await sleep(300);
    expect([infra, pid("a")].map(isAlive)).toEqual([false, false]);
    expect((await tspod.run(["get", "pod", "bare"])).code).toBe(4);
    await tspod.ok(["rm", "-f", "other"]);
  });

  it("has one container's image changed in place, and the others have not noticed (S32)", async () => {
    await start(pod("nginx-busybox-pod", [idle("nginx"), idle("busybox")], always));
    const before = await tspod.inspect("nginx-busybox-pod");
    await tspod.ok(["image", "tag", "busybox", "nginx:1.27"]);
    await tspod.ok(["set", "image", "pod/nginx-busybox-pod", "nginx=nginx:1.27"]);
    const after = await until(
      "nginx-busybox-pod",
      (status) => of(status, "nginx").restartCount === 1 && of(status, "nginx").ready,
    );
    expect(of(after.status, "nginx").image).toBe("nginx:1.27");
    expect(of(after.status, "busybox")).toEqual(of(before.status, "busybox"));
    for (const same of ["startTime", "podIP"]) expect(after.status[same], same).toBe(before.status[same]);
    expect(after.status.infra.pid).toBe(before.status.infra.pid);
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(await tspod.ok(["events", "nginx-busybox-pod"])).toContain(
      "Container nginx definition changed, will be restarted",
    );
    const other = pod("nginx-busybox-pod", [idle("nginx", { image: "nginx:1.27" }), idle("busybox")], {
      ...always,
      hostname: "other",
    });
    const refused = await tspod.run(["apply", "-f", tspod.manifest(other)]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("Forbidden: pod updates may not change fields other than");
    await tspod.ok(["rm", "-f", "nginx-busybox-pod"]);
  });

  it("with a limit of its own loses one container to the OOM killer, not its sandbox (S39)", async () => {
    const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
    const reader = "until [ -e /v/enough ]; do sleep 0.05; done";
    const hold = `mkfifo /pipe; { ${reader}; } < /pipe & exec dd if=/dev/zero of=/pipe bs=40M count=1`;
    const manifest = pod("limited", [sh("one", hold, v), sh("two", hold, v), idle("small", v)], {
      resources: { limits: { memory: "64Mi" } },
      volumes: [{ name: "v", emptyDir: {} }],
    });
    await start(manifest);
    const { infra, of: pid } = await pidsOf(tspod, "limited");
    await until("limited", (status) => ["one", "two"].some((name) => of(status, name).state.terminated));
    await tspod.ok(["exec", "-c", "small", "limited", "--", "touch", "/v/enough"]);
    const now = await until("limited", (status) =>
      ["one", "two"].every((name) => of(status, name).state.terminated),
    );
    const ends = ["one", "two"].map((name) => of(now.status, name).state.terminated);
    expect(ends.filter(({ reason }) => reason === "OOMKilled")).toEqual([
      expect.objectContaining({ exitCode: 137, reason: "OOMKilled" }),
    ]);
    expect([infra, pid("small")].map(isAlive)).toEqual([true, true]);
    const cgroups = now.status.containerStatuses.map(({ cgroup }: { cgroup: string }) => cgroup);
    for (const cgroup of cgroups) expect(cgroup.startsWith(`${now.status.infra.cgroup}/`)).toBe(true);
    await tspod.ok(["rm", "-f", "limited"]);
  });
});
