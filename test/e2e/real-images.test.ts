import { mkdirSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Container } from "../../src/manifest/index.ts";
import { freePort } from "../support/ports.ts";
import { buildTimeoutMs, realImages } from "../support/real-images.ts";
import { eventually, httpGet } from "../support/tspod.ts";
import { pod, web } from "./support/pods.ts";
import { pidsOf, statusLine } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const slow = { timeoutMs: 300_000 };
let images: Record<"debian" | "nginx" | "redis", string>;
beforeAll(async () => {
  images = await realImages("debian", "nginx", "redis");
}, buildTimeoutMs);

const container = (name: string, image: string, more: Partial<Container> = {}) =>
  ({ name, image, ...more }) as Container;
const terminated = async (name: string, of = 0) =>
  (await tspod.inspect(name)).status.containerStatuses[of].state.terminated;
const accessLine = (agent: string, size: number) =>
  new RegExp(
    `^127\\.0\\.0\\.1 - - \\[\\d+/\\w+/\\d+:\\d+:\\d+:\\d+ \\+0000\\] "GET / HTTP/1\\.1" 200 ${size} "-" "${agent}" "-"$`,
    "m",
  );

describe("nginx from the distribution", () => {
  it("serves, logs to its container's log, and finishes its work when it is asked to stop", async () => {
    const server = pod("server", [container("nginx", images.nginx)], { terminationGracePeriodSeconds: 30 });
    await tspod.ok(["run", "-d", tspod.manifest(server)], slow);
    const { of } = await pidsOf(tspod, "server");
    const { status } = await tspod.inspect("server");
    const page = await eventually(() => httpGet(`http://${status.podIP}/`));
    expect(page.status).toBe(200);
    expect(page.body).toContain("/usr/share/nginx/html");
    const here =
      "exec 3<>/dev/tcp/127.0.0.1/80; printf 'GET / HTTP/1.1\\r\\nHost: a\\r\\nUser-Agent: bash\\r\\n" +
      "Connection: close\\r\\n\\r\\n' >&3; cat <&3";
    expect(await tspod.ok(["exec", "server", "--", "bash", "-c", here])).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    await eventually(async () =>
      accessLine("bash", page.body.length).test(await tspod.ok(["logs", "server"])),
    );
    expect(statusLine(of("nginx"), "Uid")).toMatch(/^0\t/);

    await tspod.ok(["stop", "server"], slow);
    // SIGQUIT, as the image asks: with SIGTERM nginx would drop its connections.
    expect(await tspod.ok(["logs", "server"])).toMatch(/signal 3 \(SIGQUIT\) received.*, shutting down$/m);
    expect(await terminated("server")).toMatchObject({ exitCode: 0, reason: "Completed" });
    await tspod.ok(["rm", "server"]);
  });

  it("is debugged from a busybox beside it (S22: nginx-busybox-pod)", async () => {
    const html = join(tspod.dir, "html");
    mkdirSync(html);
    writeFileSync(join(html, "index.html"), "hello pod\n");
    const manifest = `
apiVersion: v1
kind: Pod
metadata:
  name: nginx-busybox-pod
spec:
  shareProcessNamespace: true
  terminationGracePeriodSeconds: 1
  containers:
  - name: nginx
    image: ${images.nginx}
    ports:
    - containerPort: 80
    volumeMounts:
    - {name: html, mountPath: /usr/share/nginx/html}
    - {name: log, mountPath: /var/log/nginx}
  - name: busybox
    image: busybox
    command: ["/bin/sh", "-c", "while true; do sleep 1h; done;"]
    volumeMounts:
    - {name: log, mountPath: /var/log/nginx}
  volumes:
  - {name: html, hostPath: {path: ${html}, type: Directory}}
  - {name: log, emptyDir: {}}
`;
    await tspod.ok(["run", "-d", tspod.manifest(manifest)], slow);
    const inBusybox = (...command: string[]) =>
      tspod.ok(["exec", "-c", "busybox", "nginx-busybox-pod", "--", ...command]);
    const rows = await eventually(async () => {
      const lines = (await inBusybox("ps")).trimEnd().split("\n");
      return [/worker process/, / sleep 1h$/].every((one) => lines.some((line) => one.test(line))) && lines;
    });
    // Debian's busybox is built without the column TIME.
    const [head, ...processes] = rows.map(
      (row) => /^ *(\S+) +(\S+) +(?:TIME +|\d+:\d\d +)?(.*)$/.exec(row)?.slice(1) ?? [row],
    );
    expect(head).toEqual(["PID", "USER", "COMMAND"]);
    expect(processes[0]).toEqual(["1", "root", "/pause"]);
    // Those of one container follow each other; which container's come first is not said.
    expect(
      processes
        .slice(1)
        .map(([, user, command]) => `${user} ${command}`)
        .sort(),
    ).toEqual([
      // The user 101 of nginx's image; busybox's /etc/passwd knows it too.
      "nginx nginx: worker process",
      "root /bin/sh -c while true; do sleep 1h; done;",
      "root nginx: master process nginx -g daemon off;",
      "root ps",
      "root sleep 1h",
    ]);
    expect(await inBusybox("wget", "-qO-", "localhost")).toBe("hello pod\n");
    // It writes that down when it has answered.
    await eventually(async () =>
      accessLine("Wget", 10).test(await inBusybox("tail", "-1", "/var/log/nginx/access.log")),
    );
    await tspod.ok(["rm", "-f", "nginx-busybox-pod"], slow);
  });

  it("stands before another container and is published on the sandbox (S3: ghost)", async () => {
    const port = await freePort(8888);
    const manifest = `
apiVersion: v1
kind: ConfigMap
metadata:
  name: nginx-config
data:
  nginx.conf: |
    error_log stderr;
    events {}
    http {
      access_log /dev/stdout combined;
      server {
        listen 80 default_server;
        location / {
          proxy_pass http://127.0.0.1:2368;
        }
      }
    }
---
apiVersion: v1
kind: Pod
metadata:
  name: ghost
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: nginx
    image: ${images.nginx}
    ports:
    - {containerPort: 80, hostPort: ${port}}
    volumeMounts:
    - {name: nginx-config, mountPath: /etc/nginx/, readOnly: true}
  - ${JSON.stringify(web("ghost", 2368, "<title>Ghost</title>"))}
  volumes:
  - name: nginx-config
    configMap: {name: nginx-config}
`;
    await tspod.ok(["run", "-d", tspod.manifest(manifest)], slow);
    const { status } = await tspod.inspect("ghost");
    for (const address of [`127.0.0.1:${port}`, `${status.hostIP}:${port}`, `${status.podIP}:80`]) {
      const answer = await eventually(async () => {
        const got = await httpGet(`http://${address}/`);
        return got.status === 200 && got;
      });
      expect(answer.body, address).toBe("<title>Ghost</title>\n");
    }
    for (const name of ["nginx", "ghost"]) {
      // 80 and 2368, listening, as proc_net(5) writes them.
      const table = await tspod.ok([
        "exec",
        "-c",
        name,
        "ghost",
        "--",
        "cat",
        "/proc/net/tcp",
        "/proc/net/tcp6",
      ]);
      expect(table.match(/:0050 0{8}:0000 0A/g), name).toHaveLength(1);
      expect(table.match(/:0940 0+:0000 0A/g), name).toHaveLength(1);
    }
    await tspod.ok(["rm", "-f", "ghost"], slow);
  });

  it("serves what a Debian writes into a folder they share (S11: two-containers)", async () => {
    const data = join(tspod.dir, "data");
    mkdirSync(data);
    const manifest = `
apiVersion: v1
kind: Pod
metadata:
  name: two-containers
spec:
  restartPolicy: Never
  volumes:
  - name: shared-data
    hostPath:
      path: ${data}
  containers:
  - name: nginx-container
    image: ${images.nginx}
    volumeMounts:
    - name: shared-data
      mountPath: /usr/share/nginx/html
  - name: debian-container
    image: ${images.debian}
    volumeMounts:
    - name: shared-data
      mountPath: /pod-data
    command: ["/bin/sh"]
    args: ["-c", "echo Hello from the debian container > /pod-data/index.html"]
`;
    await tspod.ok(["run", "-d", tspod.manifest(manifest)], slow);
    await eventually(async () =>
      /^two-containers +1\/2 +NotReady +0 /m.test(await tspod.ok(["ps", "two-containers"])),
    );
    const { status } = await tspod.inspect("two-containers");
    const answer = await eventually(() => httpGet(`http://${status.podIP}/`));
    expect(answer.body).toBe("Hello from the debian container\n");
    await tspod.ok(["rm", "-f", "two-containers"], slow);
  });
});

describe("debian from the distribution", () => {
  it("is a system with a shell, its tools, users and terminal descriptions", async () => {
    const look = [
      "set -e; . /etc/os-release; echo $ID",
      "ls -ld /bin /tmp /root /etc/shadow /usr/bin/su | cut -d' ' -f1,3,4",
      "echo 'a b' | awk '{print $2}' | sed s/b/c/ | tr c d",
      "getent passwd nobody | cut -d: -f3; id -un",
      "printf x | gzip | tar --version >/dev/null; infocmp -V 2>/dev/null || ls /usr/lib/terminfo/x/xterm",
      "find / -xdev -name '*.so*' -type l ! -exec test -e {} ';' -print",
    ].join("\n");
    const box = pod("box", [container("debian", images.debian, { command: ["sh", "-c", look] })]);
    expect((await tspod.run(["run", "-d", "--wait=complete", tspod.manifest(box)], slow)).code).toBe(0);
    expect((await tspod.ok(["logs", "box"])).trimEnd().split("\n")).toEqual([
      "debian",
      "lrwxrwxrwx root root",
      "-rw-r----- root shadow",
      "drwx------ root root",
      "drwxrwxrwt root root",
      "-rwsr-xr-x root root",
      "d",
      "65534",
      "root",
      "/usr/lib/terminfo/x/xterm",
    ]);
    await tspod.ok(["rm", "box"]);
  });
});

describe("redis from the distribution", () => {
  it("answers PING, SET and GET through the pod's address, as its own user, and saves when it stops", async () => {
    const more = { volumeMounts: [{ name: "data", mountPath: "/data" }], args: ["--save", "60 1"] };
    const data = join(tspod.dir, "redis");
    mkdirSync(data);
    const server = pod("store", [container("redis", images.redis, more)], {
      terminationGracePeriodSeconds: 30,
      volumes: [{ name: "data", hostPath: { path: data } }],
    });
    const file = tspod.manifest(server);
    await tspod.ok(["run", "-d", file], slow);
    const { status } = await tspod.inspect("store");
    const ask = (...commands: string[]) => eventually(() => redis(status.podIP, commands));
    expect(await ask("PING", "SET animal otter", "GET animal")).toBe("+PONG\r\n+OK\r\n$5\r\notter\r\n");
    expect(statusLine((await pidsOf(tspod, "store")).of("redis"), "Uid")).toBe("999\t999\t999\t999");
    await tspod.ok(["stop", "store"], slow);
    expect(await tspod.ok(["logs", "store"])).toContain("DB saved on disk");
    expect(await terminated("store")).toMatchObject({ exitCode: 0 });
    await tspod.ok(["rm", "store"]);

    await tspod.ok(["run", "-d", file], slow);
    const again = (await tspod.inspect("store")).status.podIP;
    expect(await eventually(() => redis(again, ["GET animal"]))).toBe("$5\r\notter\r\n");
    await tspod.ok(["rm", "-f", "store"], slow);
  });
});

/** Sends commands in redis's inline form and returns all answers. */
function redis(address: string, commands: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(6379, address, () => {
      socket.write([...commands, "QUIT"].map((command) => `${command}\r\n`).join(""));
    });
    let answer = "";
    socket.setEncoding("utf8").on("data", (text: string) => {
      answer += text;
    });
    socket.once("end", () => resolve(answer.replace(/\+OK\r\n$/, ""))).once("error", reject);
    socket.setTimeout(2000, () => socket.destroy(new Error("no answer")));
  });
}
