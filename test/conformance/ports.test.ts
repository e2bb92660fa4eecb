import { createServer } from "node:net";
import { expect } from "vitest";
import { pod, sh, web } from "../e2e/support/pods.ts";
import { eventually, httpGet } from "../support/tspod.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet();
/** Ports that are free now, and of which a pod's test is the only user. */
const free = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
const [open, local, own] = [await free(), await free(), await free()];
const served = node.running(
  pod("served", [
    web("a", 8080, "published", {
      ports: [
        { name: "http", containerPort: 8080, hostPort: open },
        { containerPort: 8080, hostPort: local, hostIP: "127.0.0.1", protocol: "TCP" },
      ],
    } as never),
  ]),
);

behaviour("port-01", "hostPort makes a container's port one of the node's", from.containerSpec, async () => {
  const { hostIP } = (await (await served()).get()).status;
  expect((await eventually(() => httpGet(`http://127.0.0.1:${open}/`))).body).toBe("published\n");
  expect((await eventually(() => httpGet(`http://${hostIP}:${open}/`))).body).toBe("published\n");
});

behaviour("port-02", "hostIP opens it at that address only", from.containerSpec, async () => {
  const { hostIP } = (await (await served()).get()).status;
  expect((await eventually(() => httpGet(`http://127.0.0.1:${local}/`))).body).toBe("published\n");
  await expect(httpGet(`http://${hostIP}:${local}/`)).rejects.toThrow();
});

behaviour("port-03", "a hostPort that is taken keeps the pod from running", from.containerSpec, async () => {
  await served();
  const second = pod("second", [web("a", 8080, "x", { ports: [{ containerPort: 8080, hostPort: open }] })]);
  expect(await node.refused(second)).toContain(String(open));
});

behaviour("port-04", "a pod may listen on ports that it does not declare", from.containerSpec, async () => {
  const ran = await node.ended(
    pod("quiet", [
      sh("a", `nc -l -p ${own} -w 2 > /x & sleep 0.3; echo hi | nc -w 1 127.0.0.1 ${own}; wait; cat /x`),
    ]),
  )();
  expect(ran.printed("a")).toBe("hi\n");
});

behaviour(
  "port-05",
  "under hostNetwork hostPort, where given, equals containerPort",
  from.containerSpec,
  async () => {
    const ports = [{ containerPort: 8080, hostPort: 8081 }];
    const manifest = pod("differs", [sh("a", "true", { ports })], { hostNetwork: true });
    expect(await node.refused(manifest)).toContain("must match `containerPort`");
  },
);

behaviour("port-06", "names of ports are unique in a container", from.containerSpec, async () => {
  const ports = [
    { name: "http", containerPort: 80 },
    { name: "http", containerPort: 81 },
  ];
  expect(await node.refused(pod("twice", [sh("a", "true", { ports })]))).toMatch(/Duplicate value: "http"/i);
});
