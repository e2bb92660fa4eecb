import { expect, it } from "vitest";
import type { Host } from "../../../src/runtime/host.ts";
import { Operations } from "../../../src/workload/operations.ts";
import { reconcileReplicaSet } from "../../../src/workload/replica-set.ts";
import { at, lasting, random, seen, workload } from "./support.ts";

it("takes a pod that its removal has left behind for one on its way out, and tries again some seconds later", async () => {
  let seconds = 0;
  const clock = () => at(seconds);
  const host = { now: () => new Date(clock().now), seconds: clock().seconds } as Host;
  const operations = new Operations(host);
  const [made] = reconcileReplicaSet(workload("ReplicaSet", lasting()), [], clock(), random).create;
  const pod = seen(made as never);
  let removals = 0;
  const remove = async () => {
    operations.remove(pod.uid, async () => {
      removals++;
      throw new Error("busy");
    });
    await operations.settled();
  };
  const isGoing = () => operations.complete([pod])[0]?.terminating;
  await remove();
  await remove();
  expect([removals, isGoing()]).toEqual([1, true]);
  seconds = 5;
  expect(isGoing()).toBe(false);
  await remove();
  expect([removals, isGoing()]).toEqual([2, true]);
  operations.complete([]);
  expect(isGoing()).toBe(false);
});
