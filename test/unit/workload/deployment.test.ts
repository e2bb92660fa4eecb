import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeploymentWorld } from "./deployment-world.ts";
import { ready } from "./support.ts";

describe("a Deployment", () => {
  it("makes a ReplicaSet whose name follows from the template, with the hash in selector and labels", () => {
    const world = new DeploymentWorld({ replicas: 3 });
    world.step();
    const [set] = world.sets;
    const hash = set?.metadata.labels?.["pod-template-hash"] ?? "";
    expect(hash).toMatch(/^[b-df-hj-np-tv-xz2-9]{10}$/);
    expect(set?.metadata.name).toBe(`web-${hash}`);
    expect(set?.spec).toMatchObject({
      replicas: 3,
      selector: { matchLabels: { app: "web", "pod-template-hash": hash } },
      template: { metadata: { labels: { app: "web", "pod-template-hash": hash } } },
    });
    expect(world.pods.map(({ labels }) => labels["pod-template-hash"])).toEqual([hash, hash, hash]);
    const again = new DeploymentWorld({ replicas: 3 });
    again.step();
    expect(again.sets[0]?.metadata.name).toBe(set?.metadata.name);
    expect(world.events).toEqual([`Scaled up replica set web-${hash} from 0 to 3`]);
  });

  it("is done nothing about when it is as it should be", () => {
    const world = new DeploymentWorld({ replicas: 2 });
    world.settle();
    const { write, discard, events } = world.deploy();
    expect([write, discard, events]).toEqual([[], [], []]);
  });

  it("goes from one image to the next and back, with revisions that only rise", () => {
    const world = new DeploymentWorld({ replicas: 2 });
    world.settle();
    world.image("two");
    world.settle();
    expect(world.images()).toEqual(["two 2"]);
    const first = world.sets.find(({ spec }) => spec.replicas === 0)?.metadata.name;
    world.image("one");
    world.settle();
    expect(world.images()).toEqual(["one 2"]);
    expect(world.sets.find(({ spec }) => spec.replicas === 2)?.metadata.name).toBe(first);
    expect(world.sets).toHaveLength(2);
    expect(world.deployment.metadata.annotations).toMatchObject({ "deployment.kubernetes.io/revision": "3" });
  });

  it("does not take the last serving pods away for new ones that never serve", () => {
    const world = new DeploymentWorld({ replicas: 4 });
    world.settle();
    world.image("broken");
    for (let i = 0; i < 20; i++) world.step();
    const serving = world.pods.filter(({ readySince }) => readySince !== undefined);
    expect(serving).toHaveLength(3);
    expect(world.pods).toHaveLength(5);
    world.image("mended");
    world.settle();
    expect(world.images()).toEqual(["mended 4"]);
  });

  it("takes broken old pods away no faster than new ones serve", () => {
    const world = new DeploymentWorld(
      { replicas: 4, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } },
      "broken",
    );
    world.step();
    world.image("mended");
    world.step();
    expect(world.images().sort()).toEqual(["broken 4", "mended 1"]);
    world.settle();
    expect(world.images()).toEqual(["mended 4"]);
  });

  it("rounds maxSurge up and maxUnavailable down, and never takes neither", () => {
    const world = new DeploymentWorld({ replicas: 2 });
    world.settle();
    world.image("two");
    world.step();
    expect(world.images().sort()).toEqual(["one 2", "two 1"]);
    const strict = new DeploymentWorld({
      replicas: 2,
      strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: "25%" } },
    });
    strict.settle();
    strict.image("two");
    strict.step();
    expect(strict.images()).toEqual(["one 1"]);
  });

  it("with Recreate makes nothing new before the last of the old has ended", () => {
    const world = new DeploymentWorld({ replicas: 2, strategy: { type: "Recreate" } });
    world.settle();
    world.image("two");
    world.deploy();
    expect(world.images()).toEqual([]);
    expect(world.sets).toHaveLength(1);
    world.pods = world.pods.map((pod) => ({ ...pod, terminating: true }));
    world.deploy();
    expect(world.sets).toHaveLength(1);
    world.pods = [];
    world.deploy();
    expect(world.images()).toEqual(["two 2"]);
  });

  it("holds changes of the template while it is paused, but scales", () => {
    const world = new DeploymentWorld({ replicas: 2 });
    world.settle();
    world.image("two");
    world.change({ paused: true, replicas: 3 });
    world.settle();
    expect(world.images()).toEqual(["one 3"]);
    expect(world.condition("Progressing")).toMatchObject({ status: "Unknown", reason: "DeploymentPaused" });
    world.change({ paused: undefined });
    world.settle();
    expect(world.images()).toEqual(["two 3"]);
  });

  it("keeps as many old ReplicaSets as revisionHistoryLimit says, the latest", () => {
    const world = new DeploymentWorld({ replicas: 1, revisionHistoryLimit: 2 });
    for (const image of ["one", "two", "three", "four", "five"]) {
      world.image(image);
      world.settle();
    }
    expect(world.sets.map(({ spec }) => spec.template.spec.containers[0]?.image).sort()).toEqual([
      "five",
      "four",
      "three",
    ]);
  });

  it("scales the parts of an update in proportion when it is scaled in its middle", () => {
    const world = new DeploymentWorld({
      replicas: 10,
      strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } },
    });
    world.settle();
    world.image("two");
    world.step();
    world.step();
    expect(world.images().sort()).toEqual(["one 8", "two 5"]);
    world.change({ replicas: 15 });
    world.deploy();
    expect(world.images().sort()).toEqual(["one 11", "two 7"]);
  });

  it("never goes beyond maxSurge or below maxUnavailable, whichever pods become ready when, and arrives", () => {
    fc.assert(
      fc.property(
        fc.record({
          replicas: fc.integer({ min: 1, max: 8 }),
          surge: fc.integer({ min: 0, max: 4 }),
          unavailable: fc.integer({ min: 0, max: 4 }),
          luck: fc.array(fc.boolean(), { minLength: 200, maxLength: 200 }),
        }),
        ({ replicas, surge, unavailable, luck }) => {
          const maxUnavailable = surge === 0 && unavailable === 0 ? 1 : unavailable;
          const strategy = { rollingUpdate: { maxSurge: surge, maxUnavailable } };
          const world = new DeploymentWorld({ replicas, strategy });
          world.settle();
          world.image("two");
          const chance = luck[Symbol.iterator]();
          for (let i = 0; i < 40; i++) {
            world.step();
            const available = world.pods.filter(({ readySince }) => readySince !== undefined).length;
            expect(world.pods.length).toBeLessThanOrEqual(replicas + surge);
            expect(available).toBeGreaterThanOrEqual(replicas - Math.min(maxUnavailable, replicas));
            world.pods = world.pods.map((pod) =>
              pod.readySince === undefined && chance.next().value ? ready(pod, i) : pod,
            );
          }
          world.settle();
          expect(world.images()).toEqual([`two ${replicas}`]);
          expect(world.pods).toHaveLength(replicas);
        },
      ),
      { numRuns: 25 },
    );
  });
});
