import { describe, expect, it } from "vitest";
import type { ReplicaSetObject } from "../../../src/manifest/index.ts";
import type { PodSummary } from "../../../src/workload/pod-summary.ts";
import { reconcileReplicaSet } from "../../../src/workload/replica-set.ts";
import { byWorth } from "../../../src/workload/victims.ts";
import { at, lasting, names, random, ready, seen, workload } from "./support.ts";

const set = (replicas: number, spec: object = {}): ReplicaSetObject =>
  workload("ReplicaSet", { ...lasting(), replicas, ...spec });
const step = (object: ReplicaSetObject, pods: Parameters<typeof reconcileReplicaSet>[1] = [], seconds = 0) =>
  reconcileReplicaSet(object, pods, at(seconds), random);
const pods = (count: number) => step(set(count)).create.map((pod) => seen(pod));

describe("a ReplicaSet", () => {
  it("makes the pods that are missing, owned and labelled, and says so", () => {
    const { create, remove, events } = step(set(2));
    expect(remove).toEqual([]);
    expect(names(create).every((name) => /^web-\d{5}$/.test(name))).toBe(true);
    expect(create[0]?.metadata).toMatchObject({
      generateName: "web-",
      labels: { app: "web" },
      ownerReferences: [
        { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "uid-web", controller: true },
      ],
    });
    expect(events.map(({ message }) => message)).toEqual(names(create).map((name) => `Created pod: ${name}`));
  });

  it("does nothing when there are as many as it wants", () => {
    expect(step(set(2), pods(2))).toMatchObject({ create: [], remove: [], events: [] });
  });

  it.each([
    ["ended", { phase: "Failed" as const }],
    ["on its way out", { terminating: true }],
    ["labelled out of the selector", { labels: { app: "other" } }],
  ])("replaces a pod that is %s, and does not remove it", (_, change) => {
    const [one, two] = pods(2);
    const { create, remove, status } = step(set(2), [
      one as never,
      { ...(two as never as object), ...change } as never,
    ]);
    expect(create).toHaveLength(1);
    expect(remove).toEqual([]);
    expect(status.replicas).toBe(1);
  });

  it("replaces what a restart of the machine has ended, and takes it away", () => {
    const [one, two] = pods(2);
    const lost = { ...two, phase: "Failed", lost: true };
    const { create, remove } = step(set(2), [one, lost] as never);
    expect(create).toHaveLength(1);
    expect(remove.map(({ uid }) => uid)).toEqual([two?.uid]);
  });

  it("has the condition ReplicaFailure for as long as a pod that it wants cannot be made", () => {
    const failing = (object: ReplicaSetObject, there: ReturnType<typeof pods>, seconds: number) =>
      reconcileReplicaSet(object, there, at(seconds), random, "no room").status.conditions;
    const [one, two] = pods(2) as [PodSummary, PodSummary];
    const first = failing(set(2), [one], 1);
    expect(first).toEqual([
      {
        type: "ReplicaFailure",
        status: "True",
        reason: "FailedCreate",
        message: "no room",
        lastTransitionTime: "2026-01-01T00:00:01Z",
      },
    ]);
    const before = { ...set(2), status: { replicas: 1, conditions: first as never } };
    // The next try is on its way.
    expect(failing(before, [one, { ...two, uid: "" }], 2)).toEqual(first);
    expect(failing(before, [one, two], 3)).toBeUndefined();
    expect(step(before, [one], 3).status.conditions).toBeUndefined();
  });

  it("does not count a pod that is being made among its replicas, nor makes another", () => {
    const { create, status } = step(
      set(1),
      pods(1).map((pod) => ({ ...pod, uid: "" })),
    );
    expect([create, status]).toEqual([[], { replicas: 0, observedGeneration: 1 }]);
  });

  it("never gives a name twice", () => {
    const first = pods(1);
    let calls = 0;
    const sticky = () => (calls++ < 3 ? (first[0]?.name.slice(-5) ?? "") : random());
    const { create } = reconcileReplicaSet(set(2), first, at(0), sticky);
    expect(names(create)).not.toContain(first[0]?.name);
  });

  it("cuts its own name so that the pod's is a host name", () => {
    const long = workload<ReplicaSetObject>("ReplicaSet", lasting(), "a".repeat(80));
    expect(names(step(long).create)[0]).toMatch(/^a{58}\d{5}$/);
  });

  it("counts a pod as available when it has been ready for minReadySeconds, and looks again then", () => {
    const object = set(1, { minReadySeconds: 10 });
    const [pod] = pods(1).map((one) => ready(one, 5));
    const before = step(object, [pod as never], 14);
    expect(before.status).toMatchObject({ readyReplicas: 1 });
    expect(before.status).not.toHaveProperty("availableReplicas");
    expect(before.requeueAt).toBe(at(15).now);
    const after = step(object, [pod as never], 15);
    expect(after.status).toMatchObject({ readyReplicas: 1, availableReplicas: 1 });
    expect(after.requeueAt).toBeUndefined();
  });
});

describe("what a ReplicaSet takes away first", () => {
  const [pod] = pods(1);
  const make = (name: string, change: object) => ({ ...ready(pod as never), name, uid: name, ...change });
  it.each([
    ["what does not run", { phase: "Pending" }, {}],
    ["what is not ready", { readySince: undefined }, {}],
    ["what costs less", {}, { annotations: { "controller.kubernetes.io/pod-deletion-cost": "5" } }],
    ["what became ready later", { readySince: at(9).now }, {}],
    ["what has restarted more", { restarts: 2 }, { restarts: 1 }],
    ["what is younger", { createdAt: at(9).now }, {}],
  ])("is %s", (_, victim, other) => {
    const list = [make("keep", other), make("take", victim)];
    expect(byWorth(list as never).map(({ name }) => name)).toEqual(["take", "keep"]);
    expect(step(set(1), list as never).remove.map(({ uid }) => uid)).toEqual(["take"]);
  });
});
