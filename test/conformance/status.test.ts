import { hostname } from "node:os";
import { expect } from "vitest";
import { idle, pod, sh } from "../e2e/support/pods.ts";
import type { ApiObject } from "./support/api-object.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet();
const conditions = (pod: ApiObject) =>
  Object.fromEntries(pod.status.conditions.map((one: ApiObject) => [one.type, one]));

const running = node.running({
  ...pod("running", [idle("a"), idle("b")]),
  metadata: { name: "running", labels: { app: "web" }, annotations: { note: "x" } },
});
const succeeded = node.ended(pod("succeeded", [sh("a", "exit 0"), sh("b", "exit 0")]));
const failed = node.ended(pod("failed", [sh("b", "exit 4"), sh("a", "exit 0")]));
const partly = node.running(pod("partly", [sh("a", "exit 0"), idle("b")]));

behaviour("status-01", "a pod whose containers run is Running; all are ready", from.lifecycle, async () => {
  expect((await (await running()).get()).status.phase).toBe("Running");
  expect(await (await running()).row()).toEqual(["running", "2/2", "Running", "0"]);
});

behaviour(
  "status-02",
  "a running pod is scheduled, initialized, its containers ready, and ready",
  from.lifecycle,
  async () => {
    const found = conditions(await (await running()).get());
    for (const type of [
      "PodScheduled",
      "PodReadyToStartContainers",
      "Initialized",
      "ContainersReady",
      "Ready",
    ])
      expect(found[type], type).toMatchObject({
        status: "True",
        lastTransitionTime: expect.stringMatching(/Z$/),
      });
  },
);

behaviour(
  "status-03",
  "a pod whose containers all ended with 0 is Succeeded; STATUS Completed",
  from.lifecycle,
  async () => {
    const pod = await succeeded();
    expect((await pod.get()).status.phase).toBe("Succeeded");
    expect(await pod.row()).toEqual(["succeeded", "0/2", "Completed", "0"]);
  },
);

behaviour(
  "status-04",
  "a pod with a container that ended otherwise is Failed; STATUS Error",
  from.lifecycle,
  async () => {
    const pod = await failed();
    expect((await pod.get()).status.phase).toBe("Failed");
    expect(await pod.row()).toEqual(["failed", "0/2", "Error", "0"]);
  },
);

behaviour(
  "status-05",
  "while one container runs, the pod is Running though others ended, and not ready",
  from.lifecycle,
  async () => {
    const pod = await partly();
    const now = await pod.until(({ status }) => status.containerStatuses[0].state.terminated);
    expect(now.status.phase).toBe("Running");
    expect(await pod.row()).toEqual(["partly", "1/2", "NotReady", "0"]);
    expect(conditions(now).Ready).toMatchObject({
      status: "False",
      reason: "ContainersNotReady",
      message: "containers with unready status: [a]",
    });
  },
);

behaviour("status-06", "conditions of a completed pod say so", from.lifecycle, async () => {
  const found = conditions(await (await succeeded()).get());
  expect(found.Ready).toMatchObject({ status: "False", reason: "PodCompleted" });
  expect(found.ContainersReady).toMatchObject({ status: "False", reason: "PodCompleted" });
  expect(found.Initialized).toMatchObject({ status: "True" });
  expect(found.PodReadyToStartContainers).toMatchObject({ status: "False" });
});

behaviour("status-07", "conditions of a failed pod say so", from.lifecycle, async () => {
  const found = conditions(await (await failed()).get());
  expect(found.Ready).toMatchObject({ status: "False", reason: "PodFailed" });
  expect(found.ContainersReady).toMatchObject({ status: "False", reason: "PodFailed" });
});

behaviour(
  "status-08",
  "a running container tells when it started, and its identity",
  from.lifecycle,
  async () => {
    const [status] = (await (await running()).get()).status.containerStatuses;
    expect(status).toMatchObject({ name: "a", ready: true, started: true, restartCount: 0, lastState: {} });
    expect(Date.parse(status.state.running.startedAt)).not.toBeNaN();
    expect(status.containerID).toMatch(/^\w+:\/\//);
    expect(status.imageID).toMatch(/sha256:[0-9a-f]{64}/);
  },
);

behaviour(
  "status-09",
  "a terminated container tells its reason, code and times",
  from.lifecycle,
  async () => {
    const [b, a] = (await (await failed()).get()).status.containerStatuses;
    expect(a).toMatchObject({
      ready: false,
      started: false,
      state: { terminated: { reason: "Completed", exitCode: 0 } },
    });
    expect(b).toMatchObject({
      ready: false,
      started: false,
      state: { terminated: { reason: "Error", exitCode: 4 } },
    });
  },
);

behaviour(
  "status-10",
  "a pod has uid, namespace, creation and start time, addresses and a QoS class",
  from.lifecycle,
  async () => {
    const { metadata, status } = await (await running()).get();
    expect(metadata).toMatchObject({ name: "running", namespace: "default", labels: { app: "web" } });
    expect(metadata.uid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(Date.parse(status.startTime)).toBeGreaterThanOrEqual(Date.parse(metadata.creationTimestamp));
    expect(status).toMatchObject({
      podIP: expect.any(String),
      hostIP: expect.any(String),
      qosClass: "BestEffort",
    });
  },
);

behaviour(
  "status-11",
  "a pod that is assigned has the node's name in spec.nodeName",
  from.lifecycle,
  async () => {
    expect((await (await running()).get()).spec.nodeName).toBe(hostname());
  },
);

behaviour(
  "status-12",
  "events tell how a pod came to run, in order, in the kubelet's words",
  from.lifecycle,
  async () => {
    const events = (await (await running()).events()).map((line) => line.split(" ")[0]);
    const known = ["Scheduled", "Pulled", "Created", "Started", "Pulled", "Created", "Started"];
    expect(events.filter((reason) => known.includes(reason as string))).toEqual(known);
    const text = (await (await running()).events()).join("\n");
    expect(text).toMatch(/^Scheduled Successfully assigned default\/running to \S+$/m);
    expect(text).toMatch(/^Pulled Container image "busybox" already present on machine$/m);
    expect(text).toMatch(/^Created Created container: a$/m);
    expect(text).toMatch(/^Started Started container a$/m);
  },
);

behaviour("status-13", "pods are chosen by their labels", from.pods, async () => {
  await running();
  await succeeded();
  const names = async (selector: string) =>
    (await node.tspod.ok(["get", "pods", "-l", selector, "-o", "name"])).trim();
  expect(await names("app=web")).toBe("pod/running");
  expect(await names("app in (web,db),!tier")).toBe("pod/running");
  expect(await names("app=db")).toBe("");
});

behaviour(
  "status-14",
  "a pod's name is taken as long as the pod is there, in its namespace",
  from.pods,
  async () => {
    await succeeded();
    expect(await node.refused(pod("succeeded", [sh("a", "true")]))).toContain('"succeeded" already exists');
    const other = pod("succeeded", [sh("a", "true")]);
    const elsewhere = { ...other, metadata: { name: "succeeded", namespace: "elsewhere" } };
    expect((await node.ended(elsewhere)()).code).toBe(0);
  },
);

behaviour("status-15", "generateName is completed to a name", from.pods, async () => {
  const { metadata: _, ...rest } = pod("x", [idle("a")]);
  const file = node.tspod.manifest({ ...rest, metadata: { generateName: "made-" } });
  expect(await node.tspod.ok(["run", "-d", file])).toMatch(/^pod\/made-[a-z0-9]{5} started$/m);
});

behaviour(
  "status-16",
  "a pod can have a name of 253 characters, and so can what it names",
  from.names,
  async () => {
    const name = `${[..."abcd"].map((letter) => letter.repeat(62)).join(".")}x`;
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { key: "from the map" } };
    await node.tspod.ok(["apply", "-f", node.tspod.manifest(map)]);
    const env = [{ name: "KEY", valueFrom: { configMapKeyRef: { name, key: "key" } } }];
    const ran = await node.ended(pod(name, [sh("a", "hostname; echo $KEY", { env })]))();
    expect(ran.printed("a")).toBe(`${"a".repeat(62)}\nfrom the map\n`);
    expect((await ran.row())[0]).toBe(name);
    expect(await node.tspod.ok(["logs", name])).toContain("from the map");
    expect(await node.tspod.ok(["get", "configmap", "-o", "name"])).toContain(name);
  },
);
