import { expect } from "vitest";
import { idle, sh } from "../e2e/support/pods.ts";
import { eventually } from "../support/tspod.ts";
import type { ApiObject } from "./support/api-object.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";
import { condition, Workloads } from "./support/workloads.ts";

const node = kubelet({ speed: 20 });
const cluster = new Workloads(node);
const INDEXED = { completionMode: "Indexed" };
/** Ends with one code for an index and with another for all others. */
const byIndex = (index: number, code: number, others: number | string) =>
  sh("c", `[ $JOB_COMPLETION_INDEX = ${index} ] && exit ${code}; ${others}`);

behaviour(
  "job-09",
  "a suspended Job has no pods, and begins anew when it is resumed",
  from.jobs,
  async () => {
    const file = (suspend: boolean) => cluster.job("held", sh("c", "exit 0"), { suspend });
    await cluster.run("-d", file(true));
    const held = await cluster.when(
      "job",
      "held",
      (status) => condition({ status }, "Suspended") !== undefined,
    );
    expect(held.status).not.toHaveProperty("startTime");
    expect(await cluster.pods("job-name=held")).toEqual([]);
    await cluster.ok("apply", file(false));
    const { status } = await cluster.finished("held");
    expect(status).toMatchObject({ succeeded: 1, startTime: expect.any(String) });
    expect(status.conditions).toContainEqual(
      expect.objectContaining({ type: "Suspended", status: "False", reason: "JobResumed" }),
    );
  },
);

behaviour("job-10", "a Job that is suspended loses the pods it has", from.jobs, async () => {
  await cluster.run("-d", cluster.job("paused", idle("c")));
  await eventually(async () => (await cluster.pods("job-name=paused"))[0]?.status.phase === "Running");
  await cluster.ok("apply", cluster.job("paused", idle("c"), { suspend: true }));
  await eventually(async () => (await cluster.pods("job-name=paused")).length === 0);
  const { status } = await cluster.get("job", "paused");
  expect([status.active ?? 0, status.failed ?? 0]).toEqual([0, 0]);
});

behaviour(
  "job-11",
  "with backoffLimitPerIndex an index that fails for good does not end the others",
  from.jobs,
  async () => {
    const spec = { ...INDEXED, completions: 3, parallelism: 3, backoffLimitPerIndex: 1 };
    await cluster.run("-d", cluster.job("each", byIndex(1, 7, "exit 0"), spec));
    const failed = await cluster.finished("each");
    expect(condition(failed, "Failed")).toMatchObject({ reason: "FailedIndexes" });
    expect(failed.status).toMatchObject({
      succeeded: 2,
      failed: 2,
      completedIndexes: "0,2",
      failedIndexes: "1",
    });
  },
);

behaviour("job-12", "successPolicy ends a Job well before all of it is done", from.jobs, async () => {
  const spec = {
    ...INDEXED,
    completions: 3,
    parallelism: 3,
    successPolicy: { rules: [{ succeededIndexes: "0" }] },
  };
  await cluster.run("-d", cluster.job("leader", byIndex(0, 0, "sleep 3600"), spec));
  const complete = await cluster.finished("leader");
  expect(condition(complete, "SuccessCriteriaMet")).toMatchObject({ reason: "SuccessPolicy" });
  expect(complete.status).toMatchObject({ succeeded: 1, completedIndexes: "0" });
  await eventually(async () =>
    (await cluster.pods("job-name=leader")).every(({ status }) => status.phase !== "Running"),
  );
});

behaviour("job-13", "a failure that podFailurePolicy says to ignore does not count", from.jobs, async () => {
  const claim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "marks" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
  };
  await cluster.ok("apply", node.tspod.manifest(claim));
  const container = sh("c", "test -e /v/seen && exit 0; touch /v/seen; exit 42", {
    volumeMounts: [{ name: "v", mountPath: "/v" }],
  });
  const podFailurePolicy = {
    rules: [{ action: "Ignore", onExitCodes: { operator: "In", values: [42] } }],
  };
  const volumes = [{ name: "v", persistentVolumeClaim: { claimName: "marks" } }];
  await cluster.run(
    "-d",
    cluster.job("excused", container, { backoffLimit: 0, podFailurePolicy }, { volumes }),
  );
  const { status } = await cluster.finished("excused");
  expect(condition({ status }, "Complete")).toBeDefined();
  expect([status.succeeded, status.failed ?? 0]).toEqual([1, 0]);
});

behaviour("job-14", "under OnFailure the container of the same pod is started again", from.jobs, async () => {
  const container = sh("c", "test -e /v/seen && exit 0; touch /v/seen; exit 1", {
    volumeMounts: [{ name: "v", mountPath: "/v" }],
  });
  const pod = { restartPolicy: "OnFailure" as const, volumes: [{ name: "v", emptyDir: {} }] };
  await cluster.run("-d", cluster.job("again", container, {}, pod));
  expect((await cluster.finished("again")).status.succeeded).toBe(1);
  const [made, ...others] = await cluster.pods("job-name=again");
  expect([made?.status.containerStatuses[0].restartCount, others]).toEqual([1, []]);
});

const cron = (name: string, container: ReturnType<typeof sh>, spec: object = {}) =>
  cluster.file("batch/v1", "CronJob", name, {
    schedule: "@every 1s",
    ...spec,
    jobTemplate: {
      spec: {
        template: {
          spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 1, containers: [container] },
        },
      },
    },
  });
const jobsOf = async (name: string): Promise<ApiObject[]> =>
  JSON.parse(await cluster.ok("get", "jobs", "-o", "json")).items.filter(({ metadata }: ApiObject) =>
    metadata.ownerReferences?.some((owner: ApiObject) => owner.kind === "CronJob" && owner.name === name),
  );

behaviour(
  "cron-01",
  "a CronJob makes Jobs by its schedule and keeps as many as its history limit says",
  from.cronJobs,
  async () => {
    await cluster.ok("apply", cron("tick", sh("c", "exit 0"), { successfulJobsHistoryLimit: 0 }));
    const first = await eventually(async () => (await jobsOf("tick"))[0]);
    expect(first.metadata.name).toMatch(/^tick-\d+$/);
    expect(first.metadata.annotations).toHaveProperty(["batch.kubernetes.io/cronjob-scheduled-timestamp"]);
    await cluster.when("cronjob", "tick", ({ lastSuccessfulTime }) => lastSuccessfulTime !== undefined);
    await eventually(
      async () => (await jobsOf("tick")).every(({ metadata }) => metadata.uid !== first.metadata.uid),
      { what: "the first Job to go" },
    );
    await cluster.ok("delete", "cronjob", "tick");
  },
);

behaviour("cron-02", "with Forbid a Job that runs holds up the next", from.cronJobs, async () => {
  await cluster.ok("apply", cron("sole", idle("c"), { concurrencyPolicy: "Forbid" }));
  await eventually(async () => (await cluster.ok("events")).includes("JobAlreadyActive"));
  expect(await jobsOf("sole")).toHaveLength(1);
  await cluster.ok("delete", "cronjob", "sole");
  await eventually(async () => (await jobsOf("sole")).length === 0);
});

behaviour("cron-03", "with Replace the next ends the Job that runs", from.cronJobs, async () => {
  await cluster.ok("apply", cron("last", idle("c"), { concurrencyPolicy: "Replace", schedule: "@every 2s" }));
  const first = await eventually(async () => (await jobsOf("last"))[0]);
  await eventually(async () => {
    const now = await jobsOf("last");
    return now.length === 1 && now[0]?.metadata.uid !== first.metadata.uid;
  });
  await cluster.ok("delete", "cronjob", "last");
});

behaviour("cron-04", "create job --from makes a Job of it out of turn", from.cronJobs, async () => {
  await cluster.ok("apply", cron("yearly", sh("c", "exit 0"), { schedule: "0 0 1 1 *", suspend: true }));
  await cluster.ok("create", "job", "now", "--from=cronjob/yearly");
  const { metadata } = await cluster.finished("now");
  expect(metadata.annotations["cronjob.kubernetes.io/instantiate"]).toBe("manual");
  expect(await jobsOf("yearly")).toHaveLength(1);
});
