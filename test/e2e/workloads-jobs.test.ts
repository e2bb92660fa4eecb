import { describe, expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";
import { documents, pods, stored, workload } from "./support/workloads.ts";

const tspod = scenario();
/** Minutes of a Job's life pass in seconds. */
const FAST = { env: { TSPOD_SPEED: "20" } };
const job = (script: string, spec: object = {}, restartPolicy = "Never") =>
  workload("Job", "count", {
    ...spec,
    template: { spec: { restartPolicy, terminationGracePeriodSeconds: 1, containers: [sh("c", script)] } },
  });
const condition = async (type: string) =>
  await eventually(
    async () => {
      const { status } = await stored(tspod, "job", "count");
      // biome-ignore lint/suspicious/noExplicitAny: a document that tests look into
      return status?.conditions?.some((one: any) => one.type === type && one.status === "True") && status;
    },
    { what: `the condition ${type}` },
  );

describe("a Job in the foreground", () => {
  it("prints what its pods print, ends with 0 when it is complete, and leaves nothing", async () => {
    const script = "echo index $JOB_COMPLETION_INDEX on $(hostname)";
    const spec = { completions: 2, completionMode: "Indexed" };
    const { code, stdout } = await tspod.run(["run", tspod.manifest(job(script, spec))]);
    expect([code, stdout]).toEqual([0, "c | index 0 on count-0\nc | index 1 on count-1\n"]);
    expect(await tspod.ok(["get", "jobs"])).toBe("");
  });

  it("tries again with a new pod, and ends with the exit code of the last when it gives up", async () => {
    const file = tspod.manifest(job("echo tried; exit 7", { backoffLimit: 1 }));
    const { code, stdout, stderr } = await tspod.run(["run", file], FAST);
    expect([code, stdout]).toEqual([7, "c | tried\nc | tried\n"]);
    expect(stderr).toContain("Job has reached the specified backoff limit");
  });

  it("restarts the container of the same pod with OnFailure", async () => {
    const script = "test -e /v/seen && echo again && exit 0; touch /v/seen; echo first; exit 1";
    const container = sh("c", script, { volumeMounts: [{ name: "v", mountPath: "/v" }] });
    const pod = {
      restartPolicy: "OnFailure",
      containers: [container],
      volumes: [{ name: "v", emptyDir: {} }],
    };
    const file = tspod.manifest(workload("Job", "count", { template: { spec: pod } }));
    const { code, stdout } = await tspod.run(["run", file], FAST);
    expect([code, stdout]).toEqual([0, "c | first\nc | again\n"]);
  });

  it("is stopped by a signal, with its pods", async () => {
    const template = { spec: { restartPolicy: "Never", containers: [idle("c")] } };
    const command = tspod.start(["run", tspod.manifest(workload("Job", "count", { template }))]);
    await eventually(async () => (await pods(tspod))[0]?.status.phase === "Running");
    command.kill("SIGINT");
    expect((await command.outcome()).code).toBe(130);
    expect(await pods(tspod)).toEqual([]);
  });

  it("does not share the foreground with what never ends", async () => {
    const template = { metadata: { labels: { app: "a" } }, spec: { containers: [idle("c")] } };
    const other = workload("Deployment", "a", { selector: { matchLabels: { app: "a" } }, template });
    const { code, stderr } = await tspod.run(["run", tspod.manifest(documents(job("true"), other))]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('Deployment "a" cannot run in the foreground'),
    ]);
  });
});

describe("a Job in the background", () => {
  it("runs to its end without the command, and is shown as kubectl shows it", async () => {
    const file = tspod.manifest(job("echo done", { completions: 3, parallelism: 2 }));
    expect(await tspod.ok(["run", "-d", file])).toBe("job.batch/count created\n");
    const status = await condition("Complete");
    expect(status).toMatchObject({ succeeded: 3, ready: 0, terminating: 0 });
    expect(await tspod.ok(["get", "jobs"])).toMatch(
      /^NAME {4}STATUS {5}COMPLETIONS {3}DURATION {3}AGE\ncount {3}Complete {3}3\/3 {11}\S+ +\S+\n$/,
    );
    const made = await pods(tspod);
    expect(made.map(({ status: { phase } }) => phase)).toEqual(["Succeeded", "Succeeded", "Succeeded"]);
    expect(await tspod.ok(["logs", made[0]?.metadata.name ?? ""])).toBe("done\n");
    expect(await tspod.ok(["describe", "job", "count"])).toContain(
      "0 Active (0 Ready) / 3 Succeeded / 0 Failed",
    );
    await tspod.ok(["delete", "job", "count"]);
    expect(await pods(tspod)).toEqual([]);
  });

  it("is waited for with its verdict", async () => {
    const good = await tspod.run(["run", "-d", "--wait", tspod.manifest(job("true"))], FAST);
    expect(good.code).toBe(0);
    const file = tspod.manifest(job("exit 3", { backoffLimit: 0 }));
    const bad = await tspod.run(["run", "-d", "--replace", "--wait", file], FAST);
    expect(bad.code).toBe(1);
    expect((await condition("Failed")).failed).toBe(1);
    await tspod.ok(["delete", "job", "count"]);
  });

  it("ends at its deadline, and goes with its pods when its time to live is over", async () => {
    const spec = { activeDeadlineSeconds: 20, ttlSecondsAfterFinished: 40 };
    await tspod.ok(["run", "-d", tspod.manifest(job("trap exit TERM; sleep 3600 & wait", spec))], FAST);
    const status = await condition("Failed");
    expect(status.conditions).toContainEqual(
      expect.objectContaining({ type: "Failed", reason: "DeadlineExceeded" }),
    );
    await eventually(async () => (await tspod.ok(["get", "jobs", "-o", "name"])) === "");
    await eventually(async () => (await pods(tspod)).length === 0);
  });

  it("says that a Job is not changed but made anew", async () => {
    await tspod.ok(["apply", tspod.manifest(job("true"))]);
    const { code, stderr } = await tspod.run(["apply", tspod.manifest(job("false"))]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/Job "count" is invalid: spec.template: Invalid value: .*: field is immutable/);
    await tspod.ok(["delete", "job", "count"]);
  });
});

describe("a CronJob", () => {
  it("makes Jobs by its schedule, shows them, and takes them with it", async () => {
    const template = { spec: { restartPolicy: "Never", containers: [sh("c", "echo tick")] } };
    const spec = {
      schedule: "@every 1s",
      successfulJobsHistoryLimit: 1,
      jobTemplate: { spec: { template } },
    };
    expect(await tspod.ok(["apply", tspod.manifest(workload("CronJob", "tick", spec))])).toBe(
      "cronjob.batch/tick created\n",
    );
    const name = await eventually(
      async () => /^job\.batch\/(tick-\d+)$/m.exec(await tspod.ok(["get", "jobs", "-o", "name"]))?.[1],
    );
    expect(Number(name.slice("tick-".length))).toBeCloseTo(Date.now() / 60_000, -1);
    await eventually(async () => (await stored(tspod, "cj", "tick")).status.lastSuccessfulTime !== undefined);
    expect(await tspod.ok(["get", "cj"])).toMatch(
      /^NAME {3}SCHEDULE {4}TIMEZONE {3}SUSPEND {3}ACTIVE {3}LAST SCHEDULE {3}AGE\ntick {3}@every 1s {3}<none> {5}False {5}\d {8}\S+ +\S+\n$/,
    );
    await tspod.ok(["delete", "cronjob", "tick"]);
    expect(await tspod.ok(["get", "jobs"])).toBe("");
    expect(await pods(tspod)).toEqual([]);
  });
});
