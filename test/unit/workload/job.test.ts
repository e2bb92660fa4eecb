import { describe, expect, it } from "vitest";
import { expectJob, JobWorld } from "./job-world.ts";
import { at, ended, ready } from "./support.ts";

describe("a Job", () => {
  it("runs as many pods at once as parallelism says, until there are as many successes as completions", () => {
    const world = new JobWorld({ completions: 5, parallelism: 2 });
    world.step();
    expect(world.running).toHaveLength(2);
    world.end(0);
    expect(world.job.status).toMatchObject({ succeeded: 1, active: 2 });
    for (let i = 0; i < 3; i++) world.end(0);
    expect(world.running).toHaveLength(1);
    world.end(0);
    expectJob(world, "Complete", "CompletionsReached");
    expect(world.job.status).toMatchObject({ succeeded: 5 });
    expect(world.made).toBe(5);
    expect(world.events.at(-1)).toBe("Completed: Job completed");
  });

  it("labels its pods so that it and others find them", () => {
    const world = new JobWorld();
    const [pod] = world.decide().create;
    expect(pod?.metadata.labels).toMatchObject({
      "batch.kubernetes.io/job-name": "web",
      "batch.kubernetes.io/controller-uid": "uid-web",
      "job-name": "web",
      "controller-uid": "uid-web",
    });
  });

  it("counts each pod once, however often it is looked at, and also after the pod is gone", () => {
    const world = new JobWorld({ completions: 3, parallelism: 1 });
    world.step();
    world.end(0);
    for (let i = 0; i < 5; i++) world.step();
    expect(world.job.status?.succeeded).toBe(1);
    world.pods = world.pods.filter(({ phase }) => phase !== "Succeeded");
    world.step();
    expect(world.job.status?.succeeded).toBe(1);
  });

  it("waits longer after each failure, and starts anew at once after a success", () => {
    const world = new JobWorld({ completions: 3, parallelism: 1 });
    world.step();
    world.end(1);
    expect(world.running).toHaveLength(0);
    expect(world.requeueAt).toBe(at(10).now);
    world.until(10);
    expect(world.running).toHaveLength(1);
    world.end(1);
    world.until(29);
    expect(world.running).toHaveLength(0);
    world.until(30);
    expect(world.running).toHaveLength(1);
    world.end(0);
    expect(world.running).toHaveLength(1);
    world.end(1);
    expect(world.requeueAt).toBe(at(40).now);
  });

  it("fails when more pods have failed than backoffLimit allows", () => {
    const world = new JobWorld({ backoffLimit: 1 });
    world.step();
    world.end(1);
    world.until(100);
    world.end(1);
    expectJob(world, "Failed", "BackoffLimitExceeded");
    expect(world.job.status?.failed).toBe(2);
    world.until(1000);
    expect(world.made).toBe(2);
  });

  it("takes restarts inside a pod for failures with OnFailure", () => {
    const world = new JobWorld({ backoffLimit: 2 }, "OnFailure");
    world.step();
    world.pods = world.pods.map((pod) => ({ ...ready(pod), restarts: 1 }));
    world.step();
    expect(world.running).toHaveLength(1);
    world.pods = world.pods.map((pod) => ({ ...pod, restarts: 2 }));
    world.step();
    expect(world.condition("FailureTarget")?.reason).toBe("BackoffLimitExceeded");
    expect(world.condition("Failed")).toBeUndefined();
    world.step();
    expectJob(world, "Failed", "BackoffLimitExceeded");
  });

  it("ends its pods at the deadline, and is failed when they have ended", () => {
    const world = new JobWorld({ activeDeadlineSeconds: 30 });
    world.step();
    expect(world.requeueAt).toBe(at(30).now);
    world.until(30);
    expect(world.removed).toBe(1);
    expect(world.condition("Failed")).toBeUndefined();
    world.pods = world.pods.map((pod) => ended({ ...pod, terminating: false }, 143, 30));
    world.step();
    expectJob(world, "Failed", "DeadlineExceeded");
    expect(world.job.status?.failed).toBe(1);
  });

  it("takes a pod that somebody removed for a failure, but not one whose making was interrupted", () => {
    const world = new JobWorld();
    world.step();
    world.pods = world.pods.map((pod) => ({ ...pod, unmade: true }));
    world.step();
    world.pods = [];
    world.step();
    expect(world.job.status?.failed).toBeUndefined();
    expect(world.running).toHaveLength(1);
    world.step();
    world.pods = [];
    world.step();
    expect(world.job.status?.failed).toBe(1);
  });

  it.each([
    ["Never", 1],
    ["OnFailure", undefined],
  ])("with %s counts a pod that a restart of the machine has ended as %s failures", (policy, failed) => {
    const world = new JobWorld({}, policy);
    world.step();
    world.pods = world.pods.map((pod) => ({ ...ended(pod, 137), lost: true }));
    world.step();
    expect(world.job.status?.failed).toBe(failed);
    world.until(100);
    expect(world.running).toHaveLength(1);
  });

  it("ends its pods while it is suspended, without counting them, and its deadline starts anew", () => {
    const world = new JobWorld({ activeDeadlineSeconds: 30 });
    world.step();
    world.change({ suspend: true });
    world.step();
    expect(world.removed).toBe(1);
    world.pods = [];
    world.step();
    expect(world.condition("Suspended")).toMatchObject({ status: "True", reason: "JobSuspended" });
    expect(world.job.status?.startTime).toBeUndefined();
    world.until(100);
    world.change({ suspend: false });
    world.step();
    expect(world.condition("Suspended")).toMatchObject({ status: "False", reason: "JobResumed" });
    expect(world.running).toHaveLength(1);
    expect(world.job.status).toMatchObject({ startTime: "2026-01-01T00:01:40Z" });
    expect(world.job.status?.failed).toBeUndefined();
  });

  it("goes when its time to live after its end is over", () => {
    const world = new JobWorld({ ttlSecondsAfterFinished: 60 });
    world.step();
    world.end(0);
    expect(world.requeueAt).toBe(at(60).now);
    world.until(59);
    expect(world.expired).toBe(false);
    world.until(60);
    expect(world.expired).toBe(true);
  });

  it("replaces a pod on its way out at once, or with podReplacementPolicy Failed when it has ended", () => {
    for (const [policy, made] of [
      ["TerminatingOrFailed", 2],
      ["Failed", 1],
    ] as const) {
      const world = new JobWorld({ podReplacementPolicy: policy });
      world.step();
      world.pods = world.pods.map((pod) => ({ ...pod, terminating: true }));
      world.until(100);
      world.until(200);
      expect(world.made, policy).toBe(made);
    }
  });

  it("is done when a queue of work is empty: one success, and nobody runs any more", () => {
    const world = new JobWorld({ parallelism: 3 });
    world.step();
    expect(world.running).toHaveLength(3);
    world.end(0);
    expect(world.running).toHaveLength(2);
    expect(world.condition("Complete")).toBeUndefined();
    world.end(0);
    world.end(0);
    expectJob(world, "Complete", "CompletionsReached");
  });

  it("takes away what is too much when parallelism shrinks, and does not count that as failures", () => {
    const world = new JobWorld({ completions: 9, parallelism: 3 });
    world.step();
    world.change({ parallelism: 1 });
    world.step();
    expect(world.removed).toBe(2);
    world.pods = world.pods.map((pod) =>
      pod.terminating ? ended({ ...pod, terminating: false }, 143) : pod,
    );
    world.step();
    expect(world.job.status?.failed).toBeUndefined();
    expect(world.running).toHaveLength(1);
  });
});
