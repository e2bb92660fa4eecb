import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freePort } from "../support/ports.ts";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { host } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
/** A folder of the host that a test may give a pod. */
function hostFolder(name: string): string {
  const path = join(tspod.dir, "host", name);
  mkdirSync(path, { recursive: true });
  return path;
}

describe("init containers", () => {
  it("carry a WAR file into Tomcat's folder (S16)", async () => {
    const port = await freePort(18_001);
    const manifest = pod(
      "javaweb-2",
      [
        sh("tomcat", "exec httpd -f -p 8080 -h /root/apache-tomcat-7.0.42-v2/webapps", {
          volumeMounts: [{ name: "app-volume", mountPath: "/root/apache-tomcat-7.0.42-v2/webapps" }],
          ports: [{ containerPort: 8080, hostPort: port }],
        }),
      ],
      {
        initContainers: [
          // The article's image has /sample.war in it.
          sh("war", "sleep 1; echo war > /sample.war; cp -v /sample.war /app", {
            volumeMounts: [{ name: "app-volume", mountPath: "/app" }],
          }),
        ],
        volumes: [{ name: "app-volume", emptyDir: {} }],
      },
    );
    // What it prints at first shows that it watches.
    await tspod.ok(["run", "-d", tspod.manifest(pod("before", [idle("a")]))]);
    const watch = tspod.start(["ps", "-w"]);
    await watch.printed(/^before /m);
    await tspod.ok(["run", "-d", tspod.manifest(manifest)]);
    await watch.printed(/^javaweb-2 +1\/1 +Running /m);
    watch.kill("SIGTERM");
    await watch.outcome();
    const sequence = watch.stdout
      .match(/^javaweb-2 +\S+ +\S+/gm)
      ?.map((line) => line.split(/ +/)[2])
      .filter((status, index, all) => status !== all[index - 1]);
    expect(sequence).toEqual(["Pending", "Init:0/1", "PodInitializing", "Running"]);

    expect(
      await tspod.ok([
        "exec",
        "-c",
        "tomcat",
        "javaweb-2",
        "--",
        "ls",
        "/root/apache-tomcat-7.0.42-v2/webapps",
      ]),
    ).toBe("sample.war\n");
    const { status } = await tspod.inspect("javaweb-2");
    for (const address of [status.hostIP, "127.0.0.1"]) {
      const url = `http://${address}:${port}/sample.war`;
      expect(await eventually(() => host("curl", "-sI", url)), address).toMatch(/^HTTP\/1\.\d 200/);
      expect(await eventually(() => host("busybox", "wget", "-qO-", url)), address).toBe("war\n");
    }
    const described = await tspod.ok(["describe", "javaweb-2"]);
    expect(described).toMatch(
      /Init Containers:\n {2}war:\n(?: {4}.*\n)*? {4}State: +Terminated\n +Reason: +Completed\n +Exit Code: +0\n/,
    );
    expect(described).toMatch(/^Volumes:\n {2}app-volume:\n {4}Type: +EmptyDir/m);
    expect(await tspod.ok(["logs", "-c", "war", "javaweb-2"])).toBe("'/sample.war' -> '/app/sample.war'\n");
    const reasons = (await tspod.ok(["events", "javaweb-2"])).match(/(?<=Normal +)\S+ +Pod\/\S+( \(\w+\))?/g);
    // What the host clamps is the host's: the pod asks for no limit.
    const own = reasons?.filter((one) => !one.startsWith("LimitClamped"));
    expect(own?.map((one) => one.replace(/ +/g, " "))).toEqual([
      "Scheduled Pod/javaweb-2",
      "SandboxCreated Pod/javaweb-2",
      "Pulled Pod/javaweb-2 (war)",
      "Created Pod/javaweb-2 (war)",
      "Started Pod/javaweb-2 (war)",
      "Pulled Pod/javaweb-2 (tomcat)",
      "Created Pod/javaweb-2 (tomcat)",
      "Started Pod/javaweb-2 (tomcat)",
    ]);
    const { uid } = (await tspod.inspect("javaweb-2")).metadata;
    const volume = join(tspod.dir, "var/lib/tspod/pods", uid, "volumes");
    expect(readdirSync(volume, { recursive: true })).toContainEqual(expect.stringMatching(/sample\.war$/));
    await tspod.ok(["rm", "-f", "javaweb-2", "before"]);
    expect(existsSync(volume)).toBe(false);
  });

  it("run one after the other, each to its end, before the containers (S17)", async () => {
    const mark = (text: string) => ({
      volumeMounts: [{ name: "log", mountPath: "/log" }],
      command: ["sh", "-c", `echo ${text} begins >> /log/order; sleep 0.3; echo ${text} ends >> /log/order`],
    });
    const manifest = pod("ordered", [sh("app", "", mark("app"))], {
      initContainers: [sh("i1", "", mark("i1")), sh("i2", "", mark("i2"))],
      volumes: [{ name: "log", hostPath: { path: hostFolder("order") } }],
    });
    expect((await tspod.run(["run", "-d", "--wait=complete", tspod.manifest(manifest)])).code).toBe(0);
    expect(
      readFileSync(join(hostFolder("order"), "order"), "utf8")
        .trim()
        .split("\n"),
    ).toEqual(["i1", "i2", "app"].flatMap((name) => [`${name} begins`, `${name} ends`]));
    const { status } = await tspod.inspect("ordered");
    const [i1, i2] = status.initContainerStatuses.map(
      (one: { state: { terminated: object } }) => one.state.terminated,
    );
    const app = status.containerStatuses[0].state.terminated;
    expect(status.phase).toBe("Succeeded");
    expect(i1.finishedAt <= i2.startedAt && i2.finishedAt <= app.startedAt).toBe(true);
    await tspod.ok(["rm", "ordered"]);
  });

  it("that fail keep the containers from ever being made (S17)", async () => {
    const manifest = pod("failing", [idle("app")], {
      initContainers: [sh("i1", "echo oh no >&2; exit 3"), sh("i2", "exit 0")],
    });
    const run = await tspod.run(["run", "-d", "--wait=complete", tspod.manifest(manifest)]);
    expect(run.code).toBe(3);
    expect(await tspod.ok(["ps", "-a", "--no-headers"])).toMatch(/^failing +0\/1 +Init:Error +0 /);
    const { status } = await tspod.inspect("failing");
    expect(status.phase).toBe("Failed");
    expect(status.initContainerStatuses[0].state.terminated).toMatchObject({ exitCode: 3, reason: "Error" });
    expect(status.initContainerStatuses[1].state).toHaveProperty("waiting");
    expect(status.containerStatuses[0].state).toHaveProperty("waiting");
    expect(await tspod.ok(["logs", "failing", "-c", "i1"])).toBe("oh no\n");
    const logs = await tspod.run(["logs", "failing", "-c", "app"]);
    expect(logs.code).toBe(1);
    expect(logs.stderr).toContain('container "app" in pod "failing" is waiting to start: PodInitializing');
    await tspod.ok(["rm", "failing"]);
  });
});
