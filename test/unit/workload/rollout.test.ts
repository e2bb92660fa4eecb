import { expect, it } from "vitest";
import type { ReplicaSetObject } from "../../../src/manifest/index.ts";
import type { CountedSet } from "../../../src/workload/revision-sets.ts";
import { rollStep, scaleStep } from "../../../src/workload/rollout.ts";
import { lasting, workload } from "./support.ts";

function counted(revision: number, wanted: number, available: number): CountedSet {
  const set = workload<ReplicaSetObject>("ReplicaSet", lasting());
  const annotations = { "deployment.kubernetes.io/revision": String(revision) };
  const metadata = { ...set.metadata, annotations };
  return {
    set: { ...set, metadata },
    wanted,
    available,
    active: available,
    ready: available,
    alive: available,
  };
}

it("takes no more old pods away before those have gone that were to go already", () => {
  const [current, old] = [counted(2, 3, 0), counted(1, 7, 10)];
  rollStep(current, [old], { replicas: 10, maxSurge: 3, maxUnavailable: 2 });
  expect([current.wanted, old.wanted]).toEqual([6, 7]);
});

it("of parts of one size lets the newest grow and the oldest shrink", () => {
  const scaled = (replicas: number) => {
    const [current, old] = [counted(2, 2, 2), counted(1, 2, 2)];
    scaleStep(current, [old], { replicas, maxSurge: 0, maxUnavailable: 1 }, true);
    return [current.wanted, old.wanted];
  };
  expect(scaled(3)).toEqual([2, 1]);
  expect(scaled(5)).toEqual([3, 2]);
});
