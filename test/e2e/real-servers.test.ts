import { beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/ports.ts";
import { buildTimeoutMs, realImages } from "../support/real-images.ts";
import { eventually, httpGet } from "../support/tspod.ts";
import { host, pidsOf, statusLine } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const slow = { timeoutMs: 300_000 };
let images: Record<"node" | "postgres" | "sample" | "tomcat", string>;
beforeAll(async () => {
  images = await realImages("node", "postgres", "sample", "tomcat");
}, buildTimeoutMs);

const terminated = async (name: string) =>
  (await tspod.inspect(name)).status.containerStatuses[0].state.terminated;

describe("postgres from the distribution", () => {
  it("makes its database on an emptyDir of its fsGroup, answers a query, and stops clean", async () => {
    const manifest = `
apiVersion: v1
kind: Pod
metadata:
  name: database
spec:
  securityContext: {runAsUser: 999, runAsGroup: 999, runAsNonRoot: true, fsGroup: 999}
  containers:
  - name: postgres
    image: ${images.postgres}
    env:
    - {name: POSTGRES_USER, value: app}
    - {name: POSTGRES_PASSWORD, value: "s3cret 'word'"}
    - {name: POSTGRES_DB, value: shop}
    - {name: PGDATA, value: /var/lib/postgresql/data/pgdata}
    volumeMounts:
    - {name: data, mountPath: /var/lib/postgresql/data}
  volumes:
  - {name: data, emptyDir: {}}
`;
    await tspod.ok(["run", "-d", tspod.manifest(manifest)], slow);
    const { status } = await tspod.inspect("database");
    const psql = (query: string) => {
      const command = `PGPASSWORD="$POSTGRES_PASSWORD" exec psql -h ${status.podIP} -U app -d shop -Atc "$1"`;
      return tspod.ok(["exec", "database", "--", "sh", "-c", command, "psql", query]);
    };
    const query =
      "create table t (n int); insert into t select generate_series(1, 100); select sum(n) from t";
    expect(await eventually(() => psql(query))).toContain("5050\n");
    expect(statusLine((await pidsOf(tspod, "database")).of("postgres"), "Uid")).toBe("999\t999\t999\t999");
    const folders = ["stat", "-c", "%A %u %g", "/var/lib/postgresql/data", "/var/lib/postgresql/data/pgdata"];
    // The kubelet gives the volume to the group, set-group-id; initdb keeps its own folder to itself.
    expect(await tspod.ok(["exec", "database", "--", ...folders])).toBe(
      "drwxrwsrwx 0 999\ndrwx------ 999 999\n",
    );
    const wrong = `PGPASSWORD=wrong psql -h ${status.podIP} -U app -d shop -c 'select 1'`;
    const refused = await tspod.run(["exec", "database", "--", "sh", "-c", wrong]);
    expect(refused.stderr).toContain('password authentication failed for user "app"');

    await tspod.ok(["stop", "database"], slow);
    const logs = await tspod.ok(["logs", "database"]);
    // SIGINT, as the image asks: with SIGTERM it would wait for its clients to leave.
    expect(logs).toContain("received fast shutdown request");
    expect(logs).toMatch(/database system is shut down\n$/);
    expect(await terminated("database")).toMatchObject({ exitCode: 0 });
    await tspod.ok(["rm", "database"], slow);
  });

  it("becomes its own user when it is started as root, and wants a password", async () => {
    const manifest = (name: string, env: object[]) =>
      tspod.manifest({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name },
        spec: { restartPolicy: "Never", containers: [{ name: "postgres", image: images.postgres, env }] },
      });
    expect((await tspod.run(["run", "-d", "--wait=complete", manifest("bare", [])], slow)).code).toBe(1);
    expect(await tspod.ok(["logs", "bare"])).toContain("set POSTGRES_PASSWORD");
    await tspod.ok(["rm", "bare"]);

    const trust = [{ name: "POSTGRES_HOST_AUTH_METHOD", value: "trust" }];
    await tspod.ok(["run", "-d", manifest("open", trust)], slow);
    const query = ["psql", "-h", "127.0.0.1", "-U", "postgres", "-Atc", "select current_user"];
    const answer = () => tspod.ok(["exec", "open", "--", ...query]);
    expect(await eventually(answer)).toBe("postgres\n");
    expect(statusLine((await pidsOf(tspod, "open")).of("postgres"), "Uid")).toBe("999\t999\t999\t999");
    await tspod.ok(["rm", "open"], slow);
  });
});

describe("node from the distribution", () => {
  it("runs a server from a ConfigMap as a user of its own, which ends on SIGTERM", async () => {
    const manifest = `
apiVersion: v1
kind: ConfigMap
metadata:
  name: app
data:
  server.js: |
    const server = require("node:http").createServer((request, response) =>
      response.end(\`\${process.getuid()} \${process.cwd()} \${require("node:os").hostname()}\`));
    server.listen(8080);
    process.once("SIGTERM", () => server.close(() => console.log("bye")));
---
apiVersion: v1
kind: Pod
metadata:
  name: node-server
spec:
  containers:
  - name: node
    image: ${images.node}
    args: [server.js]
    workingDir: /app
    securityContext: {runAsUser: 1000, runAsGroup: 1000, allowPrivilegeEscalation: false}
    volumeMounts:
    - {name: app, mountPath: /app}
  volumes:
  - name: app
    configMap: {name: app}
`;
    await tspod.ok(["run", "-d", tspod.manifest(manifest)], slow);
    const { status } = await tspod.inspect("node-server");
    const answer = await eventually(() => httpGet(`http://${status.podIP}:8080/`));
    expect(answer.body).toBe("1000 /app node-server");
    await tspod.ok(["stop", "node-server"], slow);
    expect(await tspod.ok(["logs", "node-server"])).toBe("bye\n");
    expect(await terminated("node-server")).toMatchObject({ exitCode: 0 });
    await tspod.ok(["rm", "node-server"]);
  });
});

describe("tomcat from the distribution", () => {
  it("runs the application that an init container brought (S16: javaweb-2)", async () => {
    const port = await freePort(8001);
    const manifest = `
apiVersion: v1
kind: Pod
metadata:
  name: javaweb-2
spec:
  initContainers:
  - image: ${images.sample}
    name: war
    command: ["cp", "/sample.war", "/app"]
    volumeMounts:
    - mountPath: /app
      name: app-volume
  containers:
  - image: ${images.tomcat}
    name: tomcat
    command: ["sh", "-c", "/root/apache-tomcat-7.0.42-v2/bin/start.sh"]
    volumeMounts:
    - mountPath: /root/apache-tomcat-7.0.42-v2/webapps
      name: app-volume
    ports:
    - containerPort: 8080
      hostPort: ${port}
  volumes:
  - name: app-volume
    emptyDir: {}
`;
    const watch = tspod.start(["ps", "-w"]);
    await tspod.ok(["run", "-d", tspod.manifest(manifest)], slow);
    await watch.printed(/^javaweb-2 +1\/1 +Running /m);
    watch.kill("SIGTERM");
    await watch.outcome();
    const sequence: string[] = watch.stdout.match(/(?<=^javaweb-2 +\d\/1 +)\S+/gm) ?? [];
    // What lasts for a moment only is missed by a watch that is kept waiting.
    expect(sequence.filter((status, index) => status !== sequence[index - 1])).toEqual(
      ["Pending", "Init:0/1", "PodInitializing", "Running"].filter((status) => sequence.includes(status)),
    );
    const { status } = await tspod.inspect("javaweb-2");
    const war = status.initContainerStatuses[0].state.terminated;
    expect(war).toMatchObject({ exitCode: 0, reason: "Completed" });
    const started = status.containerStatuses[0].state.running.startedAt;
    expect(Date.parse(war.finishedAt)).toBeLessThanOrEqual(Date.parse(started));

    const page = async () => {
      const answer = await httpGet(`http://${status.hostIP}:${port}/sample/`, 60_000);
      return answer.status === 200 && answer.body;
    };
    // A page that Java compiles when it is asked for.
    expect(await eventually(page)).toMatch(
      /<h1>Hello, World<\/h1>\s+<p>Served by Apache Tomcat\/10\.\S+ \(Debian\) in pod javaweb-2\.<\/p>/,
    );
    for (const address of [status.hostIP, "127.0.0.1"])
      expect(host("curl", "-sI", `http://${address}:${port}/sample/`), address).toMatch(/^HTTP\/1\.1 200/);
    const inTomcat = (...command: string[]) =>
      tspod.ok(["exec", "-c", "tomcat", "javaweb-2", "--", ...command]);
    expect(await inTomcat("ls", "webapps")).toBe("sample\nsample.war\n");
    const described = await tspod.ok(["describe", "javaweb-2"]);
    expect(described).toMatch(
      /war:\n(?: .*\n)*? {4}State: +Terminated\n +Reason: +Completed\n +Exit Code: +0\n/,
    );
    expect(await tspod.ok(["logs", "-c", "war", "javaweb-2"])).toBe("");
    // The shell in front of Tomcat is PID 1 and hands no signal on: asked politely, it would take the whole grace period.
    await tspod.ok(["rm", "-f", "javaweb-2"], slow);
  });
});
