import { describe, expect, it } from "vitest";
import type { CronJobObject, JobObject } from "../../../src/manifest/index.ts";
import { reconcileCronJob } from "../../../src/workload/cron-job.ts";
import { nextTime } from "../../../src/workload/schedule.ts";
import { at, finite, START, workload } from "./support.ts";

const cron = (spec: object = {}, status: CronJobObject["status"] = {}): CronJobObject => ({
  ...workload<CronJobObject>("CronJob", { schedule: "*/5 * * * *", jobTemplate: { spec: finite }, ...spec }),
  status: status as NonNullable<CronJobObject["status"]>,
});
const decide = (object: CronJobObject, seconds: number, jobs: JobObject[] = []) =>
  reconcileCronJob({ cron: object, jobs, memory: undefined, clock: at(seconds), next: nextTime });
const time = (seconds: number) => `${new Date(START + seconds * 1000).toISOString().slice(0, 19)}Z`;

/** A Job of this CronJob, over or not. */
function job(name: string, end?: "Complete" | "Failed", startTime = time(0)): JobObject {
  const conditions = end ? [{ type: end, status: "True" }] : [];
  const object = workload<JobObject>("Job", finite, name);
  const annotations = { "batch.kubernetes.io/cronjob-scheduled-timestamp": startTime };
  return {
    ...object,
    metadata: { ...object.metadata, annotations },
    status: { conditions, startTime, ...(end === "Complete" ? { completionTime: startTime } : {}) },
  };
}

describe("the times of a schedule", () => {
  const following = (schedule: string, from: string, zone?: string) => {
    const next = nextTime(schedule, zone, Date.parse(from));
    return next === undefined ? undefined : new Date(next).toISOString().replace(".000", "");
  };
  it.each([
    ["*/15 * * * *", "2026-03-01T10:07:00Z", "2026-03-01T10:15:00Z"],
    ["5/20 * * * *", "2026-03-01T10:26:00Z", "2026-03-01T10:45:00Z"],
    ["0 8/6 * * *", "2026-03-01T20:00:00Z", "2026-03-02T08:00:00Z"],
    ["0 0 1,15 * *", "2026-03-01T00:00:00Z", "2026-03-15T00:00:00Z"],
    ["0 9 * * MON-FRI", "2026-03-06T09:00:00Z", "2026-03-09T09:00:00Z"],
    ["0 0 29 feb ?", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z"],
    ["0 12 13 * 5", "2026-03-01T00:00:00Z", "2026-03-06T12:00:00Z"],
    ["@hourly", "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z"],
    ["@weekly", "2026-03-02T10:00:00Z", "2026-03-08T00:00:00Z"],
    ["@every 1h30m", "2026-03-01T10:00:05Z", "2026-03-01T11:30:05Z"],
  ])("%s after %s is %s", (schedule, from, expected) => {
    expect(following(schedule, from, "Etc/UTC")).toBe(expected);
  });

  it("are those of the time zone, summer time and all", () => {
    expect(following("0 8 * * *", "2026-03-28T08:00:00Z", "Europe/Berlin")).toBe("2026-03-29T06:00:00Z");
    expect(following("0 8 * * *", "2026-03-27T08:00:00Z", "Europe/Berlin")).toBe("2026-03-28T07:00:00Z");
  });
});

describe("a CronJob", () => {
  it("makes nothing before its time, and says when that is", () => {
    const { create, requeueAt, status } = decide(cron(), 299);
    expect(create).toBeUndefined();
    expect(requeueAt).toBe(at(300).now);
    expect(status.lastScheduleTime).toBeUndefined();
  });

  it("makes a Job whose name and annotation follow from the time, not from when it was made", () => {
    const template = { metadata: { labels: { a: "b" }, annotations: { c: "d" } }, spec: finite };
    const { create, status, events } = decide(cron({ jobTemplate: template }), 310);
    expect(create?.metadata).toMatchObject({
      name: `web-${(START + 300_000) / 60_000}`,
      namespace: "default",
      labels: { a: "b" },
      annotations: { c: "d", "batch.kubernetes.io/cronjob-scheduled-timestamp": time(300) },
      ownerReferences: [{ kind: "CronJob", name: "web", uid: "uid-web", controller: true }],
    });
    expect(create?.spec.template.spec.containers[0]?.image).toBe("busybox");
    expect(status.lastScheduleTime).toBe(time(300));
    expect(events.map(({ reason }) => reason)).toEqual(["SuccessfulCreate"]);
  });

  it("makes each Job once", () => {
    expect(decide(cron({}, { lastScheduleTime: time(300) }), 310).create).toBeUndefined();
    expect(decide(cron({}, { lastScheduleTime: time(300) }), 600).create).toBeDefined();
  });

  it("makes only the latest of the times it has missed", () => {
    const { create } = decide(cron({}, { lastScheduleTime: time(300) }), 1510);
    expect(create?.metadata.name).toBe(`web-${(START + 1_500_000) / 60_000}`);
  });

  it("says so when it has missed very many, and still finds the latest", () => {
    const { create, events } = decide(cron({}, { lastScheduleTime: time(0) }), 300 * 1000 + 7);
    expect(create?.metadata.name).toBe(`web-${(START + 300_000_000) / 60_000}`);
    expect(events[0]).toMatchObject({ type: "Warning", reason: "TooManyMissedTimes" });
  });

  it("does not start after startingDeadlineSeconds", () => {
    const object = cron({ startingDeadlineSeconds: 20 }, { lastScheduleTime: time(0) });
    expect(decide(object, 319).create).toBeDefined();
    expect(decide(object, 320).create).toBeUndefined();
  });

  it("does nothing while it is suspended", () => {
    expect(decide(cron({ suspend: true }), 310)).toMatchObject({ requeueAt: undefined, remove: [] });
    expect(decide(cron({ suspend: true }), 310).create).toBeUndefined();
  });

  it.each([
    ["Allow", true, []],
    ["Forbid", false, []],
    ["Replace", true, ["web-running"]],
  ])("with %s beside a Job that runs", (concurrencyPolicy, makes, removes) => {
    const { create, remove, status } = decide(cron({ concurrencyPolicy }), 310, [job("web-running")]);
    expect(create !== undefined).toBe(makes);
    expect(remove).toEqual(removes);
    expect((status.active ?? []).map(({ name }) => name)).toEqual(removes.length > 0 ? [] : ["web-running"]);
  });

  it.each(["Forbid", "Replace"])("makes a Job with %s when none runs", (concurrencyPolicy) => {
    expect(decide(cron({ concurrencyPolicy }), 310, [job("old", "Complete")]).create).toBeDefined();
  });

  it("keeps three complete and one failed Job, or as many as it is told", () => {
    const jobs = [
      ...[1, 2, 3, 4, 5].map((n) => job(`good-${n}`, "Complete", time(n))),
      ...[1, 2, 3].map((n) => job(`bad-${n}`, "Failed", time(n))),
    ];
    expect(decide(cron(), 10, jobs).remove).toEqual(["good-1", "good-2", "bad-1", "bad-2"]);
    const none = cron({ successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 9 });
    expect(decide(none, 10, jobs).remove).toEqual(["good-1", "good-2", "good-3", "good-4", "good-5"]);
  });

  it("remembers the last success when its Job is gone", () => {
    const { status } = decide(cron(), 10, [job("good", "Complete", time(4))]);
    expect(status.lastSuccessfulTime).toBe(time(4));
    expect(decide(cron({}, status), 20).status.lastSuccessfulTime).toBe(time(4));
  });

  it("tells of a Job that it saw running and that is over now", () => {
    const ran = job("web-1", "Failed");
    const active = [{ name: "web-1", uid: ran.metadata.uid as string }];
    const { events, status } = decide(cron({}, { active }), 10, [ran]);
    expect(events.map(({ message }) => message)).toEqual(["Saw completed job: web-1, condition: Failed"]);
    expect(status.active).toBeUndefined();
    const gone = decide(cron({}, { active }), 10, []).events;
    expect(gone).toEqual([
      { type: "Normal", reason: "MissingJob", message: "Active job went missing: web-1" },
    ]);
  });

  it("tells once of what lasts, however often it is looked at", () => {
    const object = cron({ concurrencyPolicy: "Forbid" });
    const first = decide(object, 310, [job("web-running")]);
    expect(first.events.map(({ reason }) => reason)).toEqual(["JobAlreadyActive"]);
    const again = (seconds: number) =>
      reconcileCronJob({
        cron: object,
        jobs: [job("web-running")],
        memory: first.memory,
        clock: at(seconds),
        next: nextTime,
      });
    expect([again(311).events, again(311).memory]).toEqual([[], first.memory]);
    // The next of its times is held up as well.
    expect(again(601).events).toHaveLength(1);
  });

  it("is not held up by a Job that a person has made of it, and says that it did not", () => {
    const { metadata, ...made } = job("by-hand");
    const manual = { ...made, metadata: { ...metadata, annotations: {} } };
    const { create, events, status } = decide(cron({ concurrencyPolicy: "Forbid" }), 310, [manual]);
    expect(create).toBeDefined();
    expect(status.active).toBeUndefined();
    expect(events[0]).toEqual({
      type: "Warning",
      reason: "UnexpectedJob",
      message: "Saw a job that the controller did not create or forgot: by-hand",
    });
  });

  it.each([
    ["Europe/Berlin", "2026-01-01T01:05:00+01:00"],
    ["America/St_Johns", "2025-12-31T20:35:00-03:30"],
    ["Etc/UTC", "2026-01-01T00:05:00Z"],
    [undefined, "2026-01-01T00:05:00Z"],
  ])("writes the time of a Job as it is in %s", (timeZone, text) => {
    const zone = timeZone === undefined ? {} : { timeZone };
    const { create } = decide(cron(zone), 310);
    expect(create?.metadata.annotations?.["batch.kubernetes.io/cronjob-scheduled-timestamp"]).toBe(text);
  });
});
