import { createServer, type IncomingHttpHeaders } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { afterAll, expect } from "vitest";
import type { Container } from "../../src/manifest/index.ts";
import { idle, pod, sh } from "../e2e/support/pods.ts";
import { eventually } from "../support/tspod.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet({ speed: 20 });
type Probe = NonNullable<Container["readinessProbe"]>;
const readiness = (probe: Probe): Partial<Container> => ({
  readinessProbe: { periodSeconds: 4, timeoutSeconds: 600, ...probe },
});

/** Answers by the path: the status code that it is, or a redirect to the code after `to`. */
const asked: { url: string; headers: IncomingHttpHeaders }[] = [];
const server = createServer((request, response) => {
  const url = request.url ?? "";
  asked.push({ url, headers: request.headers });
  const to = /^\/to\/(.*)$/.exec(url)?.[1];
  if (to) response.writeHead(302, { location: `/${to}` });
  else response.writeHead(Number(url.slice(1, 4)) || 200);
  response.end("body");
});
/** grpc.health.v1: SERVING (1) for the service `up`, NOT_SERVING (2) for others. */
const health = createHttp2();
health.on("stream", (stream) => {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("end", () => {
    const status = Buffer.concat(chunks).subarray(5).toString("latin1").includes("up") ? 1 : 2;
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(Buffer.from([0, 0, 0, 0, 2, 8, status]));
  });
});
const listening = (one: { listen(port: number, done: () => void): unknown; address(): unknown }) =>
  new Promise<number>((resolve) => {
    one.listen(0, () => resolve((one.address() as AddressInfo).port));
  });
const [port, grpc] = [await listening(server), await listening(health)];
afterAll(() => {
  server.close();
  (health as unknown as Server).close();
});

// On the node's network the pod's address is the node's: what listens is this test.
const http = (path: string, more: object = {}) => readiness({ httpGet: { path, port, ...more } } as Probe);
const hosts = node.running(
  pod(
    "hosts",
    [
      idle(
        "ok",
        http("/200", {
          httpHeaders: [
            { name: "X-Probe", value: "mine" },
            { name: "Host", value: "own.example" },
          ],
        }),
      ),
      idle("no-content", http("/399")),
      idle("missing", http("/404")),
      idle("broken", http("/500")),
      idle("redirected", http("/to/204")),
      idle("lost", http("/to/503")),
      idle("at-host", http("/200?at-host", { host: "127.0.0.1" })),
      idle("serving", readiness({ grpc: { port: grpc, service: "up" } } as Probe)),
      idle("not-serving", readiness({ grpc: { port: grpc, service: "down" } } as Probe)),
    ],
    { hostNetwork: true, restartPolicy: "Always" },
  ),
);
const www = "mkdir /www; echo ok > /www/index.html";
const own = node.running(
  pod(
    "own",
    [
      sh("web", `${www}; trap exit TERM; httpd -f -p 8080 -h /www & wait`, {
        ports: [{ name: "http", containerPort: 8080 }],
        ...readiness({ httpGet: { port: "http" } } as Probe),
      }),
      idle("tcp", readiness({ tcpSocket: { port: 8080 } } as Probe)),
      idle("closed", readiness({ tcpSocket: { port: 8081 } } as Probe)),
      idle("local", readiness({ tcpSocket: { port: 9090 } } as Probe)),
      sh("listener", "trap exit TERM; httpd -f -p 127.0.0.1:9090 -h /etc & wait"),
    ],
    { restartPolicy: "Always" },
  ),
);
const ready = async (play: typeof hosts, container: string) =>
  await (await play()).untilContainer(container, (status) => status.ready);
/** Has been probed, and is not ready. */
const unready = async (play: typeof hosts, container: string, why: RegExp) => {
  const pod = await play();
  await eventually(async () => (await pod.events()).some((line) => why.test(line)));
  expect(await pod.status(container)).toMatchObject({ ready: false, state: { running: {} } });
};

behaviour("probe-20", "an HTTP probe succeeds with any status from 200 to 399", from.probes, async () => {
  await ready(hosts, "ok");
  await ready(hosts, "no-content");
});

behaviour("probe-21", "any other status is a failure, which the event tells", from.probes, async () => {
  await unready(
    hosts,
    "missing",
    /^Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 404$/,
  );
  await unready(
    hosts,
    "broken",
    /^Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 500$/,
  );
});

behaviour("probe-22", "redirects on the same host are followed", from.probeTask, async () => {
  await ready(hosts, "redirected");
  await unready(hosts, "lost", /^Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 503$/);
});

behaviour(
  "probe-23",
  "an HTTP probe has the headers it is given, and kube-probe as its agent",
  from.probeTask,
  async () => {
    await ready(hosts, "ok");
    const request = asked.find(({ url }) => url === "/200");
    expect(request?.headers).toMatchObject({
      "x-probe": "mine",
      host: "own.example",
      "user-agent": expect.stringMatching(/^kube-probe\//),
      accept: "*/*",
    });
  },
);

behaviour("probe-24", "it goes to the pod's address unless host names another", from.probeTask, async () => {
  await ready(hosts, "at-host");
  const { hostIP } = (await (await hosts()).get()).status;
  const of = (path: string) => asked.find(({ url }) => url === path)?.headers.host;
  expect(of("/200?at-host")).toBe(`127.0.0.1:${port}`);
  expect(of("/404")).toBe(`${hostIP}:${port}`);
});

behaviour(
  "probe-25",
  "a gRPC probe asks for a service's health and succeeds when it is serving",
  from.probes,
  async () => {
    await ready(hosts, "serving");
    await unready(
      hosts,
      "not-serving",
      /^Unhealthy Readiness probe failed: service unhealthy \(responded with "NOT_SERVING"\)$/,
    );
  },
);

behaviour("probe-26", "a port may be given by its name", from.probeTask, async () => {
  await ready(own, "web");
});

behaviour("probe-27", "a TCP probe succeeds when the port can be connected to", from.probes, async () => {
  await ready(own, "tcp");
  await unready(
    own,
    "closed",
    /^Unhealthy Readiness probe failed: dial tcp \S+:8081: connect: connection refused$/,
  );
});

behaviour(
  "probe-28",
  "probes come from outside the container: what listens on localhost is not there for them",
  from.probeTask,
  async () => {
    await unready(
      own,
      "local",
      /^Unhealthy Readiness probe failed: dial tcp \S+:9090: connect: connection refused$/,
    );
    const connect = async () =>
      (await own()).look("local", "nc -w 10 127.0.0.1 9090 < /dev/null && echo open");
    expect(await eventually(connect)).toBe("open\n");
  },
);
