import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Container, PodSpec } from "../../src/manifest/index.ts";
import { freePort } from "../support/ports.ts";
import { eventually, httpGet } from "../support/tspod.ts";
import { idle, pod, sh, web } from "./support/pods.ts";
import { host, isAlive, namespaceOf, pidsOf, statusLine } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const mapped = (name: string, containers: Container[], spec: Partial<PodSpec> = {}) =>
  pod(name, containers, { hostUsers: false, ...spec });
const inside = async (name: string, script: string) =>
  await tspod.ok(["exec", name, "--", "sh", "-c", script]);

/** First id of the pod on the host. */
function firstId(pid: number): number {
  const [inner, outer, size] = readFileSync(`/proc/${pid}/uid_map`, "utf8").trim().split(/\s+/).map(Number);
  expect([inner, size]).toEqual([0, 65536]);
  expect(readFileSync(`/proc/${pid}/gid_map`, "utf8")).toBe(readFileSync(`/proc/${pid}/uid_map`, "utf8"));
  return outer as number;
}

/** A folder of the host that belongs to root. */
function hostFolder(name: string): string {
  const path = join(tspod.dir, "host", name);
  mkdirSync(path, { recursive: true });
  return path;
}

describe("a pod with hostUsers: false", () => {
  it("has a user namespace that owns its others, with ids that no other pod has", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(mapped("one", [idle("a"), idle("b")]))]);
    await tspod.ok(["run", "-d", tspod.manifest(mapped("two", [idle("a")]))]);
    const one = await pidsOf(tspod, "one");
    const two = await pidsOf(tspod, "two");
    const first = firstId(one.infra);
    expect(first % 65536).toBe(0);
    expect(firstId(one.of("a"))).toBe(first);
    expect(firstId(one.of("b"))).toBe(first);
    expect(firstId(two.infra)).not.toBe(first);
    for (const pid of [one.infra, one.of("a")]) {
      expect(statusLine(pid, "Uid")).toBe(Array(4).fill(first).join("\t"));
      expect(statusLine(pid, "Gid")).toBe(Array(4).fill(first).join("\t"));
    }
    // Not even of root's: the kernel would count them as the owner's group.
    expect(statusLine(one.infra, "Groups")).toBe("");
    expect(statusLine(one.of("a"), "Groups")).toBe(String(first));
    expect(namespaceOf(one.of("a"), "user")).toBe(namespaceOf(one.infra, "user"));
    expect(namespaceOf(one.infra, "user")).not.toBe(namespaceOf("self", "user"));
    for (const kind of ["mnt", "net", "ipc", "uts", "pid", "cgroup"]) {
      expect(ownerOf(one.of("a"), kind), kind).toBe(namespaceOf(one.infra, "user"));
    }
    // The monitor has stayed outside.
    const monitor = Number(statusLine(one.of("a"), "PPid"));
    expect(namespaceOf(monitor, "user")).toBe(namespaceOf("self", "user"));
    expect(namespaceOf(monitor, "mnt")).toBe(namespaceOf("self", "mnt"));
    const record = join(tspod.dir, "run/tspod/ids");
    expect(readFileSync(join(record, String(first)), "utf8")).toBe((await tspod.inspect("one")).metadata.uid);
    expect(await tspod.ok(["ns", "one"])).toContain(
      `0 to 65535 inside are ${first} to ${first + 65535} here`,
    );
    await tspod.ok(["rm", "-f", "one", "two"]);
    expect(existsSync(record)).toBe(false);
  });

  it("is root inside, in run and in exec, and nobody outside", async () => {
    const script = "id -u; id -g; id -G; cat /proc/self/uid_map; exec sleep 600";
    await tspod.ok(["run", "-d", tspod.manifest(mapped("ids", [sh("a", script)]))]);
    const { of } = await pidsOf(tspod, "ids");
    const first = firstId(of("a"));
    const map = `0 ${first} 65536`;
    const told = async () => (await tspod.ok(["logs", "ids"])).trim().split("\n");
    await eventually(async () => ((await told()).length === 4 ? true : undefined));
    expect((await told()).map((line) => line.trim().replace(/\s+/g, " "))).toEqual(["0", "0", "0", map]);
    const exec = (await inside("ids", "id -u; cat /proc/self/uid_map")).trim().split("\n");
    expect(exec.map((line) => line.trim().replace(/\s+/g, " "))).toEqual(["0", map]);
    const other = await tspod.ok([
      "exec",
      "-u",
      "1000:1001",
      "ids",
      "--",
      "sh",
      "-c",
      "id -u; id -g; echo > /dev/stderr",
    ]);
    expect(other).toBe("1000\n1001\n");
    // What exec starts is in the limits and in the cgroups of the container, too.
    expect(await inside("ids", "cat /proc/self/oom_score_adj")).toBe(
      await inside("ids", "cat /proc/1/oom_score_adj"),
    );
    expect(await inside("ids", "ulimit -n; ulimit -c")).toBe(
      `${/^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${of("a")}/limits`, "utf8"))?.[1]}\n0\n`,
    );
    const terminal = await tspod.ok(["exec", "ids", "--", "ls", "-ln", "/dev/null", "/dev/pts/ptmx"]);
    expect(terminal).toMatch(/crw-rw-rw-.*1, +3/);
    await tspod.ok(["rm", "-f", "ids"]);
  });

  it("sees its root filesystem as its own, writes to it, and leaves plain ids on disk", async () => {
    const script = "touch /new /etc/passwd /dev/x; chown 1000:1001 /new; mkdir -p /a/b; ls -ln / /etc";
    await tspod.ok(["run", "-d", tspod.manifest(mapped("root", [sh("a", `${script}; exec sleep 600`)]))]);
    const listing = await eventually(async () => {
      const text = await tspod.ok(["logs", "root"]);
      return /passwd/.test(text) ? text : undefined;
    });
    expect(listing).toMatch(/ 1000 +1001 .* new\n/);
    expect(listing).toMatch(/^drwxr-xr-x +\d+ 0 +0 .* bin$/m);
    const uid = (await tspod.inspect("root")).metadata.uid;
    const upper = join(tspod.dir, "var/lib/tspod/pods", uid, "containers/a/0/upper");
    expect(owner(join(upper, "new"))).toBe("1000:1001");
    expect(owner(join(upper, "a/b"))).toBe("0:0");
    expect(owner(join(upper, "etc/passwd"))).toBe("0:0");
    // What is copied there and back has the owners of whoever does it on either side.
    const file = join(tspod.dir, "copied");
    writeFileSync(file, "there and back\n");
    await tspod.ok(["cp", file, "root:/copied"]);
    expect(await inside("root", "ls -ln /copied | awk '{print $3, $4}'; cat /copied")).toBe(
      "0 0\nthere and back\n",
    );
    await tspod.ok(["cp", "root:/copied", `${file}.back`]);
    expect(readFileSync(`${file}.back`, "utf8")).toBe("there and back\n");
    expect(owner(`${file}.back`)).toBe("0:0");
    await tspod.ok(["rm", "-f", "root"]);
  });

  it("has volumes of every kind with the owners that a pod without has", async () => {
    const path = hostFolder("data");
    writeFileSync(join(path, "mine"), "of root\n", { mode: 0o600 });
    const objects = [
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "map" }, data: { key: "of the map" } },
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "secret" },
        stringData: { key: "of the secret" },
      },
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "claim" },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
      },
    ];
    const volumes = [
      { name: "disk", emptyDir: {} },
      { name: "memory", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
      { name: "host", hostPath: { path } },
      { name: "map", configMap: { name: "map" } },
      { name: "secret", secret: { secretName: "secret", defaultMode: 0o400 } },
      { name: "claim", persistentVolumeClaim: { claimName: "claim" } },
      { name: "image", image: { reference: "busybox" } },
    ];
    const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/v/${name}` }));
    const sub = { name: "disk", mountPath: "/v/sub", subPath: "x/y" };
    const container = idle("a", { volumeMounts: [...volumeMounts, sub] });
    for (const hostUsers of [false, true]) {
      const name = hostUsers ? "with" : "without";
      const manifest = pod(name, [container], { hostUsers, volumes, securityContext: { fsGroup: 3000 } });
      await tspod.ok([
        "run",
        "-d",
        tspod.manifest(manifest),
        ...objects.map((object) => tspod.manifest(object)),
      ]);
    }
    const look = `cd /v && ls -lnd * */.. map/..data/key secret/..data/key host/mine image/bin/busybox | awk '{print $1, $3, $4, $NF}' | grep -v mine
      for f in disk memory claim sub; do touch $f/made; ls -ln $f/made | awk '{print $3, $4, $NF}'; rm $f/made; done
      cat map/key secret/key host/mine; id -G`;
    expect(await inside("without", look)).toBe(await inside("with", look));
    // What it writes is the host's root's on disk, as with any pod: the mount is what differs.
    await inside("without", "echo x > /v/host/new; chown 7:8 /v/host/new");
    expect(owner(join(path, "new"))).toBe("7:8");
    await tspod.ok(["rm", "-f", "with", "without"]);
    await tspod.ok(["delete", "pvc", "claim"]);
  });

  it("is reached over the network, has its hostname, sysctls and a shared process table", async () => {
    const port = await freePort();
    const server = web("web", 80, "hello", { ports: [{ containerPort: 80, hostPort: port }] });
    const manifest = mapped("net", [server, idle("other")], {
      shareProcessNamespace: true,
      hostname: "mapped",
      securityContext: {
        sysctls: [
          { name: "net.ipv4.tcp_keepalive_time", value: "77" },
          { name: "kernel.shm_rmid_forced", value: "1" },
        ],
      },
    });
    await tspod.ok(["run", "-d", tspod.manifest(manifest)]);
    const { status } = await tspod.inspect("net");
    expect((await eventually(() => httpGet(`http://${status.podIP}/`))).body).toBe("hello\n");
    expect((await eventually(() => httpGet(`http://127.0.0.1:${port}/`))).body).toBe("hello\n");
    expect(
      await tspod.ok([
        "exec",
        "-c",
        "other",
        "net",
        "--",
        "sh",
        "-c",
        "hostname; wget -qO- 127.0.0.1; cat /proc/1/comm",
      ]),
    ).toBe("mapped\nhello\npause\n");
    expect(
      await tspod.ok([
        "exec",
        "-c",
        "other",
        "net",
        "--",
        "cat",
        "/proc/sys/net/ipv4/tcp_keepalive_time",
        "/proc/sys/kernel/shm_rmid_forced",
        "/proc/sys/net/ipv4/ping_group_range",
      ]),
    ).toBe("77\n1\n0\t65535\n");
    const { infra } = await pidsOf(tspod, "net");
    await tspod.ok(["stop", "net"]);
    expect(isAlive(infra)).toBe(false);
    await tspod.ok(["rm", "net"]);
  });

  it("gets a terminal, keeps its logs and its exit code, and starts again", async () => {
    const once = mapped("once", [sh("a", "test -t 0 && tty; stty size; exit 3", { tty: true })]);
    const { code, stdout } = await tspod.run(["run", tspod.manifest(once)]);
    expect(stdout).toMatch(/\/dev\/pts\/0\r\n(a \| )?24 80\r\n/);
    expect(code).toBe(3);
    const count =
      "echo run >> /v/runs; wc -l < /v/runs; test $(wc -l < /v/runs) -ge 2 && exec sleep 600; exit 1";
    const manifest = mapped("again", [sh("a", count, { volumeMounts: [{ name: "v", mountPath: "/v" }] })], {
      restartPolicy: "Always",
      volumes: [{ name: "v", emptyDir: {} }],
    });
    await tspod.ok(["run", "-d", tspod.manifest(manifest)], { env: { TSPOD_SPEED: "100" } });
    await eventually(async () => {
      const { status } = await tspod.inspect("again");
      return status.containerStatuses[0].restartCount === 1 && status.containerStatuses[0].state.running
        ? true
        : undefined;
    });
    await tspod.ok(["rm", "-f", "again"]);
  });

  it("may have init containers and users of its own, up to id 65535", async () => {
    const manifest = mapped(
      "users",
      [
        sh("a", "id -u; id -g; ls -ln /v/made | awk '{print $3, $4}'; exec sleep 600", {
          securityContext: { runAsUser: 65535, runAsGroup: 1000 },
          volumeMounts: [{ name: "v", mountPath: "/v" }],
        }),
      ],
      {
        initContainers: [sh("i", "touch /v/made", { volumeMounts: [{ name: "v", mountPath: "/v" }] })],
        volumes: [{ name: "v", emptyDir: {} }],
      },
    );
    await tspod.ok(["run", "-d", tspod.manifest(manifest)]);
    const { of } = await pidsOf(tspod, "users");
    const first = firstId(of("a"));
    expect(statusLine(of("a"), "Uid").split("\t")[0]).toBe(String(first + 65535));
    await eventually(async () =>
      (await tspod.ok(["logs", "users"])) === "65535\n1000\n0 0\n" ? true : undefined,
    );
    await tspod.ok(["rm", "-f", "users"]);
  });
});

function owner(path: string): string {
  const { uid, gid } = statSync(path);
  return `${uid}:${gid}`;
}

/** The user namespace that a namespace belongs to (ioctl_ns(2), NS_GET_USERNS). */
function ownerOf(pid: number, kind: string): string {
  const script = `import fcntl,os,sys; print("user:[%d]" % os.fstat(fcntl.ioctl(os.open("/proc/${pid}/ns/${kind}", os.O_RDONLY), 0xb701)).st_ino)`;
  return host("python3", "-c", script).trim();
}
