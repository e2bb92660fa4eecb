import type { DeploymentObject, ReplicaSetObject } from "../../../src/manifest/index.ts";
import { reconcileDeployment } from "../../../src/workload/deployment.ts";
import type { PodSummary } from "../../../src/workload/pod-summary.ts";
import { reconcileReplicaSet } from "../../../src/workload/replica-set.ts";
import { at, lasting, random, ready, seen, workload } from "./support.ts";

/** A Deployment, its sets and pods; each step does at once what the controllers want. */
export class DeploymentWorld {
  deployment: DeploymentObject;
  sets: ReplicaSetObject[] = [];
  pods: PodSummary[] = [];
  events: string[] = [];
  seconds = 0;

  constructor(spec: object = {}, image = "one") {
    this.deployment = workload("Deployment", { ...lasting(image), ...spec });
  }

  change(spec: object): void {
    const { metadata } = this.deployment;
    const generation = (metadata.generation ?? 1) + 1;
    this.deployment = {
      ...this.deployment,
      metadata: { ...metadata, generation },
      spec: { ...this.deployment.spec, ...spec },
    };
  }

  image(image: string): void {
    const { spec } = workload<DeploymentObject>("Deployment", lasting(image));
    this.change({ template: spec.template });
  }

  deploy() {
    const { deployment, sets, pods } = this;
    const outcome = reconcileDeployment({ deployment, sets, pods, clock: at(this.seconds) });
    this.events.push(...outcome.events.map(({ message }) => message));
    for (const set of outcome.write) {
      const uid = set.metadata.uid ?? `uid-${set.metadata.name}`;
      this.sets = this.sets.filter(({ metadata }) => metadata.name !== set.metadata.name);
      this.sets.push({ ...set, metadata: { ...set.metadata, uid } });
    }
    this.sets = this.sets.filter(({ metadata }) => !outcome.discard.includes(metadata.name));
    const { annotations } = outcome;
    this.deployment = {
      ...deployment,
      metadata: { ...deployment.metadata, annotations },
      status: outcome.status,
    };
    return outcome;
  }

  /** The ReplicaSets' turn. */
  populate(): void {
    for (const set of this.sets) {
      const own = this.pods.filter(({ owner }) => owner === set.metadata.uid);
      const { create, remove } = reconcileReplicaSet(set, own, at(this.seconds), random);
      const gone = new Set(remove.map(({ uid }) => uid));
      this.pods = [...this.pods.filter(({ uid }) => !gone.has(uid)), ...create.map((pod) => seen(pod))];
    }
  }

  step(): void {
    this.deploy();
    this.populate();
  }

  allReady(): void {
    this.pods = this.pods.map((pod) => (pod.readySince === undefined ? ready(pod, this.seconds) : pod));
  }

  settle(): void {
    for (let i = 0; i < 25; i++) {
      this.step();
      this.allReady();
    }
    this.step();
  }

  images(): string[] {
    return this.sets
      .filter(({ spec }) => (spec.replicas ?? 0) > 0)
      .map(({ spec }) => `${spec.template.spec.containers[0]?.image} ${spec.replicas}`);
  }

  condition(type: string) {
    return this.deployment.status?.conditions?.find((one) => one.type === type);
  }
}
