import { describe, expect, it } from "vitest";
import type { DaemonSetObject, JobObject } from "../../../src/manifest/index.ts";
import { reconcileDaemonSet } from "../../../src/workload/daemon-set.ts";
import { judge } from "../../../src/workload/job-failure.ts";
import { withSelector } from "../../../src/workload/job-labels.ts";
import type { RevisionMemory } from "../../../src/workload/revisions.ts";
import { at, ended, finite, lasting, random, ready, seen, workload } from "./support.ts";

describe("a DaemonSet", () => {
  const set = (spec: object = {}, image = "one"): DaemonSetObject =>
    workload("DaemonSet", { ...lasting(image), ...spec });
  const decide = (object: DaemonSetObject, seconds = 0, pods = [] as never[], memory?: RevisionMemory) =>
    reconcileDaemonSet({ set: object, pods, memory, clock: at(seconds), random, node: "here" });

  it("has its pod available when it has been ready for minReadySeconds", () => {
    const object = set({ minReadySeconds: 10 });
    const { create, memory } = decide(object);
    const pod = ready(seen(create[0] as never)) as never;
    expect(decide(object, 9, [pod], memory as RevisionMemory).status?.numberAvailable ?? 0).toBe(0);
    expect(decide(object, 10, [pod], memory as RevisionMemory).status?.numberAvailable).toBe(1);
  });

  it("remembers as many templates that no pod has as revisionHistoryLimit says", () => {
    let memory: RevisionMemory | undefined;
    for (const image of ["one", "two", "three", "four"])
      memory = decide(set({ revisionHistoryLimit: 1 }, image), 0, [], memory).memory as RevisionMemory;
    const images = memory?.revisions?.map(({ template }) => template.spec.containers[0]?.image);
    expect(images).toEqual(["three", "four"]);
  });
});

describe("a Job", () => {
  it("finds its pods by its uid, or by its own selector with manualSelector", () => {
    const selector = { matchLabels: { run: "mine" } };
    const template = { ...finite.template, metadata: { labels: selector.matchLabels } };
    const automatic = withSelector(workload<JobObject>("Job", { ...finite }));
    expect(automatic.spec.selector).toEqual({
      matchLabels: { "batch.kubernetes.io/controller-uid": "uid-web" },
    });
    const manual = withSelector(workload<JobObject>("Job", { template, manualSelector: true, selector }));
    expect(manual.spec.selector).toEqual(selector);
  });

  it("looks at the exit code of the container that a podFailurePolicy names", () => {
    const failed = (containerName: string) => {
      const onExitCodes = { containerName, operator: "In", values: [42] };
      const rules = [{ action: "FailJob", onExitCodes }];
      const containers = [finite.template.spec.containers[0], { name: "other", image: "busybox" }];
      const spec = { ...finite.template.spec, containers };
      const job = workload<JobObject>("Job", { template: { spec }, podFailurePolicy: { rules } });
      const pod = seen({ metadata: { name: "web-1", namespace: "default" } } as never);
      return judge(job, ended(pod, 42))?.action;
    };
    expect([failed("c"), failed("other")]).toEqual(["FailJob", undefined]);
  });
});
