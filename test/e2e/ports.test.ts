import { createSocket } from "node:dgram";
import { createServer, type Server } from "node:net";
import { describe, expect, it } from "vitest";
import { freePort } from "../support/ports.ts";
import { eventually, httpGet } from "../support/tspod.ts";
import { idle, pod, sh, web } from "./support/pods.ts";
import { buildProbe } from "./support/probe.ts";
import { host, pidsOf } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const publish = (containerPort: number, hostPort: number, more = {}) => ({
  ports: [{ containerPort, hostPort, ...more }],
});

/** Sends one datagram and resolves with the answer. */
async function datagram(address: string, port: number, text: string): Promise<string> {
  const socket = createSocket("udp4");
  try {
    return await new Promise((resolve, reject) => {
      socket.on("message", (answer) => resolve(answer.toString())).on("error", reject);
      socket.send(text, port, address);
      setTimeout(() => reject(new Error("no answer")), 300);
    });
  } finally {
    socket.close();
  }
}

describe("hostPort", () => {
  it("stands at the holder and answers from every side (S37, S3)", async () => {
    const port = await freePort();
    const server = pod("server", [web("web", 80, "published", publish(80, port)), idle("other")]);
    await tspod.ok(["run", "-d", tspod.manifest(server), tspod.manifest(pod("client", [idle("c")]))]);
    const { status } = await tspod.inspect("server");

    const from = (...command: string[]) => tspod.ok(["exec", "client", "--", ...command]);
    for (const address of ["127.0.0.1", status.hostIP]) {
      const answer = await eventually(() => httpGet(`http://${address}:${port}/`));
      expect(answer.body, address).toBe("published\n");
    }
    expect((await httpGet(`http://${status.podIP}:80/`)).body).toBe("published\n");
    expect(await from("wget", "-qO-", `http://${status.hostIP}:${port}/`)).toBe("published\n");
    expect(await from("wget", "-qO-", `http://${status.podIP}/`)).toBe("published\n");
    // The pod reaches itself by the host's address.
    expect(
      await tspod.ok([
        "exec",
        "-c",
        "other",
        "server",
        "--",
        "wget",
        "-qO-",
        `http://${status.hostIP}:${port}/`,
      ]),
    ).toBe("published\n");

    const rows = (await tspod.ok(["ps", "--infra", "server"])).trimEnd().split("\n");
    const published = rows.filter((row) => row.includes(`0.0.0.0:${port}->80/tcp`));
    expect(published).toHaveLength(1);
    expect(published[0]).toMatch(/^server +<infra> /);
    expect(await tspod.ok(["ps", "-o", "wide", "server"])).toContain(`0.0.0.0:${port}->80/tcp`);

    await tspod.ok(["rm", "-f", "server", "client"]);
    await expect(httpGet(`http://127.0.0.1:${port}/`)).rejects.toThrow("ECONNREFUSED");
  });

  it("of one address answers there only; UDP goes its own way", async () => {
    const port = await freePort();
    const probe = buildProbe(tspod);
    const containers = [
      web("web", 80, "local", publish(80, port, { hostIP: "127.0.0.1" })),
      sh("udp", "exec /probe/probe udp-echo 53", {
        ...publish(53, port, { protocol: "UDP" }),
        volumeMounts: [probe.mount],
      }),
    ];
    await tspod.ok(["run", "-d", tspod.manifest(pod("local", containers, { volumes: [probe.volume] }))]);
    const { status } = await tspod.inspect("local");
    expect((await eventually(() => httpGet(`http://127.0.0.1:${port}/`))).body).toBe("local\n");
    await expect(httpGet(`http://${status.hostIP}:${port}/`)).rejects.toThrow("ECONNREFUSED");
    for (const address of ["127.0.0.1", status.hostIP]) {
      expect(await eventually(() => datagram(address, port, "ping")), address).toBe("ping");
    }
    await tspod.ok(["rm", "-f", "local"]);
  });

  it("that another pod has is refused before anything is made (S35)", async () => {
    const port = await freePort();
    await tspod.ok(["run", "-d", tspod.manifest(pod("first", [web("web", 80, "first", publish(80, port))]))]);
    const file = tspod.manifest(pod("second", [web("web", 80, "second", publish(80, port))]));
    const refused = await tspod.run(["run", "-d", file]);
    expect(refused).toMatchObject({ code: 5, stdout: "" });
    expect(refused.stderr).toContain(
      `hostPort ${port}/tcp of pod second is already in use by pod default/first`,
    );
    expect(refused.stderr).toContain(`--> ${file}:1:`);
    expect(refused.stderr).toContain("spec.containers[0].ports[0].hostPort");
    expect(await tspod.ok(["ps", "-a", "-o", "name"])).toBe("pod/first\n");
    await tspod.ok(["rm", "-f", "first"]);
  });

  it("that a process has is refused, and it is named", async () => {
    const server: Server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    try {
      const refused = await tspod.run([
        "run",
        "-d",
        tspod.manifest(pod("late", [web("web", 80, "", publish(80, port))])),
      ]);
      expect(refused).toMatchObject({ code: 5, stdout: "" });
      expect(refused.stderr).toMatch(
        new RegExp(`hostPort ${port}/tcp of pod late is already in use by \\S+ \\(pid ${process.pid}\\)`),
      );
    } finally {
      server.close();
    }
  });
});

describe("ports inside a pod", () => {
  it("are one space: who comes second fails, and its log says why (S35)", async () => {
    const late = "until wget -qO /dev/null http://127.0.0.1/; do sleep 0.05; done; exec httpd -f -p 80";
    const manifest = pod("clash", [web("a", 80, "a"), sh("b", late)]);
    await tspod.ok(["run", "-d", tspod.manifest(manifest)]);
    await eventually(async () => /^clash +1\/2 +Error +0 /m.test(await tspod.ok(["ps", "clash"])));
    expect(await tspod.ok(["describe", "clash"])).toMatch(
      /^ {2}b:\n(?: {4}.*\n)*? {4}State: +Terminated\n +Reason: +Error\n +Exit Code: +1\n/m,
    );
    expect(await tspod.ok(["logs", "-c", "b", "clash"])).toContain("Address already in use");
    const { status } = await tspod.inspect("clash");
    const why = `port 80 is already bound in this Pod by container "a" (pid ${status.containerStatuses[0].pid})`;
    await eventually(async () => (await tspod.ok(["describe", "clash"])).includes(why));
    await tspod.ok(["rm", "-f", "clash"]);
  });

  it("are the host's with hostNetwork, where a bind is published as it is", async () => {
    const port = await freePort();
    const manifest = pod(
      "on-host",
      [web("web", port, "host network", { ports: [{ containerPort: port }] })],
      {
        hostNetwork: true,
      },
    );
    await tspod.ok(["run", "-d", tspod.manifest(manifest)]);
    const { of } = await pidsOf(tspod, "on-host");
    const { status } = await tspod.inspect("on-host");
    expect((await eventually(() => httpGet(`http://127.0.0.1:${port}/`))).body).toBe("host network\n");
    expect(status.podIP).toBe(status.hostIP);
    expect(host("nsenter", "-t", String(of("web")), "-n", "-u", "hostname")).toBe(host("hostname"));
    await tspod.ok(["rm", "-f", "on-host"]);
  });
});
