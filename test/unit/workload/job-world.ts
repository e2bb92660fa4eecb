import { expect } from "vitest";
import type { JobObject } from "../../../src/manifest/index.ts";
import { reconcileJob } from "../../../src/workload/job.ts";
import type { JobMemory } from "../../../src/workload/job-count.ts";
import { withSelector } from "../../../src/workload/job-labels.ts";
import { isActive, type PodSummary } from "../../../src/workload/pod-summary.ts";
import { at, ended, finite, random, seen, workload } from "./support.ts";

/** A Job and its pods; each step does at once what the controller wants. Pods that are removed only begin to end. */
export class JobWorld {
  job: JobObject;
  pods: PodSummary[] = [];
  memory: JobMemory | undefined;
  seconds = 0;
  made = 0;
  removed = 0;
  expired = false;
  requeueAt: number | undefined;
  events: string[] = [];

  constructor(spec: object = {}, restartPolicy = "Never") {
    const template = { ...finite.template, spec: { ...finite.template.spec, restartPolicy } };
    this.job = withSelector(workload<JobObject>("Job", { ...spec, template }));
  }

  get running(): PodSummary[] {
    return this.pods.filter(isActive);
  }

  change(spec: object): void {
    this.job = { ...this.job, spec: { ...this.job.spec, ...spec } };
  }

  decide() {
    const { job, pods, memory } = this;
    return reconcileJob({ job, pods, memory, clock: at(this.seconds), random });
  }

  step(): void {
    const { create, remove, status, memory, events, expired, requeueAt } = this.decide();
    const going = new Set(remove.map(({ uid }) => uid));
    this.pods = this.pods.map((pod) => (going.has(pod.uid) ? { ...pod, terminating: true } : pod));
    this.removed += remove.length;
    this.made += create.length;
    this.pods.push(...create.map((pod) => seen(pod)));
    this.job = { ...this.job, status };
    // As it comes back from disk.
    this.memory = memory === undefined ? undefined : JSON.parse(JSON.stringify(memory));
    this.expired ||= expired;
    this.requeueAt = requeueAt;
    this.events.push(...events.map(({ reason, message }) => `${reason}: ${message}`));
  }

  until(seconds: number): void {
    this.seconds = seconds;
    this.step();
  }

  /** The first of the running pods (or the one of an index) ends with this code. */
  end(code: number, which: (pod: PodSummary) => boolean = () => true): void {
    const victim = this.running.find(which);
    this.pods = this.pods.map((pod) => (pod === victim ? ended(pod, code, this.seconds) : pod));
    this.step();
  }

  condition(type: string) {
    return this.job.status?.conditions?.find((one) => one.type === type);
  }
}

/** A Job that is over, with no pod left that runs. */
export function expectJob(world: JobWorld, end: "Complete" | "Failed", reason: string): void {
  if (world.pods.some(({ terminating, phase }) => terminating && phase === "Running")) {
    world.pods = world.pods.filter(({ terminating }) => !terminating);
    world.step();
  }
  expect(world.condition(end)).toMatchObject({ status: "True", reason });
  expect(world.running).toEqual([]);
}
