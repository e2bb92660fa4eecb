import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { buildProbe, type Probe } from "./support/probe.ts";
import { host, isAlive, pidsOf, statField } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const inside = (name: string, container: string) => async (script: string) =>
  await tspod.ok(["exec", "-c", container, name, "--", "sh", "-c", script]);

/** A folder of the host that a test may give a pod. */
function hostFolder(name: string): string {
  const path = join(tspod.dir, "host", name);
  mkdirSync(path, { recursive: true });
  return path;
}

describe("a single file (S5)", () => {
  it("comes from the host or a ConfigMap, and its neighbours stay visible", async () => {
    const conf = join(hostFolder("nginx"), "nginx.conf");
    writeFileSync(conf, "worker_processes 1;\n");
    const configMap = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "nginx-config" },
      data: { "nginx.conf": "events {}\n", "other.conf": "unseen\n" },
    };
    const manifest = pod(
      "files",
      [
        idle("a", { volumeMounts: [{ name: "file", mountPath: "/etc/nginx.conf" }] }),
        idle("b", { volumeMounts: [{ name: "map", mountPath: "/etc/nginx.conf", subPath: "nginx.conf" }] }),
      ],
      {
        volumes: [
          { name: "file", hostPath: { path: conf, type: "File" } },
          { name: "map", configMap: { name: "nginx-config" } },
        ],
      },
    );
    await tspod.ok(["run", "-d", tspod.manifest(manifest), tspod.manifest(configMap)]);
    const [a, b] = [inside("files", "a"), inside("files", "b")];
    expect(await a("cat /etc/nginx.conf")).toBe(readFileSync(conf, "utf8"));
    expect(await b("cat /etc/nginx.conf")).toBe("events {}\n");
    for (const look of [a, b]) {
      const names = (await look("ls /etc")).split("\n");
      expect(names).toEqual(expect.arrayContaining(["passwd", "group", "hosts", "nginx.conf"]));
      expect(names).not.toContain("other.conf");
    }
    await a("echo 'worker_processes 2;' > /etc/nginx.conf");
    expect(readFileSync(conf, "utf8")).toBe("worker_processes 2;\n");
    await tspod.ok(["rm", "-f", "files"]);
  });

  it("of a whole ConfigMap is read-only and reached by way of ..data (S6)", async () => {
    const configMap = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "nginx-config" },
      data: { "nginx.conf": "events {}\n" },
    };
    const manifest = pod(
      "map",
      [idle("a", { volumeMounts: [{ name: "map", mountPath: "/etc/nginx", readOnly: true }] })],
      { volumes: [{ name: "map", configMap: { name: "nginx-config" } }] },
    );
    const documents = [configMap, manifest].map((one) => JSON.stringify(one)).join("\n---\n");
    await tspod.ok(["run", "-d", tspod.manifest(documents)]);
    const a = inside("map", "a");
    expect(await a("readlink /etc/nginx/nginx.conf; cat /etc/nginx/nginx.conf")).toBe(
      "..data/nginx.conf\nevents {}\n",
    );
    expect(await a("stat -L -c %a /etc/nginx/nginx.conf")).toBe("644\n");
    const touch = await tspod.run(["exec", "map", "--", "touch", "/etc/nginx/x"]);
    expect(touch.code).toBe(1);
    expect(touch.stderr).toContain("Read-only file system");
    await tspod.ok(["rm", "-f", "map"]);
  });
});

describe("a volume", () => {
  it("is declared once and bound in each container, never in the holder (S15)", async () => {
    const mount = (mountPath: string) => ({ volumeMounts: [{ name: "shared-data", mountPath }] });
    const manifest = pod(
      "bound",
      [idle("a", mount("/usr/share/nginx/html")), idle("b", mount("/pod-data"))],
      {
        volumes: [{ name: "shared-data", emptyDir: {} }],
      },
    );
    await tspod.ok(["run", "-d", tspod.manifest(manifest)]);
    const { infra, of } = await pidsOf(tspod, "bound");
    const { uid } = (await tspod.inspect("bound")).metadata;
    const source = (pid: number, path: string) =>
      host("findmnt", "-N", String(pid), "-n", "-o", "MAJ:MIN,FSROOT", path).trim().split(/ +/).join(" ");

    const found = source(of("a"), "/usr/share/nginx/html");
    expect(source(of("b"), "/pod-data")).toBe(found);
    expect(found).toContain(`${uid}/volumes/`);
    expect(readFileSync(`/proc/${infra}/mountinfo`, "utf8")).not.toContain("/volumes/");
    await inside("bound", "a")("echo hello > /usr/share/nginx/html/index.html");
    expect(await inside("bound", "b")("cat /pod-data/index.html")).toBe("hello\n");
    await tspod.ok(["rm", "-f", "bound"]);
  });

  it("of the host stays when the pod goes; an emptyDir does not", async () => {
    const folder = hostFolder("kept");
    const manifest = pod(
      "writer",
      [
        sh("a", "echo kept > /host/file; echo gone > /empty/file; echo made > /made/file", {
          volumeMounts: [
            { name: "host", mountPath: "/host" },
            { name: "empty", mountPath: "/empty" },
            { name: "made", mountPath: "/made" },
          ],
        }),
      ],
      {
        volumes: [
          { name: "host", hostPath: { path: folder } },
          { name: "empty", emptyDir: {} },
          { name: "made", hostPath: { path: join(folder, "new"), type: "DirectoryOrCreate" } },
        ],
      },
    );
    expect((await tspod.run(["run", tspod.manifest(manifest)])).code).toBe(0);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("kept\n");
    expect(readFileSync(join(folder, "new/file"), "utf8")).toBe("made\n");
  });
});

describe("init containers", () => {
  it("carry a WAR file into Tomcat's folder (S16)", async () => {
    const manifest = pod(
      "javaweb-2",
      [
        sh("tomcat", "exec httpd -f -p 8080 -h /root/apache-tomcat-7.0.42-v2/webapps", {
          volumeMounts: [{ name: "app-volume", mountPath: "/root/apache-tomcat-7.0.42-v2/webapps" }],
          ports: [{ containerPort: 8080, hostPort: 18001 }],
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
    const watch = tspod.start(["ps", "-w"]);
    await tspod.ok(["run", "-d", tspod.manifest(manifest)]);
    await watch.printed(/^javaweb-2 +1\/1 +Running /m);
    watch.kill("SIGTERM");
    await watch.outcome();
    const sequence = watch.stdout.match(/^javaweb-2 +\S+ +\S+/gm)?.map((line) => line.split(/ +/)[2]);
    const known = ["Pending", "Init:0/1", "PodInitializing", "Running"];
    expect(sequence).toContain("Init:0/1");
    expect(sequence?.at(-1)).toBe("Running");
    expect(sequence).toEqual(known.filter((status) => sequence?.includes(status)));

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
      const url = `http://${address}:18001/sample.war`;
      expect(await eventually(() => host("busybox", "wget", "-qO-", url)), address).toBe("war\n");
    }
    const described = await tspod.ok(["describe", "javaweb-2"]);
    expect(described).toMatch(
      /Init Containers:\n {2}war:\n(?: {4}.*\n)*? {4}State: +Terminated\n +Reason: +Completed\n +Exit Code: +0\n/,
    );
    expect(described).toMatch(/^Volumes:\n {2}app-volume:\n {4}Type: +EmptyDir/m);
    expect(await tspod.ok(["logs", "-c", "war", "javaweb-2"])).toBe("'/sample.war' -> '/app/sample.war'\n");
    const reasons = (await tspod.ok(["events", "javaweb-2"])).match(/(?<=Normal +)\S+ +Pod\/\S+( \(\w+\))?/g);
    expect(reasons?.map((one) => one.replace(/ +/g, " "))).toEqual([
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
    await tspod.ok(["rm", "-f", "javaweb-2"]);
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

describe("shared memory (S25)", () => {
  let probe: Probe;
  beforeAll(() => {
    probe = buildProbe(tspod);
  });
  const two = (name: string, spec = {}) => {
    const mounts = { volumeMounts: [probe.mount] };
    return pod(name, [idle("a", mounts), idle("b", mounts)], { volumes: [probe.volume], ...spec });
  };
  const segments = "awk 'NR > 1 { print $2 }' /proc/sysvipc/shm";

  it("of all three kinds is the pod's, and no other's", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(two("one")), tspod.manifest(two("other"))]);
    const [a, b, other] = [inside("one", "a"), inside("one", "b"), inside("other", "a")];

    const id = (await a("/probe/probe shm-make 'in the segment'")).trim();
    expect(await b(segments)).toBe(`${id}\n`);
    expect(await b(`/probe/probe shm-read ${id}`)).toBe("in the segment\n");
    expect(await other(segments)).toBe("");
    expect(host("sh", "-c", segments).split("\n")).not.toContain(id);

    await a("/probe/probe mq-put /queue 'in the queue'");
    expect(await b("/probe/probe mq-take /queue")).toBe("in the queue\n");
    await expect(other("/probe/probe mq-take /queue")).rejects.toThrow("No such file or directory");

    await a("echo 'in /dev/shm' > /dev/shm/x");
    expect(await b("cat /dev/shm/x")).toBe("in /dev/shm\n");
    expect(await other("ls /dev/shm")).toBe("");
    expect(await a("stat -f -c %T /dev/shm")).toBe("tmpfs\n");
    expect(existsSync("/dev/shm/x")).toBe(false);
    await tspod.ok(["rm", "-f", "one", "other"]);
  });

  it("is the host's with hostIPC", async () => {
    const id = /(\d+)\s*$/.exec(host("ipcmk", "-M", "4096"))?.[1] as string;
    try {
      await tspod.ok(["run", "-d", tspod.manifest(two("host-ipc", { hostIPC: true }))]);
      expect((await inside("host-ipc", "a")(segments)).split("\n")).toContain(id);
      await tspod.ok(["rm", "-f", "host-ipc"]);
    } finally {
      host("ipcrm", "-m", id);
    }
  });

  it("and a shared process table: 1000 orphans are all reaped (S33)", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(two("reaped", { shareProcessNamespace: true }))]);
    const { infra, of } = await pidsOf(tspod, "reaped");
    const a = inside("reaped", "a");
    await a("/probe/probe orphans 1000");
    await eventually(async () => !(await a("ps -o stat,args")).includes("Z"), { timeoutMs: 2000 });
    const children = readFileSync(`/proc/${infra}/task/${infra}/children`, "utf8");
    expect(children).toBe("");
    expect(isAlive(infra) && statField(infra, 3)).toBe("S");
    expect(isAlive(of("a"))).toBe(true);
    await tspod.ok(["rm", "-f", "reaped"]);
  });
});
