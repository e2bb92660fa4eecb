import { describe, expect, it } from "vitest";
import { podStatus } from "../../../src/pod/status.ts";
import { podView, type ViewInput } from "./views.ts";

const own = (name: string, restartPolicy?: string) => ({
  name,
  image: "busybox",
  ...(restartPolicy ? { restartPolicy } : {}),
});
const rule = { action: "RestartAllContainers", exitCodes: { operator: "In", values: [42] } };
const phases: [says: string, phase: string, input: ViewInput][] = [
  ["nothing yet", "Pending", { app: { a: [] } }],
  ["all running", "Running", { app: { a: ["running"], b: ["running"] } }],
  ["one running, one not made", "Pending", { app: { a: ["running"], b: [] } }],
  ["one running, one ended", "Running", { app: { a: ["running"], b: [{ code: 1 }] } }],
  ["all ended well", "Succeeded", { app: { a: [{ code: 0 }], b: [{ code: 0 }] } }],
  ["one failed", "Failed", { app: { a: [{ code: 0 }], b: [{ code: 1 }] } }],
  ["all ended well, Always", "Running", { app: { a: [{ code: 0 }] }, spec: { restartPolicy: "Always" } }],
  [
    "all ended well, OnFailure",
    "Succeeded",
    { app: { a: [{ code: 0 }] }, spec: { restartPolicy: "OnFailure" } },
  ],
  ["failed, OnFailure", "Running", { app: { a: [{ code: 1 }] }, spec: { restartPolicy: "OnFailure" } }],
  ["init running", "Pending", { init: { i: ["running"] }, app: { a: [] } }],
  ["second init not yet", "Pending", { init: { i: [{ code: 0 }], j: [] }, app: { a: [] } }],
  ["init done, app not yet", "Pending", { init: { i: [{ code: 0 }] }, app: { a: [] } }],
  ["init failed, Never", "Failed", { init: { i: [{ code: 1 }] }, app: { a: [] } }],
  [
    "init failed, OnFailure",
    "Pending",
    { init: { i: [{ code: 1 }] }, app: { a: [] }, spec: { restartPolicy: "OnFailure" } },
  ],
  [
    "init failed that its own policy tries again",
    "Pending",
    { init: { i: [{ code: 1 }] }, app: { a: [] }, spec: { initContainers: [own("i", "OnFailure")] } },
  ],
  [
    "failed, Never, its own policy starts it again",
    "Running",
    { app: { a: [{ code: 1 }] }, spec: { containers: [own("a", "OnFailure")] } },
  ],
  [
    "all ended, Never, a rule for one starts all again",
    "Running",
    {
      app: { a: [{ code: 0, signal: 15 }], b: [{ code: 42 }] },
      spec: { containers: [own("a"), { ...own("b", "Never"), restartPolicyRules: [rule] }] },
    },
  ],
  [
    "all ended, Never, no rule for these codes",
    "Failed",
    {
      app: { b: [{ code: 41 }] },
      spec: { containers: [{ ...own("b", "Never"), restartPolicyRules: [rule] }] },
    },
  ],
  ["lost", "Failed", { app: { a: ["lost"] } }],
  [
    "stopped by us, ended well, Always",
    "Succeeded",
    { app: { a: [{ code: 0 }] }, spec: { restartPolicy: "Always" }, sandbox: { phase: "stopped" } },
  ],
  [
    "stopped by us, killed, Always",
    "Failed",
    {
      app: { a: [{ code: 0, signal: 9 }] },
      spec: { restartPolicy: "Always" },
      sandbox: { phase: "stopped" },
    },
  ],
  ["rebooted", "Failed", { app: { a: ["running"] }, spec: { restartPolicy: "Always" }, sameBoot: false }],
];

describe("the phase", () => {
  it.each(phases)("with %s is %s", (_, phase, input) => {
    expect(podStatus(podView(input)).phase).toBe(phase);
  });
});

const verdict = (input: ViewInput, type: string) => {
  const { status, reason, message } =
    podStatus(podView(input)).conditions?.find((condition) => condition.type === type) ?? {};
  return [status, reason, message];
};

describe("the conditions", () => {
  it("stand in the kubelet's order", () => {
    expect(podStatus(podView({ app: { a: ["running"] } })).conditions?.map(({ type }) => type)).toEqual([
      "PodReadyToStartContainers",
      "Initialized",
      "Ready",
      "ContainersReady",
      "PodScheduled",
    ]);
  });

  it("are all true for a pod that runs", () => {
    const { conditions } = podStatus(podView({ init: { i: [{ code: 0 }] }, app: { a: ["running"] } }));
    expect(conditions?.map(({ status }) => status)).toEqual(["True", "True", "True", "True", "True"]);
  });

  it("name the containers that are not ready", () => {
    const input: ViewInput = { app: { a: ["running"], b: [{ code: 0 }], c: [{ code: 1 }] } };
    const expected = ["False", "ContainersNotReady", "containers with unready status: [b c]"];
    expect(verdict(input, "Ready")).toEqual(expected);
    expect(verdict(input, "ContainersReady")).toEqual(expected);
  });

  it("name the init containers that are not done", () => {
    const input: ViewInput = { init: { i: [{ code: 0 }], j: ["running"], k: [] }, app: { a: [] } };
    expect(verdict(input, "Initialized")).toEqual([
      "False",
      "ContainersNotInitialized",
      "containers with incomplete status: [j k]",
    ]);
  });

  it("say that the pod is over", () => {
    expect(verdict({ app: { a: [{ code: 0 }] } }, "Ready")).toEqual(["False", "PodCompleted", undefined]);
    expect(verdict({ app: { a: [{ code: 0 }] } }, "Initialized")).toEqual([
      "True",
      "PodCompleted",
      undefined,
    ]);
    expect(verdict({ app: { a: [{ code: 1 }] } }, "ContainersReady")).toEqual([
      "False",
      "PodFailed",
      undefined,
    ]);
  });

  it("say when the sandbox is gone", () => {
    expect(verdict({ app: { a: ["running"] }, infraAlive: false }, "PodReadyToStartContainers")[0]).toBe(
      "False",
    );
  });

  it("change when the containers do", () => {
    const { conditions } = podStatus(podView({ app: { a: ["running"], b: [{ code: 0 }] } }));
    expect(conditions?.find(({ type }) => type === "Ready")?.lastTransitionTime).toBe("2026-01-01T00:00:05Z");
    expect(conditions?.find(({ type }) => type === "PodScheduled")?.lastTransitionTime).toBe(
      "2026-01-01T00:00:00Z",
    );
  });
});
