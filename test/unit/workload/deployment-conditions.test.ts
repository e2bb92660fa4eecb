import { describe, expect, it } from "vitest";
import { DeploymentWorld } from "./deployment-world.ts";
import { at } from "./support.ts";

describe("a Deployment", () => {
  it("shares its annotations with the ReplicaSet that is current, which remembers when it was before", () => {
    const world = new DeploymentWorld({ replicas: 1 });
    const annotate = (annotations: Record<string, string>) => {
      const { metadata } = world.deployment;
      world.deployment = {
        ...world.deployment,
        metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } },
      };
    };
    const annotationsOf = (image: string) =>
      world.sets.find(({ spec }) => spec.template.spec.containers[0]?.image === image)?.metadata.annotations;
    const applied = "kubectl.kubernetes.io/last-applied-configuration";
    annotate({ "kubernetes.io/change-cause": "first", team: "a", [applied]: "{}" });
    world.settle();
    expect(annotationsOf("one")).not.toHaveProperty([applied]);
    expect(annotationsOf("one")).toMatchObject({ "kubernetes.io/change-cause": "first", team: "a" });
    world.image("two");
    annotate({ team: "b" });
    world.settle();
    expect([annotationsOf("one")?.team, annotationsOf("two")?.team]).toEqual(["a", "b"]);
    world.image("one");
    world.settle();
    world.image("two");
    world.settle();
    world.image("one");
    world.settle();
    expect(annotationsOf("one")).toMatchObject({
      "deployment.kubernetes.io/revision": "5",
      "deployment.kubernetes.io/revision-history": "1,3",
    });
    expect(world.deployment.metadata.annotations).not.toHaveProperty(
      "deployment.kubernetes.io/revision-history",
    );
  });

  it("has no deadline once its rollout is complete, whatever becomes of its pods and however it is scaled", () => {
    const world = new DeploymentWorld({ replicas: 2, progressDeadlineSeconds: 60 });
    world.settle();
    const before = world.condition("Progressing");
    expect(before?.reason).toBe("NewReplicaSetAvailable");
    world.seconds = 10;
    world.pods = world.pods.map(({ readySince: _, ...pod }) => pod);
    world.step();
    world.change({ replicas: 3 });
    world.step();
    world.seconds = 1000;
    world.step();
    expect(world.deploy().requeueAt).toBeUndefined();
    expect(world.condition("Available")?.status).toBe("False");
    expect(world.condition("Progressing")).toEqual(before);
  });

  it("keeps saying that it has exceeded its deadline while it is paused, and has none with the largest number", () => {
    const world = new DeploymentWorld({ replicas: 1, progressDeadlineSeconds: 60 });
    world.step();
    world.step();
    world.seconds = 61;
    world.step();
    world.change({ paused: true });
    world.step();
    expect(world.condition("Progressing")?.reason).toBe("ProgressDeadlineExceeded");
    const without = new DeploymentWorld({ replicas: 1, progressDeadlineSeconds: 2147483647 });
    without.settle();
    expect(without.condition("Progressing")).toBeUndefined();
  });

  it("says what its ReplicaSets cannot make, the current one before all others", () => {
    const world = new DeploymentWorld({ replicas: 2 });
    world.settle();
    const fail = (image: string, message: string) => {
      const type = "ReplicaFailure";
      const condition = { type, status: "True", reason: "FailedCreate", message };
      const isOf = (set: (typeof world.sets)[number]) =>
        set.spec.template.spec.containers[0]?.image === image;
      world.sets = world.sets.map((set) =>
        isOf(set) ? { ...set, status: { replicas: 0, conditions: [condition] } } : set,
      );
    };
    fail("one", "no room");
    world.step();
    expect(world.condition("ReplicaFailure")).toMatchObject({ status: "True", message: "no room" });
    world.image("two");
    world.step();
    fail("two", "no name");
    world.step();
    expect(world.condition("ReplicaFailure")).toMatchObject({ reason: "FailedCreate", message: "no name" });
    world.sets = world.sets.map(({ status: _, ...set }) => set);
    world.step();
    expect(world.condition("ReplicaFailure")).toBeUndefined();
  });

  it("says when it has the minimum available, and when it has not", () => {
    const world = new DeploymentWorld({ replicas: 2 });
    world.step();
    expect(world.condition("Available")).toMatchObject({
      status: "False",
      reason: "MinimumReplicasUnavailable",
    });
    expect(world.condition("Progressing")).toMatchObject({ status: "True", reason: "NewReplicaSetCreated" });
    world.allReady();
    world.step();
    expect(world.condition("Available")).toMatchObject({
      status: "True",
      reason: "MinimumReplicasAvailable",
    });
    expect(world.condition("Progressing")?.reason).toBe("NewReplicaSetAvailable");
  });

  it("gives up the progress that does not come, and takes it up again when it does", () => {
    const world = new DeploymentWorld({ replicas: 2, progressDeadlineSeconds: 60 });
    world.step();
    world.seconds = 1;
    world.step();
    const { requeueAt } = world.deploy();
    expect(requeueAt).toBeGreaterThan(at(1).now);
    expect(requeueAt).toBeLessThanOrEqual(at(61).now);
    world.seconds = 62;
    world.step();
    expect(world.condition("Progressing")).toMatchObject({
      status: "False",
      reason: "ProgressDeadlineExceeded",
    });
    world.allReady();
    world.step();
    expect(world.condition("Progressing")?.reason).toBe("NewReplicaSetAvailable");
  });
});
