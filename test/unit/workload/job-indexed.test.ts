import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatIndexes, parseIndexes } from "../../../src/workload/indexes.ts";
import { indexOf } from "../../../src/workload/job-count.ts";
import { expectJob, JobWorld } from "./job-world.ts";
import { ended, START } from "./support.ts";

const INDEX = "batch.kubernetes.io/job-completion-index";
const indexed = (spec: object) => new JobWorld({ completionMode: "Indexed", ...spec });
const isIndex = (index: number) => (pod: Parameters<typeof indexOf>[0]) => indexOf(pod) === index;

describe("indexes", () => {
  it.each([
    [[], ""],
    [[3], "3"],
    [[0, 1], "0-1"],
    [[5, 0, 1, 2, 7], "0-2,5,7"],
  ])("%j are written %j", (list, text) => {
    expect(formatIndexes(list)).toBe(text);
    expect([...parseIndexes(text)]).toEqual([...list].sort((a, b) => a - b));
  });

  it("come back as they were written", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(60)), (list) => {
        expect([...parseIndexes(formatIndexes(list))]).toEqual([...list].sort((a, b) => a - b));
      }),
    );
  });
});

describe("an Indexed Job", () => {
  it("gives each pod its index: in its name, host name, label, annotation and environment", () => {
    const world = indexed({ completions: 2, parallelism: 2 });
    const [, pod] = world.decide().create;
    expect(pod?.metadata.name).toMatch(/^web-1-\d{5}$/);
    expect(pod?.metadata.labels).toMatchObject({ [INDEX]: "1" });
    expect(pod?.metadata.annotations).toMatchObject({ [INDEX]: "1" });
    expect(pod?.spec).toMatchObject({ hostname: "web-1" });
    expect(pod?.spec?.containers[0]?.env).toEqual([
      {
        name: "JOB_COMPLETION_INDEX",
        valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: `metadata.labels['${INDEX}']` } },
      },
    ]);
  });

  it("starts the lowest indexes first, and each until it has succeeded", () => {
    const world = indexed({ completions: 4, parallelism: 2 });
    world.step();
    expect(world.running.map(indexOf)).toEqual([0, 1]);
    world.end(0, isIndex(1));
    expect(world.running.map(indexOf)).toEqual([0, 2]);
    world.end(1, isIndex(0));
    world.until(10);
    expect(world.running.map(indexOf)).toEqual([2, 0]);
    world.end(0, isIndex(2));
    world.end(0, isIndex(0));
    expect(world.job.status?.completedIndexes).toBe("0-2");
    world.end(0, isIndex(3));
    expectJob(world, "Complete", "CompletionsReached");
    expect(world.job.status).toMatchObject({ completedIndexes: "0-3", succeeded: 4, failed: 1 });
  });

  it("gives up an index after backoffLimitPerIndex failures, and goes on with the others", () => {
    const world = indexed({ completions: 2, parallelism: 2, backoffLimitPerIndex: 1 });
    world.step();
    world.end(1, isIndex(0));
    world.until(10);
    expect(world.running.map(indexOf).sort()).toEqual([0, 1]);
    world.end(1, isIndex(0));
    world.until(1000);
    expect(world.running.map(indexOf)).toEqual([1]);
    expect(world.job.status?.failedIndexes).toBe("0");
    world.end(0, isIndex(1));
    expectJob(world, "Failed", "FailedIndexes");
  });

  it("lets no index wait for the back-off of another, with backoffLimitPerIndex", () => {
    const world = indexed({ completions: 4, parallelism: 2, backoffLimitPerIndex: 5 });
    world.step();
    world.end(1, isIndex(0));
    world.until(10);
    world.end(1, isIndex(0));
    expect(world.requeueAt).toBe(START + 30_000);
    world.end(0, isIndex(1));
    // Two may run: 0, which waits for its 20 s, and 2.
    expect(world.running.map(indexOf)).toEqual([2]);
    world.until(30);
    expect(world.running.map(indexOf)).toEqual([2, 0]);
    world.end(1, isIndex(2));
    world.until(35);
    world.end(1, isIndex(0));
    // Together they would wait longer.
    world.until(40);
    expect(world.running.map(indexOf)).toEqual([2]);
  });

  it("fails at once when more indexes have failed than maxFailedIndexes", () => {
    const world = indexed({ completions: 5, parallelism: 2, backoffLimitPerIndex: 0, maxFailedIndexes: 1 });
    world.step();
    world.end(1, isIndex(0));
    expect(world.condition("FailureTarget")).toBeUndefined();
    world.end(1, isIndex(1));
    world.pods = world.pods.filter(({ terminating }) => !terminating);
    world.step();
    expectJob(world, "Failed", "MaxFailedIndexesExceeded");
  });

  it("is complete when a rule of successPolicy is met, and ends the rest", () => {
    const successPolicy = { rules: [{ succeededIndexes: "0,2-3", succeededCount: 2 }] };
    const world = indexed({ completions: 5, parallelism: 5, successPolicy });
    world.step();
    world.end(0, isIndex(1));
    world.end(0, isIndex(2));
    expect(world.condition("SuccessCriteriaMet")).toBeUndefined();
    world.end(0, isIndex(3));
    expect(world.condition("SuccessCriteriaMet")).toMatchObject({ reason: "SuccessPolicy" });
    expect(world.removed).toBe(2);
    world.pods = world.pods.filter(({ terminating }) => !terminating);
    world.step();
    expectJob(world, "Complete", "SuccessPolicy");
    expect(world.job.status?.failed).toBeUndefined();
  });
});

describe("podFailurePolicy", () => {
  const rule = (action: string, code: number) => ({
    action,
    onExitCodes: { operator: "In", values: [code] },
  });
  const policy = (...rules: object[]) => ({ backoffLimit: 0, podFailurePolicy: { rules } });

  it("fails the Job at the first pod with a code that says there is no hope", () => {
    const world = new JobWorld({ ...policy(rule("FailJob", 42)), backoffLimit: 6 });
    world.step();
    const [pod] = world.running;
    world.end(42);
    expectJob(world, "Failed", "PodFailurePolicy");
    expect(world.condition("Failed")?.message).toBe(
      `Container c for pod default/${pod?.name} failed with exit code 42 matching FailJob rule at index 0`,
    );
  });

  it("does not count what it says to ignore", () => {
    const world = new JobWorld(policy(rule("Ignore", 7)));
    world.step();
    world.end(7);
    world.step();
    expect(world.job.status?.failed).toBeUndefined();
    expect(world.running).toHaveLength(1);
  });

  it("takes the first rule that matches, and counts what none matches", () => {
    const world = new JobWorld({ ...policy(rule("Count", 42), rule("FailJob", 42)), backoffLimit: 1 });
    world.step();
    world.end(42);
    expect(world.condition("FailureTarget")).toBeUndefined();
    world.until(100);
    world.end(3);
    expectJob(world, "Failed", "BackoffLimitExceeded");
  });

  it("looks at the containers that failed, not at those that ended well beside them", () => {
    const rules = [{ action: "FailJob", onExitCodes: { operator: "NotIn", values: [1] } }];
    const world = new JobWorld({ backoffLimit: 6, podFailurePolicy: { rules } });
    world.step();
    world.pods = world.pods.map((pod) => ({
      ...ended(pod, 1),
      exits: [
        { container: "a", code: 0 },
        { container: "c", code: 1 },
      ],
    }));
    world.step();
    expect(world.condition("FailureTarget")).toBeUndefined();
    expect(world.job.status?.failed).toBe(1);
  });

  it("sees conditions of the pod", () => {
    const onPodConditions = [{ type: "DisruptionTarget" }];
    const world = new JobWorld(policy({ action: "Ignore", onPodConditions }));
    world.step();
    world.pods = world.pods.map((pod) => ({
      ...pod,
      conditions: [{ type: "DisruptionTarget", status: "True" }],
    }));
    world.end(137);
    expect(world.job.status?.failed).toBeUndefined();
  });
});
