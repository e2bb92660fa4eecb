import { expect } from "vitest";
import { idle, sh } from "../e2e/support/pods.ts";
import { eventually } from "../support/tspod.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { once } from "./support/once.ts";
import { from } from "./support/sources.ts";
import { condition, Workloads } from "./support/workloads.ts";

const node = kubelet({ speed: 20 });
const cluster = new Workloads(node);

const counted = once(async () => {
  const container = sh("c", "echo $JOB_COMPLETION_INDEX $(hostname)");
  await cluster.run(
    "-d",
    cluster.job("counted", container, { completions: 3, parallelism: 2, completionMode: "Indexed" }),
  );
  return await cluster.finished("counted");
});

behaviour("job-01", "a Job is complete when so many pods have succeeded", from.jobs, async () => {
  const { status } = await counted();
  expect(status.succeeded).toBe(3);
  expect(condition(await counted(), "Complete")).toBeDefined();
  expect(Date.parse(status.completionTime)).toBeGreaterThanOrEqual(Date.parse(status.startTime));
});

behaviour(
  "job-02",
  "the pods of an indexed Job have their index in variable, name and host name",
  from.indexedJobs,
  async () => {
    await counted();
    const made = await cluster.pods("job-name=counted");
    for (const index of [0, 1, 2]) {
      const pod = made.find(({ metadata }) => metadata.name.startsWith(`counted-${index}-`));
      expect(pod?.metadata.annotations["batch.kubernetes.io/job-completion-index"]).toBe(String(index));
      expect(await node.tspod.ok(["logs", pod.metadata.name])).toBe(`${index} counted-${index}\n`);
    }
  },
);

behaviour("job-03", "no more pods run at a time than parallelism says", from.jobs, async () => {
  await counted();
  const spans = (await cluster.pods("job-name=counted")).map(({ metadata, status }) => ({
    from: Date.parse(metadata.creationTimestamp),
    to: Date.parse(status.containerStatuses[0].state.terminated.finishedAt),
  }));
  const last = spans.toSorted((a, b) => a.from - b.from)[2];
  // The third was made when one of the others had ended.
  expect(spans.filter(({ to }) => to <= (last?.from as number)).length).toBeGreaterThanOrEqual(1);
});

behaviour(
  "job-04",
  "under Never a failed pod is followed by a new one, up to backoffLimit",
  from.jobs,
  async () => {
    await cluster.run("-d", cluster.job("failing", sh("c", "exit 5"), { backoffLimit: 1 }));
    const failed = await cluster.finished("failing");
    expect(condition(failed, "Failed")).toMatchObject({ reason: "BackoffLimitExceeded" });
    expect(failed.status.failed).toBe(2);
    expect(await cluster.pods("job-name=failing")).toHaveLength(2);
  },
);

behaviour(
  "job-05",
  "activeDeadlineSeconds ends a Job and its pods, however many tries are left",
  from.jobs,
  async () => {
    await cluster.run("-d", cluster.job("late", idle("c"), { activeDeadlineSeconds: 40, backoffLimit: 6 }));
    expect(condition(await cluster.finished("late"), "Failed")).toMatchObject({ reason: "DeadlineExceeded" });
    await eventually(async () =>
      (await cluster.pods("job-name=late")).every(({ status }) => status.phase !== "Running"),
    );
  },
);

behaviour("job-06", "ttlSecondsAfterFinished takes a Job and its pods away", from.jobTtl, async () => {
  await cluster.run("-d", cluster.job("short", sh("c", "exit 0"), { ttlSecondsAfterFinished: 1 }));
  await eventually(async () => (await node.tspod.run(["get", "job", "short"])).code === 4);
  await eventually(async () => (await cluster.pods("job-name=short")).length === 0);
});

behaviour("job-07", "podFailurePolicy can fail a Job at once for an exit code", from.jobs, async () => {
  const podFailurePolicy = {
    rules: [{ action: "FailJob", onExitCodes: { containerName: "c", operator: "In", values: [42] } }],
  };
  await cluster.run("-d", cluster.job("final", sh("c", "exit 42"), { backoffLimit: 6, podFailurePolicy }));
  const failed = await cluster.finished("final");
  expect(condition(failed, "Failed")).toMatchObject({ reason: "PodFailurePolicy" });
  expect(await cluster.pods("job-name=final")).toHaveLength(1);
});

behaviour("job-08", "a Job's pods cannot have restartPolicy Always", from.jobs, async () => {
  const { code, stderr } = await cluster.run(
    "-d",
    cluster.job("always", sh("c", "true"), {}, { restartPolicy: "Always" }),
  );
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/restartPolicy: Required value: valid values: "OnFailure", "Never"/),
  ]);
});

behaviour(
  "workload-01",
  "a Deployment keeps so many pods, by a ReplicaSet named after its template",
  from.deployments,
  async () => {
    await cluster.run("-d", cluster.set("Deployment", "web", { replicas: 2 }));
    const [pod] = await cluster.whenReady("app=web", 2);
    const hash = pod.metadata.labels["pod-template-hash"];
    expect(pod.metadata.name).toMatch(new RegExp(`^web-${hash}-[a-z0-9]{5}$`));
    expect(pod.metadata.ownerReferences).toMatchObject([
      { kind: "ReplicaSet", name: `web-${hash}`, controller: true },
    ]);
  },
);

behaviour("workload-02", "a pod of it that is deleted is replaced by another", from.deployments, async () => {
  const [pod] = await cluster.whenReady("app=web", 2);
  await node.tspod.ok(["rm", "-f", pod.metadata.name]);
  const now = await cluster.whenReady("app=web", 2);
  expect(now.map(({ metadata }) => metadata.uid)).not.toContain(pod.metadata.uid);
});

behaviour("workload-03", "scaling changes the number of pods", from.deployments, async () => {
  await cluster.whenReady("app=web", 2);
  await node.tspod.ok(["scale", "deployment", "web", "--replicas", "1"]);
  await eventually(async () => (await cluster.pods("app=web")).length === 1);
});

behaviour(
  "workload-04",
  "a changed template rolls out: new pods, and then the old ones go",
  from.deployments,
  async () => {
    const [before] = await cluster.whenReady("app=web", 1);
    const template = {
      metadata: { labels: { app: "web", version: "2" } },
      spec: { terminationGracePeriodSeconds: 1, containers: [idle("a")] },
    };
    await node.tspod.ok(["apply", "-f", cluster.set("Deployment", "web", { replicas: 1, template })]);
    const [after] = await cluster.whenReady("version=2", 1);
    await eventually(async () => (await cluster.pods("app=web")).length === 1);
    expect(after.metadata.labels["pod-template-hash"]).not.toBe(before.metadata.labels["pod-template-hash"]);
  },
);

behaviour(
  "workload-05",
  "a StatefulSet's pods have stable names, and are made in order",
  from.statefulSets,
  async () => {
    await cluster.run("-d", cluster.set("StatefulSet", "db", { replicas: 2, serviceName: "db" }));
    const made = (await cluster.whenReady("app=db", 2)).toSorted((a, b) =>
      a.metadata.name < b.metadata.name ? -1 : 1,
    );
    expect(made.map(({ metadata }) => metadata.name)).toEqual(["db-0", "db-1"]);
    const [first, second] = made.map(({ metadata }) => Date.parse(metadata.creationTimestamp));
    expect(first).toBeLessThanOrEqual(second as number);
    expect(made[0]?.metadata.labels).toMatchObject({ "apps.kubernetes.io/pod-index": "0" });
  },
);

behaviour("workload-06", "one that is deleted comes back under its name", from.statefulSets, async () => {
  const before = (await cluster.whenReady("app=db", 2)).find(({ metadata }) => metadata.name === "db-0");
  await node.tspod.ok(["rm", "-f", "db-0"]);
  const after = (await cluster.whenReady("app=db", 2)).find(({ metadata }) => metadata.name === "db-0");
  expect(after.metadata.uid).not.toBe(before.metadata.uid);
});

behaviour("workload-07", "a DaemonSet has one pod on each node", from.daemonSets, async () => {
  await cluster.run("-d", cluster.set("DaemonSet", "agent"));
  expect(await cluster.whenReady("app=agent", 1)).toHaveLength(1);
  expect((await cluster.get("daemonset", "agent")).status).toMatchObject({
    desiredNumberScheduled: 1,
    numberReady: 1,
  });
});

behaviour("workload-08", "deleting a workload deletes its pods", from.garbage, async () => {
  await cluster.whenReady("app=agent", 1);
  await node.tspod.ok(["delete", "daemonset", "agent"]);
  await eventually(async () => (await cluster.pods("app=agent")).length === 0);
});
