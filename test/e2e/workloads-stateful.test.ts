import { describe, expect, it } from "vitest";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";
import { lasting, names, readyPods, type Seen, stored, workload } from "./support/workloads.ts";

const tspod = scenario();
const CLAIM = {
  metadata: { name: "data" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
};
const set = (spec: object, container = idle("c")) =>
  tspod.manifest(workload("StatefulSet", "db", { serviceName: "db", ...lasting("db", container), ...spec }));
const created = ({ metadata }: Seen) => metadata as unknown as { name: string; creationTimestamp: string };

describe("a StatefulSet", () => {
  it("starts its pods in order, each with a name, a number and data of its own that outlive it", async () => {
    const container = idle("c", {
      volumeMounts: [{ name: "data", mountPath: "/data" }],
      env: [
        {
          name: "INDEX",
          valueFrom: { fieldRef: { fieldPath: "metadata.labels['apps.kubernetes.io/pod-index']" } },
        },
      ],
      readinessProbe: { exec: { command: ["test", "-e", "/data"] }, periodSeconds: 1 },
    });
    await tspod.ok(["run", "-d", set({ replicas: 2, volumeClaimTemplates: [CLAIM] }, container)]);
    const pods = await readyPods(tspod, 2);
    expect(names(pods)).toEqual(["db-0", "db-1"]);
    const [zero, one] = pods.map(created);
    expect(Date.parse(zero?.creationTimestamp ?? "")).toBeLessThanOrEqual(
      Date.parse(one?.creationTimestamp ?? ""),
    );
    const say = "echo $(hostname) $INDEX";
    expect(await tspod.ok(["exec", "db-1", "--", "sh", "-c", say])).toBe("db-1 1\n");
    await tspod.ok(["exec", "db-1", "--", "touch", "/data/mark"]);
    expect(await tspod.ok(["get", "sts"])).toMatch(/^NAME {3}READY {3}AGE\ndb {5}2\/2 {5}\d+s\n$/);

    await tspod.ok(["scale", "sts/db", "--replicas=1"]);
    expect(names(await readyPods(tspod, 1))).toEqual(["db-0"]);
    await tspod.ok(["scale", "sts/db", "--replicas=2"]);
    await readyPods(tspod, 2);
    await tspod.ok(["exec", "db-1", "--", "test", "-e", "/data/mark"]);
    await tspod.ok(["exec", "db-0", "--", "test", "!", "-e", "/data/mark"]);

    await tspod.ok(["delete", "sts", "db"]);
    expect(await tspod.ok(["get", "pvc", "-o", "name"])).toBe(
      "persistentvolumeclaim/data-db-0\npersistentvolumeclaim/data-db-1\n",
    );
    await tspod.ok(["delete", "pvc", "--all"]);
  });

  it("gives a pod that was removed its name and data back, and takes the data away if told to", async () => {
    const container = idle("c", { volumeMounts: [{ name: "data", mountPath: "/data" }] });
    const persistentVolumeClaimRetentionPolicy = { whenDeleted: "Delete", whenScaled: "Delete" };
    const spec = { replicas: 2, volumeClaimTemplates: [CLAIM], persistentVolumeClaimRetentionPolicy };
    await tspod.ok(["run", "-d", set({ ...spec, podManagementPolicy: "Parallel" }, container)]);
    await readyPods(tspod, 2);
    await tspod.ok(["exec", "db-0", "--", "touch", "/data/mark"]);
    const [before] = await readyPods(tspod, 2);
    await tspod.ok(["rm", "-f", "db-0"]);
    const [after] = await readyPods(tspod, 2);
    expect(after?.metadata.name).toBe("db-0");
    expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
    await tspod.ok(["exec", "db-0", "--", "test", "-e", "/data/mark"]);
    await tspod.ok(["delete", "sts", "db"]);
    expect(await tspod.ok(["get", "pvc", "-o", "name"])).toBe("");
  });

  it("takes the pods over again that were left when it was deleted alone, but not others of their labels", async () => {
    const file = set({ replicas: 2 });
    await tspod.ok(["apply", file]);
    const before = await readyPods(tspod, 2);
    const revision = async () => (await stored(tspod, "sts", "db")).status.updateRevision;
    const kept = await revision();
    await tspod.ok(["delete", "sts", "db", "--cascade=orphan"]);
    const alone = { ...pod("other", [idle("c")]), metadata: { name: "other", labels: { app: "db" } } };
    await tspod.ok(["run", "-d", tspod.manifest(alone)]);
    await tspod.ok(["apply", file]);
    await tspod.ok(["rollout", "status", "sts/db"]);
    const after = await readyPods(tspod, 3);
    expect(names(after)).toEqual(["db-0", "db-1", "other"]);
    const uids = (list: readonly Seen[]) => list.slice(0, 2).map(({ metadata }) => metadata.uid);
    expect(uids(after)).toEqual(uids(before));
    expect(await revision()).toBe(kept);
    await tspod.ok(["delete", "sts", "db"]);
    expect(names(await readyPods(tspod, 1))).toEqual(["other"]);
    await tspod.ok(["rm", "-f", "other"]);
  });

  it("updates from the last pod to the first, down to the partition", async () => {
    const version = (tag: string) => sh("c", `: ${tag}; trap exit TERM; sleep 3600 & wait`);
    const commands = (pods: readonly Seen[]) =>
      pods
        .map(({ metadata, spec }) => `${metadata.name} ${/: (\w+)/.exec(spec.containers[0].command[2])?.[1]}`)
        .sort();
    const updateStrategy = { type: "RollingUpdate", rollingUpdate: { partition: 1 } };
    await tspod.ok(["run", "-d", set({ replicas: 2, updateStrategy }, version("one"))]);
    await readyPods(tspod, 2);
    await tspod.ok(["apply", set({ replicas: 2, updateStrategy }, version("two"))]);
    const partial = await tspod.ok(["rollout", "status", "sts/db", "--timeout=300s"]);
    expect(partial.trimEnd().split("\n").at(-1)).toBe(
      "partitioned roll out complete: 1 new pods have been updated...",
    );
    expect(commands(await readyPods(tspod, 2))).toEqual(["db-0 one", "db-1 two"]);
    await tspod.ok(["apply", set({ replicas: 2 }, version("two"))]);
    const whole = await tspod.ok(["rollout", "status", "sts/db", "--timeout=300s"]);
    expect(whole).toMatch(/partitioned roll out complete: 2 new pods have been updated\.\.\.\n$/);
    expect(commands(await readyPods(tspod, 2))).toEqual(["db-0 two", "db-1 two"]);
    const { status } = await stored(tspod, "sts", "db");
    expect(status.currentRevision).toBe(status.updateRevision);
    const refused = await tspod.run(["apply", set({ replicas: 2, serviceName: "other" }, version("two"))]);
    expect(refused.stderr).toContain(
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas'",
    );
    await tspod.ok(["delete", "sts", "db"]);
  });
});
