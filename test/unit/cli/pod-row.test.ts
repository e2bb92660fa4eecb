import { describe, expect, it } from "vitest";
import { podRow } from "../../../src/cli/render/pod-row.ts";
import { type Case, ended, podOf, running, status, waiting } from "./pods.ts";

const now = new Date("2026-01-01T00:10:00Z");
const yes = (type: string) => [{ type, status: "True" }];

const cases: Case[] = [
  {
    is: "one running",
    phase: "Running",
    app: [status(running())],
    says: { ready: "1/1", status: "Running" },
  },
  {
    is: "two running",
    phase: "Running",
    app: [status(running()), status(running())],
    says: { ready: "2/2", status: "Running" },
  },
  {
    is: "running, not ready",
    phase: "Running",
    app: [status(running(), { ready: false })],
    says: { ready: "0/1", status: "Running" },
  },
  { is: "no statuses yet", phase: "Pending", app: [], says: { ready: "0/0", status: "Pending" } },
  {
    is: "being created",
    phase: "Pending",
    app: [status(waiting("ContainerCreating"))],
    says: { ready: "0/1", status: "ContainerCreating" },
  },
  {
    is: "waiting without a reason",
    phase: "Pending",
    app: [status(waiting())],
    says: { ready: "0/1", status: "Pending" },
  },
  {
    is: "completed",
    phase: "Succeeded",
    app: [status(ended(0, "Completed"), { ready: false })],
    says: { ready: "0/1", status: "Completed" },
  },
  {
    is: "failed",
    phase: "Failed",
    app: [status(ended(1, "Error"))],
    says: { ready: "0/1", status: "Error" },
  },
  {
    is: "killed for memory",
    phase: "Failed",
    app: [status(ended(137, "OOMKilled"))],
    says: { ready: "0/1", status: "OOMKilled" },
  },
  {
    is: "ended with a code and no reason",
    phase: "Failed",
    app: [status(ended(7))],
    says: { ready: "0/1", status: "ExitCode:7" },
  },
  {
    is: "ended by a signal and no reason",
    phase: "Failed",
    app: [status(ended(143, undefined, 15))],
    says: { ready: "0/1", status: "Signal:15" },
  },
  {
    is: "one done, one running, not Ready: the articles' two-containers",
    phase: "Running",
    app: [status(running()), status(ended(0, "Completed"), { ready: false })],
    conditions: [{ type: "Ready", status: "False" }],
    says: { ready: "1/2", status: "NotReady" },
  },
  {
    is: "one done, one running, Ready",
    phase: "Running",
    app: [status(ended(0, "Completed"), { ready: false }), status(running())],
    conditions: yes("Ready"),
    says: { ready: "1/2", status: "Running" },
  },
  {
    is: "one failed, one running: the failure shows",
    phase: "Running",
    app: [status(running()), status(ended(3, "Error"))],
    says: { ready: "1/2", status: "Error" },
  },
  {
    is: "two ended differently: the first counts",
    phase: "Failed",
    app: [status(ended(1, "Error")), status(ended(0, "Completed"), { ready: false })],
    says: { ready: "0/2", status: "Error" },
  },
  {
    is: "first init running",
    phase: "Pending",
    init: [status(running(), { ready: false }), status(waiting("PodInitializing"))],
    app: [status(waiting("PodInitializing"))],
    says: { ready: "0/1", status: "Init:0/2" },
  },
  {
    is: "second init running",
    phase: "Pending",
    init: [status(ended(0, "Completed")), status(running(), { ready: false })],
    app: [status(waiting("PodInitializing"))],
    says: { ready: "0/1", status: "Init:1/2" },
  },
  {
    is: "all init done, app not yet made",
    phase: "Pending",
    init: [status(ended(0, "Completed"))],
    app: [status(waiting("PodInitializing"))],
    says: { ready: "0/1", status: "PodInitializing" },
  },
  {
    is: "init failed",
    phase: "Failed",
    init: [status(ended(3, "Error"))],
    app: [status(waiting("PodInitializing"))],
    says: { ready: "0/1", status: "Init:Error" },
  },
  {
    is: "init ended with a code and no reason",
    phase: "Failed",
    init: [status(ended(3))],
    app: [status(waiting("PodInitializing"))],
    says: { ready: "0/1", status: "Init:ExitCode:3" },
  },
  {
    is: "init ended by a signal and no reason",
    phase: "Failed",
    init: [status(ended(137, undefined, 9))],
    app: [status(waiting("PodInitializing"))],
    says: { ready: "0/1", status: "Init:Signal:9" },
  },
  {
    is: "init backing off",
    phase: "Pending",
    init: [status(waiting("CrashLoopBackOff"), { restarts: 2, restartedAt: "2026-01-01T00:09:30Z" })],
    app: [status(waiting("PodInitializing"))],
    says: { ready: "0/1", status: "Init:CrashLoopBackOff", restarts: "2 (30s ago)" },
  },
  {
    is: "a sidecar started, app running",
    phase: "Running",
    init: [status(running(), { started: true })],
    sidecars: [0],
    app: [status(running())],
    says: { ready: "2/2", status: "Running" },
  },
  {
    is: "a sidecar not started yet",
    phase: "Pending",
    init: [status(running(), { started: false })],
    sidecars: [0],
    app: [status(waiting("PodInitializing"))],
    says: { ready: "0/2", status: "Init:0/1" },
  },
  {
    is: "restarts of a sidecar count beside those of the app",
    phase: "Running",
    init: [status(running(), { started: true, restarts: 2, restartedAt: "2026-01-01T00:05:00Z" })],
    sidecars: [0],
    app: [status(running(), { restarts: 1, restartedAt: "2026-01-01T00:08:00Z" })],
    says: { ready: "2/2", status: "Running", restarts: "3 (2m ago)" },
  },
  {
    is: "restarts of an init container that is done do not count",
    phase: "Running",
    init: [status(ended(0, "Completed"), { restarts: 4, restartedAt: "2026-01-01T00:05:00Z" })],
    app: [status(running())],
    says: { ready: "1/1", status: "Running", restarts: "0" },
  },
  {
    is: "backing off",
    phase: "Running",
    app: [status(waiting("CrashLoopBackOff"), { restarts: 3, restartedAt: "2026-01-01T00:05:00Z" })],
    says: { ready: "0/1", status: "CrashLoopBackOff", restarts: "3 (5m ago)" },
  },
  {
    is: "being deleted while running",
    phase: "Running",
    app: [status(running())],
    deleted: true,
    says: { ready: "1/1", status: "Terminating" },
  },
  {
    is: "being deleted when it is over",
    phase: "Succeeded",
    app: [status(ended(0, "Completed"), { ready: false })],
    deleted: true,
    says: { ready: "0/1", status: "Completed" },
  },
  {
    is: "failed as a whole",
    phase: "Failed",
    reason: "DeadlineExceeded",
    app: [],
    says: { ready: "0/0", status: "DeadlineExceeded" },
  },
  {
    is: "lost sight of",
    phase: "Failed",
    app: [status(ended(137, "ContainerStatusUnknown"))],
    says: { ready: "0/1", status: "ContainerStatusUnknown" },
  },
];

describe("a pod's row", () => {
  it.each(cases)("$is: $says.ready $says.status", (one) => {
    const row = podRow(podOf(one), now);
    expect({ ready: row.ready, status: row.status, restarts: row.restarts }).toEqual({
      restarts: "0",
      ...one.says,
    });
  });

  it("has age, address, uid and namespace", () => {
    const pod = podOf(cases[0] as Case);
    Object.assign(pod.status ?? {}, { podIPs: [{ ip: "10.1.2.3" }] });
    Object.assign(pod.metadata ?? {}, { uid: "u" });
    expect(podRow(pod, now)).toMatchObject({
      age: "10m",
      ip: "10.1.2.3",
      uid: "u",
      namespace: "default",
      name: "p",
    });
  });
});
