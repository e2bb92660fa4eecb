import { describe, expect, it } from "vitest";
import type { StatefulSetObject } from "../../../src/manifest/index.ts";
import type { PodSummary } from "../../../src/workload/pod-summary.ts";
import type { RevisionMemory } from "../../../src/workload/revisions.ts";
import { reconcileStatefulSet } from "../../../src/workload/stateful-set.ts";
import { at, ended, lasting, ready, seen, workload } from "./support.ts";

class World {
  set: StatefulSetObject;
  pods: PodSummary[] = [];
  claims: string[] = [];
  memory: RevisionMemory | undefined;
  made: string[] = [];

  constructor(spec: object = {}) {
    this.set = workload("StatefulSet", { ...lasting("one"), serviceName: "peers", ...spec });
  }

  change(spec: object): void {
    this.set = { ...this.set, spec: { ...this.set.spec, ...spec } };
  }

  image(image: string): void {
    const { spec } = workload<StatefulSetObject>("StatefulSet", lasting(image));
    this.change({ template: spec.template });
  }

  decide(seconds = 0) {
    const { set, pods, claims, memory } = this;
    return reconcileStatefulSet({ set, pods, claims, memory, clock: at(seconds) });
  }

  step(): void {
    const { create, remove, status, memory, claims = [], releaseClaims = [] } = this.decide();
    const gone = new Set(remove.map(({ uid }) => uid));
    this.pods = this.pods.filter(({ uid }) => !gone.has(uid));
    for (const pod of create) {
      this.pods.push(seen(pod, { annotations: { image: pod.spec?.containers[0]?.image ?? "" } }));
      this.made.push(pod.metadata.name);
    }
    this.claims = [...new Set([...this.claims, ...claims.map(({ metadata }) => metadata.name)])].filter(
      (name) => !releaseClaims.includes(name),
    );
    this.set = { ...this.set, status };
    this.memory = memory as RevisionMemory;
  }

  settle(): void {
    for (let i = 0; i < 30; i++) {
      this.step();
      this.pods = this.pods.map((pod) => (pod.readySince === undefined ? ready(pod) : pod));
    }
  }

  get names(): string[] {
    return this.pods.map(({ name }) => name).sort();
  }

  images(): string[] {
    return this.pods.map(({ name, annotations }) => `${name} ${annotations.image}`).sort();
  }
}

const CLAIM = {
  metadata: { name: "data" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};

describe("a StatefulSet", () => {
  it("gives its pods numbers, names, a domain, and labels that say so", () => {
    const world = new World({ replicas: 2, ordinals: { start: 3 } });
    const { create } = world.decide();
    expect(create[0]?.metadata.labels).toMatchObject({
      app: "web",
      "statefulset.kubernetes.io/pod-name": "web-3",
      "apps.kubernetes.io/pod-index": "3",
      "controller-revision-hash": expect.stringMatching(/^web-[b-z2-9]{10}$/),
    });
    expect(create[0]?.spec).toMatchObject({ hostname: "web-3", subdomain: "peers" });
    world.settle();
    expect(world.names).toEqual(["web-3", "web-4"]);
  });

  it("makes one after the other, each when the one before is ready", () => {
    const world = new World({ replicas: 3 });
    world.step();
    world.step();
    expect(world.names).toEqual(["web-0"]);
    world.pods = world.pods.map((pod) => ready(pod));
    world.step();
    expect(world.names).toEqual(["web-0", "web-1"]);
  });

  it("waits for minReadySeconds as well", () => {
    const world = new World({ replicas: 2, minReadySeconds: 10 });
    world.step();
    world.pods = world.pods.map((pod) => ready(pod, 0));
    expect(world.decide(9)).toMatchObject({ create: [], requeueAt: at(10).now });
    expect(world.decide(10).create).toHaveLength(1);
  });

  it("makes and ends all at once with Parallel", () => {
    const world = new World({ replicas: 3, podManagementPolicy: "Parallel" });
    world.step();
    expect(world.names).toEqual(["web-0", "web-1", "web-2"]);
    world.change({ replicas: 1 });
    world.step();
    expect(world.names).toEqual(["web-0"]);
  });

  it("takes the highest away first, one at a time, and none while another is not ready", () => {
    const world = new World({ replicas: 3 });
    world.settle();
    world.change({ replicas: 1 });
    const [first] = world.pods;
    const { readySince: _, ...unready } = first as PodSummary;
    const all = world.pods;
    world.pods = [unready, ...all.slice(1)];
    expect(world.decide().remove).toEqual([]);
    world.pods = all;
    expect(world.decide().remove.map(({ uid }) => uid)).toEqual(["uid-web-2"]);
    world.pods = all.map((pod) => (pod.name === "web-2" ? { ...pod, terminating: true } : pod));
    expect(world.decide().remove).toEqual([]);
    world.pods = all.slice(0, 2);
    world.settle();
    expect(world.names).toEqual(["web-0"]);
  });

  it("counts the pods that it has, those among them that are too many", () => {
    const world = new World({ replicas: 3 });
    world.settle();
    world.change({ replicas: 1 });
    expect(world.decide().status).toMatchObject({ replicas: 3, readyReplicas: 3, currentReplicas: 3 });
    world.settle();
    expect(world.decide().status).toMatchObject({ replicas: 1, readyReplicas: 1 });
  });

  it("makes a pod that has ended anew under its name, once the old one is gone", () => {
    const world = new World({ replicas: 1 });
    world.settle();
    const [pod] = world.pods;
    world.pods = [ended(pod as PodSummary, 1)];
    const first = world.decide();
    expect(first.create).toEqual([]);
    expect(first.remove).toHaveLength(1);
    expect(first.events[0]?.reason).toBe("RecreatingFailedPod");
    world.pods = [ended(pod as PodSummary, 0)];
    expect(world.decide().events[0]).toEqual({
      type: "Normal",
      reason: "RecreatingTerminatedPod",
      message: "StatefulSet default/web is recreating terminated Pod web-0",
    });
    world.pods = [{ ...ended(pod as PodSummary, 1), terminating: true }];
    expect(world.decide()).toMatchObject({ create: [], remove: [] });
    world.pods = [];
    expect(world.decide().create.map(({ metadata }) => metadata.name)).toEqual(["web-0"]);
  });

  it("gives each pod its claims, which stay when it goes and are found again", () => {
    const world = new World({ replicas: 2, volumeClaimTemplates: [CLAIM] });
    const { create, claims } = world.decide();
    expect(claims).toMatchObject([
      { metadata: { name: "data-web-0", labels: { app: "web" } }, spec: CLAIM.spec },
    ]);
    expect(create[0]?.spec?.volumes).toEqual([
      { name: "data", persistentVolumeClaim: { claimName: "data-web-0", readOnly: false } },
    ]);
    world.settle();
    world.change({ replicas: 1 });
    world.settle();
    expect(world.claims).toEqual(["data-web-0", "data-web-1"]);
  });

  it("lets go of the claims of what was scaled away when it was told to, after the pod", () => {
    const retention = { whenScaled: "Delete", whenDeleted: "Retain" };
    const world = new World({
      replicas: 2,
      volumeClaimTemplates: [CLAIM],
      persistentVolumeClaimRetentionPolicy: retention,
    });
    world.settle();
    world.claims.push("data-other-1", "data-web-x");
    world.change({ replicas: 1 });
    expect(world.decide().releaseClaims).toEqual([]);
    world.settle();
    expect(world.claims).toEqual(["data-web-0", "data-other-1", "data-web-x"]);
  });
});

describe("the update of a StatefulSet", () => {
  it("goes from the highest number down, one at a time, each when the one before is ready", () => {
    const world = new World({ replicas: 3 });
    world.settle();
    world.image("two");
    world.made = [];
    expect(world.decide().remove.map(({ uid }) => uid)).toEqual(["uid-web-2"]);
    world.settle();
    expect(world.made).toEqual(["web-2", "web-1", "web-0"]);
    expect(world.images()).toEqual(["web-0 two", "web-1 two", "web-2 two"]);
    const { currentRevision, updateRevision } = world.set.status ?? {};
    expect(currentRevision).toBe(updateRevision);
  });

  it("stops at the partition, and below it pods come back as they were", () => {
    const world = new World({ replicas: 3 });
    world.settle();
    world.change({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } });
    world.image("two");
    world.settle();
    expect(world.images()).toEqual(["web-0 one", "web-1 one", "web-2 two"]);
    expect(world.set.status).toMatchObject({ currentReplicas: 2, updatedReplicas: 1 });
    world.pods = world.pods.filter(({ name }) => name !== "web-0");
    world.settle();
    expect(world.images()[0]).toBe("web-0 one");
  });

  it("mends pods that cannot serve, with Parallel, but not two at once, nor beside a new one that does not serve", () => {
    const world = new World({ replicas: 3, podManagementPolicy: "Parallel" });
    world.step();
    world.image("two");
    world.pods = world.pods.map((pod) => (pod.name === "web-0" ? pod : ready(pod)));
    expect(world.decide().remove.map(({ uid }) => uid)).toEqual(["uid-web-2"]);
    world.step();
    world.step();
    expect(world.decide().remove).toEqual([]);
    world.settle();
    expect(world.images()).toEqual(["web-0 two", "web-1 two", "web-2 two"]);
  });

  it("takes several at once with maxUnavailable", () => {
    const world = new World({
      replicas: 4,
      podManagementPolicy: "Parallel",
      updateStrategy: { rollingUpdate: { maxUnavailable: 2 } },
    });
    world.settle();
    world.image("two");
    expect(world.decide().remove.map(({ uid }) => uid)).toEqual(["uid-web-3", "uid-web-2"]);
  });

  it("waits for the person with OnDelete", () => {
    const world = new World({ replicas: 2, updateStrategy: { type: "OnDelete" } });
    world.settle();
    world.image("two");
    world.settle();
    expect(world.images()).toEqual(["web-0 one", "web-1 one"]);
    world.pods = world.pods.filter(({ name }) => name !== "web-1");
    world.settle();
    expect(world.images()).toEqual(["web-0 one", "web-1 two"]);
  });

  it("keeps what rollout history needs, and the revisions that pods still have", () => {
    const kept = (revisionHistoryLimit: number) => {
      const world = new World({ replicas: 1, revisionHistoryLimit });
      for (const image of ["one", "two", "three", "one"]) {
        world.image(image);
        world.settle();
      }
      return world.memory?.revisions?.map(
        ({ number, template }) => `${number} ${template.spec.containers[0]?.image}`,
      );
    };
    expect(kept(1)).toEqual(["3 three", "4 one"]);
    expect(kept(9)).toEqual(["2 two", "3 three", "4 one"]);
  });
});
