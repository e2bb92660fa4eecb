import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh, web } from "./support/pods.ts";
import { host, isAlive, namespaceOf, pidsOf } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const row = async (name: string) =>
  (await tspod.ok(["ps", "-a", "--no-headers", name])).trim().split(/ {2,}/).slice(0, 4);

describe("status", () => {
  it("is 2/2 Running once both containers run (S7)", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("ghost", [idle("nginx"), idle("ghost")]))]);
    expect(await row("ghost")).toEqual(["ghost", "2/2", "Running", "0"]);
    await tspod.ok(["rm", "-f", "ghost"]);
  });

  it("is NotReady when a helper has ended and the server runs on (S11)", async () => {
    const volumeMount = (mountPath: string) => ({ volumeMounts: [{ name: "shared-data", mountPath }] });
    const manifest = pod(
      "two-containers",
      [
        sh(
          "nginx-container",
          "exec httpd -f -p 80 -h /usr/share/nginx/html",
          volumeMount("/usr/share/nginx/html"),
        ),
        sh(
          "debian-container",
          "echo Hello from the debian container > /pod-data/index.html",
          volumeMount("/pod-data"),
        ),
      ],
      { volumes: [{ name: "shared-data", emptyDir: {} }] },
    );
    await tspod.ok(["run", "-d", tspod.manifest(manifest)]);
    await eventually(async () => (await row("two-containers"))[2] === "NotReady");
    expect(await row("two-containers")).toEqual(["two-containers", "1/2", "NotReady", "0"]);

    const described = await tspod.ok(["describe", "two-containers"]);
    expect(described).toMatch(
      /debian-container:\n(?: .*\n)*? {4}State: +Terminated\n +Reason: +Completed\n +Exit Code: +0\n +Started: +\S.*\n +Finished: +\S/,
    );
    expect(described).toMatch(/nginx-container:\n(?: .*\n)*? {4}State: +Running\n +Started: +\S/);
    expect(described).toMatch(
      /^ {2}Ready +False +\(ContainersNotReady: containers with unready status: \[debian-container\]\)$/m,
    );
    const { status } = await tspod.inspect("two-containers");
    expect(status.phase).toBe("Running");
    const page = ["wget", "-qO-", `http://${status.podIP}/`];
    // Nothing says when the server listens.
    expect(await eventually(() => host("busybox", ...page))).toBe("Hello from the debian container\n");
    expect(await tspod.ok(["exec", "-c", "nginx-container", "two-containers", "--", ...page])).toBe(
      "Hello from the debian container\n",
    );
    await tspod.ok(["rm", "-f", "two-containers"]);
  });

  it("tells Completed, Error and a signal apart, with phase and exit codes", async () => {
    const containers = [sh("bad", "exit 3"), sh("good", "exit 0"), sh("hit", "kill -TERM $$$$; sleep 9")];
    // PID 1 of its own namespace would ignore the signal it sends itself. ($$ in a manifest is $.)
    const file = tspod.manifest(pod("ends", containers, { shareProcessNamespace: true }));
    expect((await tspod.run(["run", "-d", "--wait=complete", file])).code).toBe(3);
    expect(await row("ends")).toEqual(["ends", "0/3", "Error", "0"]);
    const { status } = await tspod.inspect("ends");
    expect(status.phase).toBe("Failed");
    expect(
      status.containerStatuses.map(
        ({ state: { terminated } }: { state: { terminated: object } }) => terminated,
      ),
    ).toMatchObject([
      { reason: "Error", exitCode: 3 },
      { reason: "Completed", exitCode: 0 },
      { reason: "Error", exitCode: 143, signal: 15 },
    ]);
    await tspod.ok(["rm", "ends"]);
  });
});

describe("deletion", () => {
  it("ends all three processes at once; a second one says so (S9)", async () => {
    const file = tspod.manifest(pod("ghost", [idle("nginx"), idle("ghost")]));
    await tspod.ok(["run", "-d", file]);
    const { infra, of } = await pidsOf(tspod, "ghost");
    const all = [infra, of("nginx"), of("ghost")];
    expect(all.map(isAlive)).toEqual([true, true, true]);

    expect(await tspod.ok(["rm", "ghost"])).toBe('pod "ghost" deleted\n');
    expect(all.map(isAlive)).toEqual([false, false, false]);
    const again = await tspod.run(["rm", "ghost"]);
    expect(again).toMatchObject({ code: 4, stdout: "" });
    expect(again.stderr).toContain('pod "ghost" not found');
    expect(await tspod.run(["rm", "--ignore-not-found", "ghost"])).toMatchObject({ code: 0, stdout: "" });

    await tspod.ok(["run", "-d", file]);
    expect(await tspod.ok(["down", file])).toContain('pod "ghost" deleted');
  });

  it("signals all containers at once, kills at the grace period, the holder last (S40)", async () => {
    const polite = "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.1; done";
    const deaf = "trap '' TERM; echo ready; while :; do sleep 0.1; done";
    const containers = [sh("deaf", deaf), sh("a", polite), sh("b", polite)];
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(pod("trio", containers, { terminationGracePeriodSeconds: 10 })),
    ]);
    for (const name of ["deaf", "a", "b"]) {
      await eventually(async () => (await tspod.ok(["logs", "-c", name, "trio"])) === "ready\n");
    }
    const before = await pidsOf(tspod, "trio");
    const started = Date.now();
    const stop = tspod.start(["stop", "trio"]);
    await eventually(() => !isAlive(before.of("a")) && !isAlive(before.of("b")));
    expect(isAlive(before.of("deaf"))).toBe(true);
    expect(isAlive(before.infra)).toBe(true);
    expect((await row("trio"))[2]).toBe("Terminating");
    expect(await stop.outcome()).toMatchObject({ code: 0, stdout: 'pod "trio" stopped\n' });
    // As long as the slowest, not the sum: the two polite ones took no time of their own.
    expect(Date.now() - started).toBeGreaterThanOrEqual(9900);
    expect([before.infra, before.of("deaf")].map(isAlive)).toEqual([false, false]);

    expect(await tspod.ok(["logs", "-c", "a", "trio"])).toBe("ready\nbye\n");
    expect(await tspod.ok(["logs", "-c", "b", "trio"])).toBe("ready\nbye\n");
    const { status } = await tspod.inspect("trio");
    const ends = status.containerStatuses.map(
      ({ state: { terminated } }: { state: { terminated: object } }) => terminated,
    );
    expect(ends).toMatchObject([
      { exitCode: 137, signal: 9, reason: "Error" },
      { exitCode: 0, reason: "Completed" },
      { exitCode: 0, reason: "Completed" },
    ]);
    const at = (index: number) => Date.parse(ends[index].finishedAt);
    expect(at(0)).toBeGreaterThan(at(1));
    await tspod.ok(["rm", "trio"]);
  });

  it("does not wait for containers whose shell cannot hear TERM longer than the grace period says", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("deaf", [sh("sleeper", "sleep 60")]))]);
    const started = Date.now();
    expect(await tspod.ok(["rm", "-t", "1", "deaf"])).toBe('pod "deaf" deleted\n');
    expect(Date.now() - started).toBeGreaterThanOrEqual(950);
  });
});

describe("neighbours", () => {
  it("live on when one is stopped (S23)", async () => {
    const manifest = pod("nginx-busybox-pod", [web("nginx", 80, "hello pod"), idle("busybox")], {
      shareProcessNamespace: true,
    });
    await tspod.ok(["run", "-d", tspod.manifest(manifest)]);
    const before = await pidsOf(tspod, "nginx-busybox-pod");
    expect(await tspod.ok(["stop", "-c", "nginx", "nginx-busybox-pod"])).toBe(
      'container "nginx" of pod "nginx-busybox-pod" stopped\n',
    );

    const ps = await tspod.ok(["exec", "-c", "busybox", "nginx-busybox-pod", "--", "ps", "-o", "args"]);
    expect(ps.split("\n")[1]).toBe("/pause");
    expect(ps).not.toContain("httpd");
    expect((await pidsOf(tspod, "nginx-busybox-pod")).of("busybox")).toBe(before.of("busybox"));
    expect(isAlive(before.of("busybox"))).toBe(true);
    expect(isAlive(before.of("nginx"))).toBe(false);
    const [, ready, status] = await row("nginx-busybox-pod");
    expect(ready).toBe("1/2");
    expect(status).toMatch(/^(NotReady|Error)$/);
    await tspod.ok(["rm", "-f", "nginx-busybox-pod"]);
  });

  it("die, and the sandbox outlives both (S14)", async () => {
    const manifest = pod("outlives", [idle("a"), idle("b")], { restartPolicy: "Always" });
    await tspod.ok(["run", "-d", tspod.manifest(manifest)]);
    const before = await tspod.inspect("outlives");
    const { infra, of } = await pidsOf(tspod, "outlives");
    const net = namespaceOf(infra, "net");
    process.kill(of("a"), "SIGKILL");
    process.kill(of("b"), "SIGKILL");

    const again = async () => (await tspod.inspect("outlives")).status.containerStatuses;
    await eventually(async () =>
      (await again()).every(
        (one: { restartCount: number; state: object }) => one.restartCount === 1 && "running" in one.state,
      ),
    );
    const after = await tspod.inspect("outlives");
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.status.podIP).toBe(before.status.podIP);
    expect(after.status.infra).toMatchObject({ pid: infra, alive: true });
    expect(namespaceOf(infra, "net")).toBe(net);
    expect(host("nsenter", "-t", String(infra), "-n", "ip", "-br", "address", "show", "eth0")).toContain(
      before.status.podIP,
    );
    for (const { lastState } of after.status.containerStatuses) {
      expect(lastState.terminated).toMatchObject({ exitCode: 137, signal: 9, reason: "Error" });
    }
    const [name, ready, status, restarts] = await row("outlives");
    expect([name, ready, status]).toEqual(["outlives", "2/2", "Running"]);
    expect(restarts).toMatch(/^2 \(\d+s ago\)$/);
    await tspod.ok(["rm", "-f", "outlives"]);
  });

  it("keep the exit code when the monitor is killed: the truth is that it is not known", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("blind", [idle("a"), idle("b")]))]);
    const { status } = await tspod.inspect("blind");
    const [a] = status.containerStatuses;
    process.kill(a.monitorPid, "SIGKILL");
    await eventually(() => !isAlive(a.pid));
    const now = (await tspod.inspect("blind")).status.containerStatuses;
    expect(now[0].state.terminated).toMatchObject({ exitCode: 137, reason: "ContainerStatusUnknown" });
    expect(now[1].state.running).toBeDefined();
    await tspod.ok(["rm", "-f", "blind"]);
  });
});

describe("one process table (S22, S38)", () => {
  it("begins with /pause and shows every container's processes", async () => {
    const manifest = pod("nginx-busybox-pod", [web("nginx", 80, "hello pod"), idle("busybox")], {
      shareProcessNamespace: true,
    });
    await tspod.ok(["run", "-d", tspod.manifest(manifest)]);
    const { infra } = await pidsOf(tspod, "nginx-busybox-pod");
    const inside = (...command: string[]) =>
      tspod.ok(["exec", "-c", "busybox", "nginx-busybox-pod", "--", ...command]);
    await eventually(async () => (await inside("wget", "-qO-", "localhost")) === "hello pod\n");

    const look = async () => (await inside("ps", "-o", "pid,user,args")).trimEnd().split("\n");
    // The server has a process for each request, which is there for a moment after its answer.
    const ps = await eventually(async () => {
      const lines = await look();
      return lines.filter((line) => line.includes("httpd")).length === 1 && lines;
    });
    expect(ps[0]).toMatch(/^PID +USER +COMMAND$/);
    expect(ps[1]).toMatch(/^ +1 root +\/pause$/);
    const commands = ps.slice(2).map((line) => line.trim().split(/ +/).slice(2).join(" "));
    expect(commands.some((args) => args.startsWith("httpd -f -p 80"))).toBe(true);
    expect(commands.some((args) => args.startsWith("sh -c trap exit TERM"))).toBe(true);
    expect(commands).toContain("sleep 3600");
    expect(commands).toContain("ps -o pid,user,args");
    // Nothing of the host, and nothing of tspod's but the holder.
    expect(commands).toHaveLength(4);

    // As the host's tools show it, it is no larger than the article's pause.
    expect(host("ps", "-o", "args=", "-p", String(infra)).trim()).toBe("/pause");
    expect(Number(host("ps", "-o", "rss=", "-p", String(infra)))).toBeLessThanOrEqual(444);
    await tspod.ok(["rm", "-f", "nginx-busybox-pod"]);
  });
});

describe("the hostname (S36)", () => {
  it("is the pod's name in every container, in its files and in what it serves", async () => {
    const server =
      'while :; do printf "HTTP/1.0 200 OK\\r\\n\\r\\nYou\'ve hit $(hostname)\\n" | nc -l -p 8080; done';
    const privileged = { securityContext: { capabilities: { add: ["SYS_ADMIN"] } } };
    const manifest = pod("node-pod", [sh("node-server", server), idle("nginx-web", privileged)]);
    await tspod.ok(["run", "-d", tspod.manifest(manifest)]);
    const inside = async (container: string, ...command: string[]) =>
      (await tspod.ok(["exec", "-c", container, "node-pod", "--", ...command])).trimEnd();
    await eventually(
      async () =>
        (await inside("nginx-web", "wget", "-qO-", "http://localhost:8080/")) === "You've hit node-pod",
    );
    for (const container of ["node-server", "nginx-web"]) {
      expect(await inside(container, "hostname")).toBe("node-pod");
      expect(await inside(container, "cat", "/etc/hostname")).toBe("node-pod");
    }
    const { status } = await tspod.inspect("node-pod");
    const hosts = await inside("nginx-web", "cat", "/etc/hosts");
    expect(hosts).toBe(await inside("node-server", "cat", "/etc/hosts"));
    expect(hosts).toMatch(new RegExp(`^${status.podIP}\\s+node-pod$`, "m"));
    expect(hosts).toMatch(/^127\.0\.0\.1\s+localhost$/m);

    // One container's sethostname is the other's; the host's own stays.
    const own = readFileSync("/proc/sys/kernel/hostname", "utf8");
    await inside("nginx-web", "hostname", "renamed");
    expect(await inside("node-server", "hostname")).toBe("renamed");
    expect(readFileSync("/proc/sys/kernel/hostname", "utf8")).toBe(own);
    await tspod.ok(["rm", "-f", "node-pod"]);
  });
});
