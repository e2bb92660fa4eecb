import { join } from "node:path";
import { expect } from "vitest";
import type { Pod } from "../../src/manifest/index.ts";
import { idle, pod } from "../e2e/support/pods.ts";
import { eventually } from "../support/tspod.ts";
import type { ApiObject } from "./support/api-object.ts";
import { behaviour } from "./support/behaviour.ts";
import { imageWith } from "./support/image.ts";
import { kubelet } from "./support/kubelet.ts";
import { PRINT_LIMITS } from "./support/limits.ts";
import { once } from "./support/once.ts";
import { from } from "./support/sources.ts";

const node = kubelet({ speed: 20 });
const PATH = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
const [old, later] = ["old", "later"].map((release) =>
  imageWith(join(node.tspod.dir, release), { Env: [PATH, `RELEASE=${release}`] }),
) as [string, string];
const made = (image: string, more: Partial<NonNullable<Pod["spec"]>> = {}): Pod => {
  const { spec, ...rest } = pod("web", [idle("app", { image }), idle("side")], { restartPolicy: "Always" });
  return { ...rest, spec: { ...spec, ...more } } as Pod;
};
const play = node.running(made(old));
const container = (found: ApiObject, name: string) =>
  found.status.containerStatuses.find((one: ApiObject) => one.name === name);
const updated = once(async () => {
  const running = await play();
  const before = await node.tspod.inspect("web");
  await node.tspod.ok(["set", "image", "pod/web", `app=${later}`]);
  await running.untilContainer("app", ({ restartCount, ready }) => restartCount === 1 && ready);
  return { running, before, after: await node.tspod.inspect("web") };
});

behaviour(
  "update-01",
  "a container's image can be changed in place: it alone starts again, from the new image",
  from.updates,
  async () => {
    const { running, before, after } = await updated();
    expect(await running.look("app", "echo $RELEASE")).toBe("later\n");
    expect(container(after, "app").imageID).not.toBe(container(before, "app").imageID);
    expect(container(after, "app").image).toBe(later);
  },
);

behaviour(
  "update-02",
  "the pod, its sandbox and the other containers have not noticed",
  from.updates,
  async () => {
    const { before, after } = await updated();
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect([after.status.podIP, after.status.infra.pid]).toEqual([
      before.status.podIP,
      before.status.infra.pid,
    ]);
    expect(container(after, "side")).toMatchObject({ restartCount: 0, pid: container(before, "side").pid });
  },
);

behaviour("update-03", "an event says why it was ended", from.updates, async () => {
  const { running } = await updated();
  expect(await running.events()).toContain("Killing Container app definition changed, will be restarted");
});

behaviour(
  "update-04",
  "most else cannot be changed: the update is forbidden, and says which fields may",
  from.updates,
  async () => {
    await updated();
    const changed = node.tspod.manifest(made(later, { hostname: "other" }));
    const { code, stderr } = await node.tspod.run(["apply", "-f", changed]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/Forbidden: pod updates may not change fields other than .*image/);
    expect((await node.tspod.inspect("web")).spec.hostname).toBeUndefined();
  },
);

const sized = node.running(
  pod("sized", [idle("a", { resources: { limits: { cpu: "500m", memory: "64Mi" } } }), idle("b")], {
    restartPolicy: "Always",
  }),
);
const resized = once(async () => {
  const running = await sized();
  const before = await running.status("a");
  await node.tspod.ok(["set", "resources", "pod/sized", "-c", "a", "--limits", "cpu=250m,memory=96Mi"]);
  return { running, before };
});

behaviour(
  "update-05",
  "limits can be changed in place: the container goes on, under the new ones",
  from.resize,
  async () => {
    const { running, before } = await resized();
    await eventually(async () => {
      const printed = await running.look("a", PRINT_LIMITS);
      return printed.includes(`memory ${96 * 1024 * 1024}\n`) && printed.includes("cpu 25000\n");
    });
    const after = await running.status("a");
    expect(after).toMatchObject({ restartCount: 0, containerID: before.containerID, state: before.state });
  },
);

behaviour("update-06", "the status tells the limits that are in force", from.resize, async () => {
  const { running } = await resized();
  await running.untilContainer("a", ({ resources }) => resources?.limits?.memory === "96Mi");
  expect((await running.status("a")).resources.limits).toMatchObject({ cpu: "250m", memory: "96Mi" });
});

const plain = node.running(pod("plain", [idle("a")], { restartPolicy: "Always" }));

behaviour("update-07", "a resize cannot change the pod's QoS class", from.resize, async () => {
  const running = await plain();
  const { code, stderr } = await node.tspod.run([
    "set",
    "resources",
    "pod/plain",
    "-c",
    "a",
    "--limits",
    "cpu=1",
  ]);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/Pod QOS Class may not change as a result of resizing/i);
  expect(await running.look("a", PRINT_LIMITS)).toContain("cpu max\n");
});

behaviour(
  "update-08",
  "labels and annotations can be changed, and reach files of the downward API",
  from.downwardFiles,
  async () => {
    const volumes = [
      { name: "v", downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } },
    ];
    const running = await node.running({
      ...pod("labelled", [idle("a", { volumeMounts: [{ name: "v", mountPath: "/v" }] })], { volumes }),
      metadata: { name: "labelled", labels: { app: "web" } },
    })();
    await node.tspod.ok(["label", "pod", "labelled", "tier=front"]);
    await eventually(async () => (await running.look("a", "cat /v/labels")) === 'app="web"\ntier="front"');
    expect((await running.get()).metadata.labels).toEqual({ app: "web", tier: "front" });
  },
);

behaviour(
  "update-09",
  "resources that change in place reach files of the downward API",
  from.downwardFiles,
  async () => {
    const limit = (resource: string, divisor: string) => ({
      path: resource,
      resourceFieldRef: { containerName: "a", resource: `limits.${resource}`, divisor },
    });
    const volumes = [{ name: "v", downwardAPI: { items: [limit("cpu", "1m"), limit("memory", "1Mi")] } }];
    const resources = { limits: { cpu: "500m", memory: "64Mi" } };
    const running = await node.running(
      pod("told", [idle("a", { resources, volumeMounts: [{ name: "v", mountPath: "/v" }] })], { volumes }),
    )();
    const look = () => running.look("a", "cd /v; echo $(cat cpu) $(cat memory)");
    expect(await look()).toBe("500 64\n");
    const sizes = "cpu=700m,memory=96Mi";
    await node.tspod.ok(["set", "resources", "pod/told", `--limits=${sizes}`, `--requests=${sizes}`]);
    await eventually(async () => (await look()) === "700 96\n");
  },
);
