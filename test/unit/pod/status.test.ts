import { describe, expect, it } from "vitest";
import type { ContainerStatus } from "../../../src/manifest/index.ts";
import { podStatus, podWithStatus } from "../../../src/pod/status.ts";
import type { AttemptView, ContainerView } from "../../../src/pod/view.ts";
import { podView, type ViewInput } from "./views.ts";

const first = (input: ViewInput): ContainerStatus =>
  podStatus(podView(input)).containerStatuses?.[0] as ContainerStatus;

describe("a container's status", () => {
  it("of a running one has when it started, in whole seconds", () => {
    expect(first({ app: { a: ["running"] } })).toEqual({
      name: "a",
      state: { running: { startedAt: "2026-01-01T00:00:01Z" } },
      lastState: {},
      ready: true,
      started: true,
      restartCount: 0,
      image: "busybox",
      imageID: "sha256:1",
      containerID: "tspod://1f0e8a52-0000-4000-8000-000000000001/a/0",
    });
  });

  it("of a running one has the resources in force, of another none", () => {
    const resources = { limits: { cpu: "1" }, requests: { cpu: "500m" } };
    const spec = { containers: [{ name: "a", image: "busybox", resources }] };
    expect(first({ app: { a: ["running"] }, spec })).toMatchObject({
      resources,
      allocatedResources: { cpu: "500m" },
    });
    expect(first({ app: { a: [{ code: 0 }] }, spec })).not.toHaveProperty("resources");
  });

  it.each([
    ["that ended well", { code: 0 }, { exitCode: 0, reason: "Completed" }],
    ["that failed", { code: 3 }, { exitCode: 3, reason: "Error" }],
    ["ended by a signal", { code: 0, signal: 15 }, { exitCode: 143, signal: 15, reason: "Error" }],
    ["out of memory", { code: 0, signal: 9, oomKills: 1 }, { exitCode: 137, signal: 9, reason: "OOMKilled" }],
    ["whose child was out of memory", { code: 1, oomKills: 1 }, { exitCode: 1, reason: "OOMKilled" }],
    ["that got over a child's end", { code: 0, oomKills: 1 }, { exitCode: 0, reason: "Completed" }],
  ] as const)("of one %s", (_, exit, terminated) => {
    const status = first({ app: { a: [exit] } });
    expect(status.state?.terminated).toMatchObject({
      ...terminated,
      startedAt: "2026-01-01T00:00:01Z",
      finishedAt: "2026-01-01T00:00:05Z",
    });
    expect(status.state?.terminated?.signal).toBe("signal" in terminated ? terminated.signal : undefined);
    expect(status.ready).toBe(false);
  });

  it("of one whose monitor was killed says so, with 137", () => {
    const { terminated } = first({ app: { a: ["lost"] } }).state ?? {};
    expect(terminated).toMatchObject({ exitCode: 137, reason: "ContainerStatusUnknown" });
    expect(terminated?.message).toContain("monitor (pid 199) was killed");
  });

  it("of one killed with its monitor by a removal says that", () => {
    const { terminated } = first({ app: { a: ["lost"] }, sandbox: { phase: "removing" } }).state ?? {};
    expect(terminated).toMatchObject({
      exitCode: 137,
      reason: "Error",
      message: "Killed: the pod is being removed",
    });
  });

  it("after a reboot says that the machine was restarted", () => {
    const { terminated } = first({ app: { a: ["running"] }, sameBoot: false, infraAlive: false }).state ?? {};
    expect(terminated).toMatchObject({ exitCode: 137, reason: "ContainerStatusUnknown" });
    expect(terminated?.message).toContain("restarted");
  });

  it("waits for what the kubelet would wait for", () => {
    expect(first({ app: { a: [] } }).state).toEqual({ waiting: { reason: "ContainerCreating" } });
    expect(first({ app: { a: ["creating"] } }).state).toEqual({ waiting: { reason: "ContainerCreating" } });
    const creatingInit = podStatus(podView({ init: { i: ["creating"] }, app: { a: [] } }))
      .initContainerStatuses?.[0];
    expect(creatingInit?.state).toEqual({ waiting: { reason: "PodInitializing" } });
    expect(first({ init: { i: ["running"] }, app: { a: [] } }).state).toEqual({
      waiting: { reason: "PodInitializing" },
    });
  });

  it("waits after a create error and has ended after a start error", () => {
    expect(first({ app: { a: [{ error: "CreateContainerError" }] } }).state).toEqual({
      waiting: { reason: "CreateContainerError", message: "why" },
    });
    expect(first({ app: { a: [{ error: "StartError" }] } }).state?.terminated).toMatchObject({
      reason: "StartError",
      message: "why",
      exitCode: 128,
    });
  });

  it("waits while its next attempt cannot be made, unless it is the back-off that it waits for", () => {
    const waiting = { a: "ErrImagePull" };
    const spec = { restartPolicy: "Always" };
    expect(first({ app: { a: [] }, waiting }).state).toEqual({
      waiting: { reason: "ErrImagePull", message: "why" },
    });
    expect(first({ app: { a: [{ code: 3 }] }, waiting, spec })).toMatchObject({
      state: { waiting: { reason: "ErrImagePull" } },
      lastState: { terminated: { exitCode: 3 } },
    });
    expect(first({ app: { a: ["running"] }, waiting }).state).toHaveProperty("running");
  });

  it("counts restarts and keeps the last end", () => {
    const status = first({ app: { a: [{ code: 1 }, { code: 2 }, "running"] } });
    expect(status.restartCount).toBe(2);
    expect(status.lastState?.terminated?.exitCode).toBe(2);
  });

  it("of an init container is ready when it has ended well, never started", () => {
    const init = (what: ViewInput["init"]) =>
      podStatus(podView({ ...(what ? { init: what } : {}), app: { a: [] } })).initContainerStatuses?.[0];
    expect(init({ i: [{ code: 0 }] })).toMatchObject({ ready: true, started: false });
    expect(init({ i: ["running"] })).toMatchObject({ ready: false, started: false });
    expect(init({ i: [{ code: 1 }] })).toMatchObject({ ready: false });
  });
});

describe("a pod's status", () => {
  it("has addresses, start and class", () => {
    expect(podStatus(podView({ app: { a: ["running"] } }))).toMatchObject({
      phase: "Running",
      podIP: "10.77.0.2",
      podIPs: [{ ip: "10.77.0.2" }],
      hostIP: "192.0.2.1",
      hostIPs: [{ ip: "192.0.2.1" }],
      startTime: "2026-01-01T00:00:00Z",
      qosClass: "BestEffort",
    });
  });

  it("has a container that was being started when its starter was killed wait, and not fail", () => {
    const view = podView({ app: { a: ["lost"] } });
    const [container] = view.containers;
    const [lost] = container?.attempts ?? [];
    const { startedAt: _, ...record } = (lost as AttemptView).record;
    const attempts = [{ ...lost, record, alive: false } as AttemptView];
    const begun = { ...view, containers: [{ ...container, attempts } as ContainerView] };
    expect(podStatus(begun)).toMatchObject({
      phase: "Pending",
      containerStatuses: [{ state: { waiting: { reason: "ContainerCreating" } } }],
    });
    const stopped = { ...begun, sandbox: { ...begun.sandbox, phase: "stopped" as const } };
    expect(podStatus(stopped).phase).toBe("Failed");
  });

  it("has no containers while there is no place for it, and says why as the scheduler does", () => {
    const waits = { phase: "recreating" as const, fresh: true, unschedulable: "0/1 nodes are available: no" };
    const view = podView({ app: { a: [] }, infraAlive: false, sandbox: { ...waits, ip: "" } });
    const { infra: _, ...sandbox } = view.sandbox;
    const { conditions, ...status } = podStatus({ ...view, sandbox });
    expect(status).not.toHaveProperty("containerStatuses");
    expect(status).not.toHaveProperty("startTime");
    const placed = { ...view.record, nodeName: "vm" };
    expect(podWithStatus({ ...view, sandbox, record: placed }).spec?.nodeName).toBeUndefined();
    expect(conditions).toEqual([
      {
        type: "PodScheduled",
        status: "False",
        reason: "Unschedulable",
        message: "0/1 nodes are available: no",
        lastTransitionTime: "2026-01-01T00:00:00Z",
      },
    ]);
    const stopped = { ...waits, phase: "stopped" as const };
    expect(podStatus(podView({ app: { a: [] }, infraAlive: false, sandbox: stopped })).phase).toBe("Failed");
  });

  it("has the host's address as its own in the host's network", () => {
    const view = podView({ app: { a: ["running"] }, spec: { hostNetwork: true }, sandbox: { ip: "" } });
    expect(podStatus(view).podIP).toBe("192.0.2.1");
  });

  it("reports a container that never ran in a stopped pod as lost, but not before initialization", () => {
    const stopped = { sandbox: { phase: "stopped" as const }, infraAlive: false };
    expect(first({ app: { a: [] }, ...stopped }).state?.terminated?.reason).toBe("ContainerStatusUnknown");
    expect(first({ init: { i: [{ code: 1 }] }, app: { a: [] }, ...stopped }).state?.waiting?.reason).toBe(
      "PodInitializing",
    );
  });
});

describe("the pod as an object", () => {
  it("carries uid, creation and, while it is being stopped, deletion", () => {
    const view = podView({ app: { a: ["running"] } });
    expect(podWithStatus(view)).toMatchObject({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web", uid: view.record.uid, creationTimestamp: "2026-01-01T00:00:00Z" },
      status: { phase: "Running" },
    });
    expect(podWithStatus(view).metadata?.deletionTimestamp).toBeUndefined();
    const assigned = podWithStatus({ ...view, record: { ...view.record, nodeName: "vm" } });
    expect(assigned.spec?.nodeName).toBe("vm");
    const stopping = podView({
      app: { a: ["running"] },
      sandbox: { phase: "stopping", stoppedAt: "2026-01-01T00:01:00.5Z", graceSeconds: 5 },
    });
    expect(podWithStatus(stopping).metadata).toMatchObject({
      deletionTimestamp: "2026-01-01T00:01:05Z",
      deletionGracePeriodSeconds: 5,
    });
  });
});
