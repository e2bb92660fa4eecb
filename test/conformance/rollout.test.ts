import { expect } from "vitest";
import { idle, sh } from "../e2e/support/pods.ts";
import { eventually } from "../support/tspod.ts";
import type { ApiObject } from "./support/api-object.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";
import { condition, version, Workloads } from "./support/workloads.ts";

const node = kubelet({ speed: 20 });
const cluster = new Workloads(node);
const pod = (text: string) => ({ containers: [version(text)] });
const versionOf = ({ spec }: ApiObject): string => spec.containers[0].env[0].value;
const versions = async (name: string, count: number) =>
  (await cluster.whenReady(`app=${name}`, count)).map(versionOf);
const rolledOut = async (name: string) => await cluster.ok("rollout", "status", name);
const setsOf = async (name: string): Promise<ApiObject[]> =>
  JSON.parse(await cluster.ok("get", "rs", "-l", `app=${name}`, "-o", "json")).items;

behaviour(
  "rollout-01",
  "with Recreate no new pod starts before the old ones have ended",
  from.deployments,
  async () => {
    const claim = {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "log" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
    };
    await cluster.ok("apply", node.tspod.manifest(claim));
    const container = (text: string) =>
      sh(
        "c",
        `trap 'echo end ${text} >>/log/log; exit' TERM; echo begin ${text} >>/log/log; sleep 3600 & wait`,
        { volumeMounts: [{ name: "log", mountPath: "/log" }] },
      );
    const file = (text: string) =>
      cluster.set(
        "Deployment",
        "once",
        { strategy: { type: "Recreate" } },
        {
          terminationGracePeriodSeconds: 2000,
          containers: [container(text)],
          volumes: [{ name: "log", persistentVolumeClaim: { claimName: "log" } }],
        },
      );
    const log = async () => {
      const [made] = await cluster.whenReady("app=once", 1);
      return await cluster.ok("exec", made?.metadata.name, "--", "cat", "/log/log");
    };
    await cluster.ok("apply", file("one"));
    await rolledOut("deploy/once");
    await eventually(async () => (await log()) === "begin one\n");
    await cluster.ok("apply", file("two"));
    await rolledOut("deploy/once");
    await eventually(async () => (await log()) === "begin one\nend one\nbegin two\n");
  },
);

behaviour("rollout-02", "a paused Deployment keeps changes for later", from.deployments, async () => {
  await cluster.ok("apply", cluster.set("Deployment", "web", {}, pod("one")));
  await rolledOut("deploy/web");
  await cluster.ok("rollout", "pause", "deploy/web");
  await cluster.ok("apply", cluster.set("Deployment", "web", { paused: true }, pod("two")));
  const { metadata } = await cluster.get("deploy", "web");
  await cluster.when("deploy", "web", ({ observedGeneration }) => observedGeneration === metadata.generation);
  expect(await setsOf("web")).toHaveLength(1);
  expect(await versions("web", 1)).toEqual(["one"]);
  await cluster.ok("rollout", "resume", "deploy/web");
  await rolledOut("deploy/web");
  await eventually(async () => (await versions("web", 1))[0] === "two");
});

behaviour(
  "rollout-03",
  "undo brings the template before back, as a new revision",
  from.deployments,
  async () => {
    await cluster.ok("rollout", "undo", "deploy/web");
    await rolledOut("deploy/web");
    await eventually(async () => (await versions("web", 1))[0] === "one");
    const { metadata } = await cluster.get("deploy", "web");
    expect(metadata.annotations["deployment.kubernetes.io/revision"]).toBe("3");
    const history = await cluster.ok("rollout", "history", "deploy/web");
    expect(history.match(/^\d+/gm)).toEqual(["2", "3"]);
  },
);

behaviour(
  "rollout-04",
  "revisionHistoryLimit says how many old ReplicaSets are kept",
  from.deployments,
  async () => {
    await cluster.ok("apply", cluster.set("Deployment", "web", { revisionHistoryLimit: 0 }, pod("three")));
    await rolledOut("deploy/web");
    await eventually(async () => (await setsOf("web")).length === 1);
  },
);

behaviour(
  "rollout-05",
  "a rollout without progress is said to have exceeded progressDeadlineSeconds, and its old pods stay",
  from.deployments,
  async () => {
    const broken = { ...version("four"), readinessProbe: { exec: { command: ["false"] } } };
    await cluster.ok(
      "apply",
      cluster.set("Deployment", "web", { progressDeadlineSeconds: 30 }, { containers: [broken] }),
    );
    const { status } = await cluster.when("deploy", "web", ({ conditions = [] }) =>
      conditions.some(({ reason }: ApiObject) => reason === "ProgressDeadlineExceeded"),
    );
    expect(status.conditions).toContainEqual(
      expect.objectContaining({ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }),
    );
    expect(condition({ status }, "Available")).toBeDefined();
    expect(await versions("web", 1)).toEqual(["three"]);
    const refused = await node.tspod.run(["rollout", "status", "deploy/web"]);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('deployment "web" exceeded its progress deadline'),
    ]);
  },
);

behaviour(
  "rollout-06",
  "an update of a StatefulSet leaves the pods below its partition as they are",
  from.statefulSets,
  async () => {
    const strategy = { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } };
    const spec = { replicas: 2, serviceName: "db", ...strategy };
    await cluster.ok("apply", cluster.set("StatefulSet", "db", spec, pod("one")));
    await cluster.whenReady("app=db", 2);
    await cluster.ok("apply", cluster.set("StatefulSet", "db", spec, pod("two")));
    await rolledOut("sts/db");
    expect(await versions("db", 2)).toEqual(["one", "two"]);
    await cluster.ok("delete", "pod", "db-0");
    expect(await versions("db", 2)).toEqual(["one", "two"]);
  },
);

behaviour(
  "rollout-07",
  "a StatefulSet is scaled down from its highest ordinal, and its claims stay",
  from.statefulSets,
  async () => {
    const claim = {
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
    };
    const spec = { replicas: 3, serviceName: "set", volumeClaimTemplates: [claim], ordinals: { start: 5 } };
    await cluster.ok("apply", cluster.set("StatefulSet", "set", spec));
    const made = await cluster.whenReady("app=set", 3);
    expect(made.map(({ metadata }) => metadata.name)).toEqual(["set-5", "set-6", "set-7"]);
    await cluster.ok("scale", "sts/set", "--replicas=1");
    await eventually(async () => (await cluster.pods("app=set")).length === 1);
    expect((await cluster.pods("app=set"))[0]?.metadata.name).toBe("set-5");
    const claims = await cluster.ok("get", "pvc", "-o", "name");
    for (const number of [5, 6, 7]) expect(claims).toContain(`persistentvolumeclaim/data-set-${number}\n`);
  },
);

behaviour(
  "rollout-08",
  "a DaemonSet ends its old pod before it makes the new one",
  from.daemonSets,
  async () => {
    await cluster.ok("apply", cluster.set("DaemonSet", "agent", {}, pod("one")));
    const [before] = await cluster.whenReady("app=agent", 1);
    await cluster.ok("apply", cluster.set("DaemonSet", "agent", {}, pod("two")));
    await rolledOut("ds/agent");
    const [after, ...others] = await cluster.pods("app=agent");
    expect([versionOf(after), others]).toEqual(["two", []]);
    expect(after.metadata.uid).not.toBe(before?.metadata.uid);
  },
);

behaviour(
  "rollout-09",
  "a pod that needs a claim which is not there is unschedulable until it is",
  from.pv,
  async () => {
    const container = idle("a", { volumeMounts: [{ name: "v", mountPath: "/v" }] });
    const volumes = [{ name: "v", persistentVolumeClaim: { claimName: "later" } }];
    await cluster.ok("apply", cluster.set("Deployment", "waits", {}, { containers: [container], volumes }));
    const [waiting] = await eventually(async () => {
      const found = await cluster.pods("app=waits");
      return (
        found[0]?.status.conditions?.some(({ reason }: ApiObject) => reason === "Unschedulable") && found
      );
    });
    expect(waiting?.status.phase).toBe("Pending");
    await cluster.ok(
      "apply",
      node.tspod.manifest({
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "later" },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
      }),
    );
    const [running] = await cluster.whenReady("app=waits", 1);
    expect(running?.metadata.uid).toBe(waiting?.metadata.uid);
  },
);
