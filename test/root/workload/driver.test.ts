import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type {
  CronJobObject,
  DeploymentObject,
  ReplicaSetObject,
  StatefulSetObject,
  WorkloadObject,
} from "../../../src/manifest/index.ts";
import { parseManifests } from "../../../src/manifest/parse.ts";
import { removePod } from "../../../src/pod/remove.ts";
import { listPods } from "../../../src/pod/views.ts";
import { openHost } from "../../../src/runtime/open-host.ts";
import { takeLock } from "../../../src/state/lock.ts";
import { listObjects, writeObject } from "../../../src/state/objects.ts";
import {
  applyWorkload,
  type DriverDeps,
  deleteWorkload,
  memoryOf,
  podDeps,
  readWorkload,
  reconcileAll,
  scaleWorkload,
  settled,
} from "../../../src/workload/index.ts";
import { ownedBy } from "../../../src/workload/owner.ts";
import { storeNew } from "../../../src/workload/stored.ts";
import { idle, pod, sh } from "../../e2e/support/pods.ts";
import { lasting, workload } from "../../e2e/support/workloads.ts";
import { expectNoLeaks, type Snapshot, snapshot } from "../../support/leak-check.ts";
import { eventually, TspodRoot } from "../../support/tspod.ts";

const tspod = new TspodRoot();
const host = openHost({ root: tspod.dir });
const at = (name: string) => ({ namespace: "default", name });
let warnings: string[] = [];
let begun: string[] = [];
let before: Snapshot;

/** The real hands, noting what they are asked for. */
function hands(now = () => new Date()): DriverDeps {
  const deps = podDeps(host, (message) => warnings.push(message));
  return {
    ...deps,
    now,
    createPod(pod, owner) {
      begun.push(pod.metadata?.name ?? "");
      return deps.createPod(pod, owner);
    },
  };
}

beforeEach(() => {
  warnings = [];
  begun = [];
  before = snapshot(tspod.dir);
});
afterAll(() => tspod.dispose());

function stored<W extends WorkloadObject>(object: object): W {
  const { objects, problems } = parseManifests([{ name: "test", text: JSON.stringify(object) }]);
  expect(problems).toEqual([]);
  return applyWorkload(host, objects[0]?.object as W).object as W;
}

async function pass(deps = hands()) {
  const driven = await reconcileAll(host, deps);
  await settled(host);
  return driven;
}

const names = () => listPods(host).map(({ record }) => record.name);

/** Takes everything away, as a command does; nothing may be left. */
async function end(...objects: WorkloadObject[]): Promise<void> {
  for (const object of objects)
    for (const view of deleteWorkload(host, object).pods) await removePod(host, view, { force: true });
  await expectNoLeaks(before);
}

const web = (replicas: number, container = idle("c")) =>
  workload("Deployment", "web", { replicas, ...lasting("web", container) });

describe("the driver", () => {
  it("makes what is missing once, however often and at once it is called", async () => {
    const deployment = stored<DeploymentObject>(web(3));
    const deps = hands();
    await Promise.all(Array.from({ length: 8 }, () => reconcileAll(host, deps)));
    await settled(host);
    expect(names()).toHaveLength(3);
    expect(begun).toHaveLength(3);
    await pass();
    expect(begun).toHaveLength(3);
    expect(warnings).toEqual([]);
    await end(deployment);
  });

  it("does nothing while another process makes pods, and asks to be called again", async () => {
    const deployment = stored<DeploymentObject>(web(1));
    const lock = takeLock(join(tspod.dir, "run/tspod/workloads.lock"), { wait: true });
    const driven = await pass();
    expect([names(), begun]).toEqual([[], []]);
    expect(driven.nextAt).toBeGreaterThan(Date.now());
    lock?.release();
    await pass();
    expect(names()).toHaveLength(1);
    await end(deployment);
  });

  it("takes over from a process that was killed while it made pods, and nothing of its lock stays", async () => {
    const path = join(tspod.dir, "run/tspod/workloads.lock");
    // What a killed process leaves: the file, and nobody who holds it.
    takeLock(path, { wait: true })?.release();
    expect(existsSync(path)).toBe(true);
    const deployment = stored<DeploymentObject>(web(1));
    expect(existsSync(path)).toBe(false);
    takeLock(path, { wait: true })?.release();
    await pass();
    expect([names().length, existsSync(path)]).toEqual([1, false]);
    await end(deployment);
  });

  it("removes the pods of an object that is gone, as after a crash between the two", async () => {
    const deployment = stored<DeploymentObject>(web(2));
    await pass();
    expect(names()).toHaveLength(2);
    deleteWorkload(host, deployment);
    await pass();
    expect(names()).toEqual([]);
    await end();
  });

  it("removes pods at the same time as a command does, and neither stumbles over the other", async () => {
    for (let round = 0; round < 4; round++) {
      stored<DeploymentObject>(web(4));
      await pass();
      const command = tspod.run(["delete", "deploy", "web"]);
      await eventually(async () => {
        await pass();
        return names().length === 0;
      });
      expect((await command).stderr).toBe("");
    }
    expect(warnings).toEqual([]);
    await end();
  });

  it("makes nothing more for an object that is deleted while its pods are being made", async () => {
    const set = stored<ReplicaSetObject>(workload("ReplicaSet", "web", { replicas: 2, ...lasting("web") }));
    const real = hands();
    let there: unknown[] | undefined;
    await pass({
      ...real,
      createPod(pod, owner) {
        there ??= deleteWorkload(host, set).pods;
        return real.createPod(pod, owner);
      },
    });
    // Whoever deletes removes the pods that are there then; nobody would remove one that came later.
    expect([there, begun.length, names()]).toEqual([[], 2, []]);
    expect(warnings).toEqual([]);
    const { metadata, ...rest } = set;
    const orphan = { ...rest, metadata: { ...metadata, name: "of-web", ownerReferences: [ownedBy(set)] } };
    expect(storeNew(host, orphan)).toBeUndefined();
    expect(listObjects(host.paths, "ReplicaSet")).toEqual([]);
    await end();
  });

  it("leaves pods alone that nobody owns, and pods of a command in the foreground", async () => {
    const alone = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "alone", labels: { app: "web" } },
      spec: { containers: [idle("c")] },
    };
    await tspod.ok(["run", "-d", tspod.manifest(alone)]);
    const job = { restartPolicy: "Never", containers: [idle("c")] };
    const command = tspod.start([
      "run",
      tspod.manifest(workload("Job", "front", { template: { spec: job } })),
    ]);
    await eventually(() => names().length === 2);
    await pass();
    expect(names()).toHaveLength(2);
    command.kill("SIGTERM");
    await command.outcome();
    await tspod.ok(["rm", "-f", "alone"]);
    await expectNoLeaks(before);
  });

  it("says why a pod cannot be made, waits, and tries again", async () => {
    // In the foreground: a daemon would make the set's pods itself.
    const command = tspod.start(["run", tspod.manifest(pod("db-0", [idle("c")]))]);
    await eventually(() => names().length === 1);
    const set = stored<StatefulSetObject>(workload("StatefulSet", "db", { replicas: 1, ...lasting("db") }));
    await pass();
    const { nextAt } = await pass();
    expect(names()).toEqual(["db-0"]);
    expect(begun).toHaveLength(1);
    expect(nextAt).toBeGreaterThan(Date.now());
    await pass();
    expect(begun).toHaveLength(1);
    const events = () => memoryOf(host, set).events?.map(({ reason }) => reason);
    expect(events()).toEqual(["FailedCreate"]);
    command.kill("SIGTERM");
    await command.outcome();
    expect(names()).toEqual([]);
    await pass(hands(() => new Date(nextAt ?? 0)));
    expect(names()).toEqual(["db-0"]);
    expect(events()).toEqual(["FailedCreate", "SuccessfulCreate"]);
    await end(set);
  });

  it("gives its ReplicaSet another name when somebody else's has it already", async () => {
    const sets = () => listObjects(host.paths, "ReplicaSet");
    const first = stored<DeploymentObject>(web(0));
    await pass();
    const [made] = sets();
    await end(first);
    const other = workload("ReplicaSet", made?.metadata.name ?? "", { replicas: 0, ...lasting("other") });
    const taken = stored<ReplicaSetObject>(other);
    const deployment = stored<DeploymentObject>(web(1));
    await pass();
    await pass();
    const [own] = sets().filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === "web");
    expect(own?.metadata.name).toMatch(/^web-/);
    expect(own?.metadata.name).not.toBe(taken.metadata.name);
    expect(readWorkload(host, "Deployment", at("web")).status?.collisionCount).toBe(1);
    expect(names()).toEqual([expect.stringContaining(`${own?.metadata.name}-`)]);
    const told = memoryOf(host, deployment).events?.map(({ message }) => message);
    expect(told).toEqual([`Scaled up replica set ${own?.metadata.name} from 0 to 1`]);
    await end(deployment, taken);
  });

  it("makes a CronJob's Job once for each of its times, also when it died before writing that down", async () => {
    const template = { spec: { restartPolicy: "Never", containers: [sh("c", "true")] } };
    const cron = stored<CronJobObject>(
      workload("CronJob", "tick", { schedule: "*/10 * * * *", jobTemplate: { spec: { template } } }),
    );
    const made = Date.parse(cron.metadata.creationTimestamp ?? "");
    const due = Math.ceil((made + 1) / 600_000) * 600_000;
    const clock = (ms: number) => hands(() => new Date(ms));
    expect((await pass(clock(due - 1000))).nextAt).toBe(due);
    expect(listObjects(host.paths, "Job")).toEqual([]);
    await pass(clock(due + 1000));
    await pass(clock(due + 2000));
    const name = `tick-${due / 60_000}`;
    expect(listObjects(host.paths, "Job").map(({ metadata }) => metadata.name)).toEqual([name]);
    expect(names()).toEqual([expect.stringMatching(new RegExp(`^${name}-[a-z0-9]{5}$`))]);
    const { lastScheduleTime: _, ...forgotten } = readWorkload(host, "CronJob", at("tick")).status ?? {};
    writeObject(host.paths, { ...cron, status: forgotten });
    await pass(clock(due + 3000));
    expect(listObjects(host.paths, "Job")).toHaveLength(1);
    expect(names()).toHaveLength(1);
    await end(cron);
  });

  it("is killed while it makes pods, again and again, and there are never too many", async () => {
    const deployment = stored<DeploymentObject>(web(0));
    let most = 0;
    for (let round = 0; round < 6; round++) {
      scaleWorkload(host, "Deployment", at("web"), { replicas: 6 });
      const command = tspod.start(["scale", "deploy/web", "--replicas=6"]);
      await new Promise((resolve) => setTimeout(resolve, 100 + round * 40));
      command.kill("SIGKILL");
      await command.outcome();
      await tspod.ok(["gc"]);
      await eventually(async () => {
        await pass();
        most = Math.max(most, names().length);
        return names().length === 6;
      });
      scaleWorkload(host, "Deployment", at("web"), { replicas: 0 });
      await eventually(async () => {
        await pass();
        return names().length === 0;
      });
    }
    expect(most).toBe(6);
    await end(deployment);
  });
});
