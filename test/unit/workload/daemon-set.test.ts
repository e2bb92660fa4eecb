import { describe, expect, it } from "vitest";
import type { DaemonSetObject } from "../../../src/manifest/index.ts";
import { reconcileDaemonSet } from "../../../src/workload/daemon-set.ts";
import type { PodSummary } from "../../../src/workload/pod-summary.ts";
import type { RevisionMemory } from "../../../src/workload/revisions.ts";
import { at, ended, lasting, random, ready, seen, workload } from "./support.ts";

const set = (spec: object = {}, image = "one"): DaemonSetObject =>
  workload("DaemonSet", { ...lasting(image), ...spec });

function decide(object: DaemonSetObject, pods: PodSummary[] = [], memory?: RevisionMemory) {
  return reconcileDaemonSet({ set: object, pods, memory, clock: at(0), random, node: "here" });
}

function running(object: DaemonSetObject) {
  const { create, memory } = decide(object);
  const pod = ready(seen(create[0] as never));
  return { pod, memory: memory as RevisionMemory };
}

describe("a DaemonSet", () => {
  it("has one pod, because there is one machine", () => {
    const object = set();
    expect(decide(object).create).toHaveLength(1);
    const { pod, memory } = running(object);
    const { create, remove, status } = decide(object, [pod], memory);
    expect([create, remove]).toEqual([[], []]);
    expect(status).toMatchObject({
      desiredNumberScheduled: 1,
      currentNumberScheduled: 1,
      numberReady: 1,
      updatedNumberScheduled: 1,
      numberAvailable: 1,
    });
  });

  it("removes a pod that failed, and makes another", () => {
    const object = set();
    const { pod, memory } = running(object);
    const { create, remove, events } = decide(object, [ended(pod, 1)], memory);
    expect(create).toHaveLength(1);
    expect(remove).toHaveLength(1);
    expect(events[0]?.message).toBe(
      `Found failed daemon pod default/${pod.name} on node here, will try to kill it`,
    );
    expect(decide(object, [ended(pod, 0)], memory).events[0]).toEqual({
      type: "Normal",
      reason: "SucceededDaemonPod",
      message: `Found succeeded daemon pod default/${pod.name} on node here, will try to delete it`,
    });
  });

  it("ends the old pod before it makes the new one when its template changes", () => {
    const { pod, memory } = running(set());
    const changed = set({}, "two");
    const first = decide(changed, [pod], memory);
    expect(first.create).toEqual([]);
    expect(first.remove).toEqual([{ uid: pod.uid, reason: "replaced" }]);
    const going = decide(changed, [{ ...pod, terminating: true }], memory);
    expect([going.create, going.remove]).toEqual([[], []]);
    expect(decide(changed, [], memory).create).toHaveLength(1);
  });

  it("keeps the old pod until the new one serves, with maxSurge", () => {
    const surge = { updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } };
    const { pod, memory } = running(set(surge));
    const changed = set(surge, "two");
    const first = decide(changed, [pod], memory);
    expect(first.remove).toEqual([]);
    const next = seen(first.create[0] as never);
    expect(decide(changed, [pod, next], memory)).toMatchObject({ create: [], remove: [] });
    expect(decide(changed, [pod, ready(next)], memory).remove.map(({ uid }) => uid)).toEqual([pod.uid]);
  });

  it("leaves the old pod alone with OnDelete", () => {
    const { pod, memory } = running(set({ updateStrategy: { type: "OnDelete" } }));
    const { create, remove, status } = decide(
      set({ updateStrategy: { type: "OnDelete" } }, "two"),
      [pod],
      memory,
    );
    expect([create, remove]).toEqual([[], []]);
    expect(status).not.toHaveProperty("updatedNumberScheduled");
  });
});
