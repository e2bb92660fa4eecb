import { expect, it } from "vitest";
import type { ReplicaSetObject } from "../../../src/manifest/index.ts";
import { claimPods } from "../../../src/workload/claim-pods.ts";
import type { PodSummary } from "../../../src/workload/pod-summary.ts";
import { reconcileReplicaSet } from "../../../src/workload/replica-set.ts";
import { at, ended, lasting, random, seen, workload } from "./support.ts";

const set = workload<ReplicaSetObject>("ReplicaSet", lasting());
const [made] = reconcileReplicaSet(set, [], at(0), random).create.map((pod) => seen(pod));
const own = made as PodSummary;
const { owner: _, ownerKind: __, ...stray } = { ...own, uid: "stray", name: "stray" };
const claim = (...pods: PodSummary[]) => {
  const { mine, adopt, release } = claimPods(set.metadata, set.spec.selector, pods);
  const uids = (list: PodSummary[]) => list.map(({ uid }) => uid);
  return { mine: uids(mine), adopt: uids(adopt), release: uids(release) };
};

it("keeps its own pods, and takes over those that nobody owns", () => {
  expect(claim(own, stray)).toEqual({ mine: [own.uid, "stray"], adopt: ["stray"], release: [] });
});

it("lets go of a pod whose label was changed, but not of one that is being made or goes anyway", () => {
  const relabelled = { ...own, labels: { app: "sick" } };
  expect(claim(relabelled)).toEqual({ mine: [], adopt: [], release: [own.uid] });
  expect(claim({ ...relabelled, uid: "" }).release).toEqual([]);
  expect(claim({ ...relabelled, terminating: true }).release).toEqual([]);
});

it.each([
  ["another's", { owner: "other" }],
  ["in another namespace", { namespace: "other" }],
  ["labelled otherwise", { labels: { app: "x" } }],
  ["on its way out", { terminating: true }],
])("takes nothing that is %s", (_, change) => {
  expect(claim({ ...stray, ...change }).adopt).toEqual([]);
});

it("takes nothing that has ended, unless whoever asks has a use for it", () => {
  expect(claim(ended(stray, 0))).toEqual({ mine: [], adopt: [], release: [] });
  const of = (isMember: (pod: PodSummary) => boolean) =>
    claimPods(set.metadata, set.spec.selector, [ended(stray, 0)], isMember).adopt;
  expect(of(() => true)).toHaveLength(1);
  expect(of(({ name }) => name === "db-0")).toEqual([]);
});
