import { describe, expect, it } from "vitest";
import { eventually, httpGet } from "../support/tspod.ts";
import { idle, pod, sh, web } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";
import { documents, lasting, names, pods, readyPods, stored, workload } from "./support/workloads.ts";

const tspod = scenario();
const deployment = (replicas: number, container = idle("c"), more: object = {}) =>
  workload("Deployment", "web", { replicas, ...lasting("web", container), ...more });
const image = (tag: string) => sh("c", `echo ${tag}; trap exit TERM; sleep 3600 & wait`);

describe("a file with everything an application needs", () => {
  it("runs, whatever the order of its documents, and goes but for the data", async () => {
    const container = web("c", 80, "$GREETING", {
      envFrom: [{ configMapRef: { name: "conf" } }],
      volumeMounts: [{ name: "data", mountPath: "/data" }],
    });
    const { template, selector } = lasting("web", container, {
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: "shared" } }],
    });
    const page = (text: string | undefined) => (text ?? "").replaceAll("'", '"');
    template.spec.containers[0] = { ...container, command: container.command?.map(page) ?? [] };
    const file = tspod.manifest(
      documents(
        workload("Deployment", "web", { replicas: 2, selector, template }),
        {
          ...workload("Service", "web", { selector: { app: "web" }, ports: [{ port: 80 }] }),
          apiVersion: "v1",
        },
        {
          ...workload("PersistentVolumeClaim", "shared", {
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: "1Mi" } },
          }),
          apiVersion: "v1",
        },
        { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "conf" }, data: { GREETING: "hello" } },
      ),
    );
    const { code, stdout, stderr } = await tspod.run(["run", "-d", file]);
    expect([code, stdout]).toEqual([
      0,
      "configmap/conf created\npersistentvolumeclaim/shared created\nservice/web created\ndeployment.apps/web created\n",
    ]);
    expect(stderr).toMatch(/^warning\[TS2007\]: .*service is kept; its name does not resolve/);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    const [one, two] = await readyPods(tspod, 2);
    expect(one?.metadata.name).toMatch(/^web-[a-z0-9]{10}-[a-z0-9]{5}$/);
    for (const pod of [one, two])
      expect((await eventually(() => httpGet(`http://${pod?.status.podIP}`))).body).toBe("hello\n");
    await tspod.ok(["exec", one?.metadata.name ?? "", "--", "touch", "/data/mark"]);
    await tspod.ok(["exec", two?.metadata.name ?? "", "--", "test", "-e", "/data/mark"]);

    const down = await tspod.run(["down", file]);
    expect(down.stdout).toBe(
      'deployment.apps "web" deleted\nservice "web" deleted\nconfigmap "conf" deleted\n',
    );
    expect(down.stderr).toContain('persistentvolumeclaim "shared" is kept: tspod delete pvc shared');
    expect(await pods(tspod)).toEqual([]);
    await tspod.ok(["delete", "pvc", "shared"]);
  });
});

describe("a Deployment", () => {
  it("is shown as kubectl shows it", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(deployment(1))]);
    await readyPods(tspod, 1);
    expect(await tspod.ok(["get", "deploy", "-o", "wide"])).toMatch(
      /^NAME {3}READY {3}UP-TO-DATE {3}AVAILABLE {3}AGE {3}CONTAINERS {3}IMAGES {4}SELECTOR\nweb {4}1\/1 {5}1 {12}1 {11}\S+ +c {12}busybox {3}app=web\n$/,
    );
    expect(await tspod.ok(["get", "rs"])).toMatch(
      /^NAME {13}DESIRED {3}CURRENT {3}READY {3}AGE\nweb-[a-z0-9]{10} {3}1 {9}1 {9}1 {7}\d+s\n$/,
    );
    expect(await tspod.ok(["get", "deployments.apps", "-o", "name"])).toBe("deployment.apps/web\n");
    const described = await tspod.ok(["describe", "deployment/web"]);
    expect(described).toContain("1 desired | 1 updated | 1 total | 1 available | 0 unavailable");
    expect(described).toMatch(/Normal +ScalingReplicaSet .* Scaled up replica set web-\S+ from 0 to 1\n/);
    expect(described).toMatch(
      /^OldReplicaSets: {2}<none>\nNewReplicaSet: {3}web-\S+ \(1\/1 replicas created\)$/m,
    );
    expect(await tspod.ok(["describe", "rs"])).toMatch(
      /^Controlled By: {2}Deployment\/web\nReplicas: {7}1 current \/ 1 desired\nPods Status: {4}1 Running \/ 0 Waiting \/ 0 Succeeded \/ 0 Failed$/m,
    );
    const object = await stored(tspod, "deploy", "web");
    expect(object.metadata.annotations).toEqual({ "deployment.kubernetes.io/revision": "1" });
    await tspod.ok(["delete", "deploy", "web"]);
  });

  it("replaces pods that are taken away or end, and follows scale", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(deployment(2))]);
    const [victim] = await readyPods(tspod, 2);
    await tspod.ok(["rm", "-f", victim?.metadata.name ?? ""]);
    const after = await readyPods(tspod, 2);
    expect(names(after)).not.toContain(victim?.metadata.name);
    const watch = tspod.start(["get", "deploy", "-w"]);
    await watch.printed(/^web {4}2\/2 .*$/m);
    expect(await tspod.ok(["scale", "deployment/web", "--replicas=3"])).toBe("deployment.apps/web scaled\n");
    await readyPods(tspod, 3);
    await watch.printed(/^web {4}3\/3 .*$/m);
    watch.kill("SIGINT");
    const lines = (await watch.outcome()).stdout.split("\n");
    expect(lines.filter((line) => line.startsWith("NAME"))).toHaveLength(1);
    expect(lines.length).toBeLessThan(9);
    const refused = await tspod.run(["scale", "deploy", "web", "--current-replicas=2", "--replicas=4"]);
    expect([refused.code, refused.stderr]).toEqual([
      5,
      expect.stringContaining("expected 2 replicas, there are 3"),
    ]);
    await tspod.ok(["scale", "deploy", "web", "--replicas=0"]);
    await readyPods(tspod, 0);
    expect((await stored(tspod, "deploy", "web")).spec.replicas).toBe(0);
    await tspod.ok(["delete", "deployment/web"]);
  });

  it("rolls from one template to the next, waits until that serves, and goes back", async () => {
    await tspod.ok(["run", "-d", "--wait=ready", tspod.manifest(deployment(2, image("one")))]);
    const first = names(await readyPods(tspod, 2));
    const two = tspod.manifest(deployment(2, image("two")));
    expect(await tspod.ok(["apply", two])).toBe("deployment.apps/web configured\n");
    expect(await tspod.ok(["apply", two])).toBe("deployment.apps/web unchanged\n");
    const said = await tspod.ok(["rollout", "status", "deploy/web", "--timeout=300s"]);
    expect(said.trimEnd().split("\n").at(-1)).toBe('deployment "web" successfully rolled out');
    const second = await readyPods(tspod, 2);
    expect(names(second).filter((name) => first.includes(name))).toEqual([]);
    expect(second[0]?.spec.containers[0].command[2]).toContain("echo two");
    expect(await tspod.ok(["rollout", "undo", "deployment/web"])).toBe("deployment.apps/web rolled back\n");
    await tspod.ok(["rollout", "status", "deploy", "web", "--timeout=300s"]);
    expect((await readyPods(tspod, 2))[0]?.spec.containers[0].command[2]).toContain("echo one");
    expect(await tspod.ok(["rollout", "history", "deploy/web"])).toBe(
      "deployment.apps/web \nREVISION   CHANGE-CAUSE\n2          <none>\n3          <none>\n\n",
    );
    expect(await tspod.ok(["rollout", "history", "deploy/web", "--revision=2"])).toMatch(
      /^deployment.apps\/web with revision #2\nPod Template:\n {2}Labels: {2}app=web\n {11}pod-template-hash=\w+\n {2}Containers:\n {3}c:\n/,
    );
    await tspod.ok(["rollout", "pause", "deploy/web"]);
    const refused = await tspod.run(["rollout", "undo", "deploy/web"]);
    expect([refused.code, refused.stderr]).toEqual([
      5,
      expect.stringContaining("you cannot rollback a paused deployment; resume it first"),
    ]);
    await tspod.ok(["rollout", "resume", "deploy/web"]);
    expect(await tspod.ok(["rollout", "restart", "deploy/web"])).toBe("deployment.apps/web restarted\n");
    await tspod.ok(["rollout", "status", "deploy/web", "--timeout=300s"]);
    const restarted = (await stored(tspod, "deploy", "web")).spec.template.metadata.annotations;
    expect(restarted["kubectl.kubernetes.io/restartedAt"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    await tspod.ok(["delete", "deploy", "web"]);
  });

  it("keeps what was scaled or labelled when a manifest that says nothing of it is applied, and its selector for good", async () => {
    const { replicas: _, ...spec } = deployment(1).spec as { replicas: number };
    const file = tspod.manifest(workload("Deployment", "web", spec));
    await tspod.ok(["apply", "-f", file]);
    await tspod.ok(["scale", "deploy/web", "--replicas=2"]);
    await tspod.ok(["label", "deploy", "web", "ours=kept"]);
    expect(await tspod.ok(["apply", "-f", file])).toBe("deployment.apps/web unchanged\n");
    const kept = await stored(tspod, "deploy", "web");
    expect([kept.spec.replicas, kept.metadata.labels]).toEqual([2, { ours: "kept" }]);
    const other = tspod.manifest(workload("Deployment", "web", lasting("other")));
    const refused = await tspod.run(["apply", "-f", other]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(
      'Deployment "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable',
    );
    const again = await tspod.run(["run", "-d", file]);
    expect([again.code, again.stderr]).toEqual([
      5,
      expect.stringContaining('deployments.apps "web" already exists'),
    ]);
    await readyPods(tspod, 2);
    await tspod.ok(["delete", "-f", file]);
  });

  it("says that it is not for the foreground, and leaves nothing", async () => {
    const { code, stdout, stderr } = await tspod.run(["run", tspod.manifest(deployment(1))]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain('Deployment "web" cannot run in the foreground');
    expect(await tspod.ok(["get", "deploy"])).toBe("");
  });
});

describe("a ReplicaSet", () => {
  it("takes over a pod that is there, and lets go of one whose label is changed, which lives on", async () => {
    const alone = { ...pod("alone", [idle("c")]), metadata: { name: "alone", labels: { app: "set" } } };
    await tspod.ok(["run", "-d", tspod.manifest(alone)]);
    await tspod.ok([
      "apply",
      tspod.manifest(workload("ReplicaSet", "set", { replicas: 2, ...lasting("set") })),
    ]);
    const [first] = await readyPods(tspod, 2);
    expect(first?.metadata).toMatchObject({
      name: "alone",
      ownerReferences: [{ kind: "ReplicaSet", name: "set", controller: true }],
    });
    await tspod.ok(["label", "pod", "alone", "app=sick", "--overwrite"]);
    const after = await readyPods(tspod, 3);
    expect(after[0]?.metadata).toMatchObject({ name: "alone", labels: { app: "sick" } });
    expect(after[0]?.metadata).not.toHaveProperty("ownerReferences");
    await tspod.ok(["delete", "rs", "set"]);
    expect(names(await pods(tspod))).toEqual(["alone"]);
    await tspod.ok(["rm", "-f", "alone"]);
  });
});

describe("a DaemonSet", () => {
  it("has one pod on the one machine", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(workload("DaemonSet", "agent", lasting("agent")))]);
    const [pod] = await readyPods(tspod, 1);
    expect(pod?.metadata.name).toMatch(/^agent-[a-z0-9]{5}$/);
    expect(await tspod.ok(["get", "ds", "--no-headers"])).toMatch(
      /^agent {3}1 {3,}1 {3,}1 {3,}1 {3,}1 {3,}<none> {3,}\d+s\n$/,
    );
    await tspod.ok(["rollout", "restart", "ds/agent"]);
    await tspod.ok(["rollout", "status", "ds/agent", "--timeout=300s"]);
    const [next] = await readyPods(tspod, 1);
    expect(next?.metadata.name).not.toBe(pod?.metadata.name);
    await tspod.ok(["delete", "ds", "agent"]);
  });
});
