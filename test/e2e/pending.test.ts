import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { FastRoot } from "../support/fast-root.ts";
import { freePort } from "../support/ports.ts";
import { eventually } from "../support/tspod.ts";
import { idle, pod } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";
import { documents, lasting, pods, readyPods, type Seen, workload } from "./support/workloads.ts";

// The ten seconds after which all that is tried again take a quarter of one.
const tspod = scenario(new FastRoot(40));

const withVolume = (volume: object) =>
  tspod.manifest(
    workload("Deployment", "web", {
      replicas: 1,
      ...lasting("web", idle("c", { volumeMounts: [{ name: "v", mountPath: "/v" }] }), {
        volumes: [{ name: "v", ...volume }],
      }),
    }),
  );

/** The only pod, once an event of it says this. */
async function told(text: string): Promise<Seen> {
  return await eventually(async () => (await tspod.ok(["events"])).includes(text) && (await pods(tspod))[0], {
    what: `the event ${text}`,
  });
}

const scheduled = ({ status }: Seen) =>
  status.conditions.find(({ type }: { type: string }) => type === "PodScheduled");

async function runs({ metadata }: Seen): Promise<void> {
  const [running] = await readyPods(tspod, 1);
  expect(running?.metadata.uid).toBe(metadata.uid);
}

it("a pod whose volume cannot be mounted waits in ContainerCreating, and runs when it can", async () => {
  const path = join(tspod.dir, "shown");
  const { stdout } = await tspod.run(["run", "-d", withVolume({ hostPath: { path, type: "Directory" } })]);
  const fault = `MountVolume.SetUp failed for volume "v" : hostPath type check failed: ${path} does not exist`;
  expect(stdout).toBe("deployment.apps/web created\n");
  const waiting = await told(fault);
  expect(waiting.status).toMatchObject({
    phase: "Pending",
    containerStatuses: [{ name: "c", state: { waiting: { reason: "ContainerCreating" } }, restartCount: 0 }],
  });
  expect(scheduled(waiting).status).toBe("True");
  expect(await tspod.ok(["get", "deploy", "web", "--no-headers"])).toMatch(/^web +0\/1 +1 +0 /);
  mkdirSync(path);
  await runs(waiting);
  await tspod.ok(["delete", "deploy", "web"]);
  rmdirSync(path);
});

it("a pod waits for a ConfigMap that a volume shows", async () => {
  await tspod.ok(["apply", withVolume({ configMap: { name: "later" } })]);
  const waiting = await told('MountVolume.SetUp failed for volume "v" : configmap "later" not found');
  await tspod.ok(["create", "configmap", "later", "--from-literal=key=value"]);
  await runs(waiting);
  expect(await tspod.ok(["exec", waiting.metadata.name, "--", "cat", "/v/key"])).toBe("value");
  await tspod.ok(["delete", "deploy", "web"]);
  await tspod.ok(["delete", "configmap", "later"]);
});

it("a pod waits for a ConfigMap of its environment with CreateContainerConfigError", async () => {
  const container = idle("c", { envFrom: [{ configMapRef: { name: "later" } }] });
  await tspod.ok(["apply", tspod.manifest(workload("Deployment", "web", lasting("web", container)))]);
  const waiting = await told('Error: configmap "later" not found');
  expect(waiting.status.containerStatuses[0].state.waiting).toEqual({
    reason: "CreateContainerConfigError",
    message: 'configmap "later" not found',
  });
  await tspod.ok(["create", "configmap", "later", "--from-literal=A=b"]);
  await runs(waiting);
  await tspod.ok(["delete", "deploy", "web"]);
  await tspod.ok(["delete", "configmap", "later"]);
});

it("a pod without its claim has no place, and gets one when the claim is there", async () => {
  await tspod.ok(["apply", withVolume({ persistentVolumeClaim: { claimName: "later" } })]);
  const message = '0/1 nodes are available: persistentvolumeclaim "later" not found.';
  const waiting = await told(message);
  expect(waiting.status).not.toHaveProperty("containerStatuses");
  expect(scheduled(waiting)).toMatchObject({ status: "False", reason: "Unschedulable", message });
  expect(await tspod.ok(["ps"])).toMatch(/0\/1 +Pending +0 /);
  const claim = workload("PersistentVolumeClaim", "later", {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "1Mi" } },
  });
  await tspod.ok(["apply", tspod.manifest({ ...claim, apiVersion: "v1" })]);
  await runs(waiting);
  expect(await tspod.ok(["events"])).toMatch(
    /FailedScheduling[\s\S]*Scheduled +Pod\/web-\S+ +Successfully assigned/,
  );
  await tspod.ok(["delete", "deploy", "web"]);
  await tspod.ok(["delete", "pvc", "later"]);
});

it("pods that want one port of the machine have it one after the other, however many wait", async () => {
  const ports = [{ containerPort: 80, hostPort: await freePort() }];
  const file = tspod.manifest(
    workload("Deployment", "web", { replicas: 3, ...lasting("web", idle("c", { ports })) }),
  );
  await tspod.run(["run", "-d", file]);
  const phases = async () => (await pods(tspod)).map(({ status }) => status.phase).sort();
  const oneRuns = async () => JSON.stringify(await phases()) === '["Pending","Pending","Running"]';
  await eventually(oneRuns, { what: "one running pod and two that wait" });
  await told("0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports");
  await tspod.ok(["scale", "deploy/web", "--replicas=2"]);
  await eventually(async () => (await pods(tspod)).length === 2);
  const running = (await pods(tspod)).find(({ status }) => status.phase === "Running");
  const other = (await pods(tspod)).find(({ status }) => status.phase === "Pending");
  // Without a controller nobody takes its place but the one that waits.
  await tspod.ok(["label", "pod", running?.metadata.name ?? "", "app=other", "--overwrite"]);
  await tspod.ok(["scale", "deploy/web", "--replicas=1"]);
  await tspod.ok(["rm", "-f", running?.metadata.name ?? ""]);
  expect(other).toBeDefined();
  await readyPods(tspod, 1);
  await tspod.ok(["delete", "deploy", "web"]);
});

it("a name that another pod has makes a StatefulSet wait, and it says so", async () => {
  const alone = { ...pod("db-0", [idle("c")]), metadata: { name: "db-0", labels: { app: "alone" } } };
  const set = workload("StatefulSet", "db", { replicas: 1, ...lasting("db") });
  await tspod.ok(["run", "-d", tspod.manifest(alone)]);
  await tspod.ok(["apply", tspod.manifest(set)]);
  await told('create Pod db-0 in StatefulSet db failed error: pods "db-0" already exists');
  expect(await tspod.ok(["events"])).not.toContain("create Pod db-0 in StatefulSet db successful");
  await tspod.ok(["rm", "-f", "db-0"]);
  const [made] = await readyPods(tspod, 1);
  expect(made?.metadata.labels).toMatchObject({ app: "db" });
  await told("create Pod db-0 in StatefulSet db successful");
  await tspod.ok(["delete", "sts", "db"]);
});

it("a pod that waits is counted, stopped and removed like others", async () => {
  const job = {
    ...workload("Job", "count", {
      template: {
        spec: {
          restartPolicy: "Never",
          containers: [idle("c")],
          volumes: [{ name: "v", secret: { secretName: "none" } }],
        },
      },
    }),
  };
  await tspod.ok(["apply", tspod.manifest(documents(job))]);
  const waiting = await told('secret "none" not found');
  expect(await tspod.ok(["get", "job", "count", "-o", "jsonpath={.status.active}"])).toBe("1");
  await tspod.ok(["stop", waiting.metadata.name]);
  expect(
    (await pods(tspod)).find(({ metadata }) => metadata.uid === waiting.metadata.uid)?.status.phase,
  ).toBe("Failed");
  await tspod.ok(["delete", "job", "count"]);
  expect(await pods(tspod)).toEqual([]);
});
