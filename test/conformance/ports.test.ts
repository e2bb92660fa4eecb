import { expect } from "vitest";
import { pod, sh, web } from "../e2e/support/pods.ts";
import { freePort } from "../support/ports.ts";
import { eventually, httpGet } from "../support/tspod.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet();
const [open, local, own] = [await freePort(), await freePort(), await freePort()];
/** What is said is at hand before nc looks whether the listener, who has nothing to say, has hung up. */
const nc = `echo hi > /hi; nc -l -p ${own} > /x & until nc 127.0.0.1 ${own} < /hi; do sleep 0.1; done; wait; cat /x`;
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
  const ran = await node.ended(pod("quiet", [sh("a", nc)]))();
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
