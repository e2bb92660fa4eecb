import { describe, expect, it } from "vitest";
import type { DaemonSetObject, DeploymentObject, StatefulSetObject } from "../../../src/manifest/index.ts";
import { rolloutStatus } from "../../../src/workload/rollout-status.ts";
import { lasting, workload } from "./support.ts";

const deployment = (status: object, spec: object = {}) =>
  rolloutStatus({
    ...workload<DeploymentObject>("Deployment", { ...lasting(), replicas: 3, ...spec }),
    status: { observedGeneration: 1, ...status },
  });
const set = (status: object, spec: object = {}) =>
  rolloutStatus({
    ...workload<StatefulSetObject>("StatefulSet", { ...lasting(), replicas: 3, ...spec }),
    status: { replicas: 3, observedGeneration: 1, updateRevision: "web-b", ...status },
  });
const daemon = (status: object, spec: object = {}) =>
  rolloutStatus({
    ...workload<DaemonSetObject>("DaemonSet", { ...lasting(), ...spec }),
    status: {
      currentNumberScheduled: 1,
      desiredNumberScheduled: 1,
      numberMisscheduled: 0,
      numberReady: 1,
      observedGeneration: 1,
      ...status,
    },
  });

describe("how far a rollout is", () => {
  const waiting = 'Waiting for deployment "web" rollout to finish:';
  it.each([
    [{ observedGeneration: 0 }, "Waiting for deployment spec update to be observed..."],
    [{ updatedReplicas: 1 }, `${waiting} 1 out of 3 new replicas have been updated...`],
    [{ updatedReplicas: 3, replicas: 4 }, `${waiting} 1 old replicas are pending termination...`],
    [
      { updatedReplicas: 3, replicas: 3, availableReplicas: 2 },
      `${waiting} 2 of 3 updated replicas are available...`,
    ],
  ])("is said of a Deployment with %j", (status, message) => {
    expect(deployment(status)).toEqual({ message, done: false });
  });

  it("is the end for a Deployment whose pods all serve, or that makes no progress", () => {
    expect(deployment({ updatedReplicas: 3, replicas: 3, availableReplicas: 3 })).toEqual({
      message: 'deployment "web" successfully rolled out',
      done: true,
    });
    const conditions = [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }];
    expect(deployment({ conditions })).toMatchObject({
      message: 'deployment "web" exceeded its progress deadline',
      failed: true,
    });
  });

  it("is said of a StatefulSet", () => {
    expect(set({ readyReplicas: 1 }).message).toBe("Waiting for 2 pods to be ready...");
    const rolling = { readyReplicas: 3, updatedReplicas: 2, currentRevision: "web-a" };
    expect(set(rolling)).toEqual({
      message: "Waiting for partitioned roll out to finish: 2 out of 3 new pods have been updated...",
      done: false,
    });
    expect(set({ ...rolling, updatedReplicas: 3, currentRevision: "web-b" })).toEqual({
      message: "partitioned roll out complete: 3 new pods have been updated...",
      done: true,
    });
    const partition = { updateStrategy: { rollingUpdate: { partition: 2 } } };
    expect(set({ ...rolling, updatedReplicas: 0 }, partition).message).toBe(
      "Waiting for partitioned roll out to finish: 0 out of 1 new pods have been updated...",
    );
    expect(set({ ...rolling, updatedReplicas: 1 }, partition).done).toBe(true);
    expect(set({}, { updateStrategy: { type: "OnDelete" } }).failed).toBe(true);
  });

  it("is said of a DaemonSet", () => {
    const start = 'Waiting for daemon set "web" rollout to finish:';
    expect(daemon({ updatedNumberScheduled: 0 }).message).toBe(
      `${start} 0 out of 1 new pods have been updated...`,
    );
    expect(daemon({ updatedNumberScheduled: 1 }).message).toBe(
      `${start} 0 of 1 updated pods are available...`,
    );
    expect(daemon({ updatedNumberScheduled: 1, numberAvailable: 1 })).toEqual({
      message: 'daemon set "web" successfully rolled out',
      done: true,
    });
    expect(daemon({}, { updateStrategy: { type: "OnDelete" } }).failed).toBe(true);
  });
});
