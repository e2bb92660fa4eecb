import { expect } from "vitest";
import type { Container, PodSpec } from "../../src/manifest/index.ts";
import { idle, pod, sh } from "../e2e/support/pods.ts";
import { eventually } from "../support/tspod.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet({ speed: 100 });
const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
/** Ends with `code` for the first `times` starts, then with 0; counts its starts in a file of the pod. */
const fails = (name: string, times: number, code: number, more: Partial<Container> = {}) =>
  sh(name, `echo x >> /v/${name}; [ $(wc -l < /v/${name}) -gt ${times} ] || exit ${code}`, { ...v, ...more });
const withVolume = (name: string, containers: Container[], spec: Partial<PodSpec> = {}) =>
  pod(name, containers, { volumes: [{ name: "v", emptyDir: {} }], ...spec });

const always = node.running(
  withVolume(
    "always",
    [
      sh("zero", "echo start >> /v/zero; touch /own; exit 0", v),
      sh("five", "echo run; echo start >> /v/five; ls /own 2>&1; touch /own; exit 5", v),
      idle("stays", v),
    ],
    { restartPolicy: "Always" },
  ),
);

behaviour("restart-01", "Always starts a container again after exit code 0 too", from.lifecycle, async () => {
  const status = await (await always()).untilContainer("zero", ({ restartCount }) => restartCount >= 2);
  expect(status.lastState.terminated).toMatchObject({ exitCode: 0, reason: "Completed" });
});

behaviour(
  "restart-02",
  "Always starts it again after a failure, and the last end is kept",
  from.lifecycle,
  async () => {
    const status = await (await always()).untilContainer("five", ({ restartCount }) => restartCount >= 2);
    expect(status.lastState.terminated).toMatchObject({ exitCode: 5, reason: "Error" });
  },
);

behaviour(
  "restart-03",
  "the pod goes on with its uid, volumes and other containers",
  from.lifecycle,
  async () => {
    const pod = await always();
    await pod.untilContainer("five", ({ restartCount }) => restartCount >= 2);
    expect((await pod.look("stays", "cat /v/five")).split("\n").length).toBeGreaterThan(2);
    expect(await pod.status("stays")).toMatchObject({ restartCount: 0, ready: true });
    expect((await pod.get()).status.phase).toBe("Running");
  },
);

behaviour("restart-04", "a container starts again with a clean root file system", from.volumes, async () => {
  const pod = await always();
  await pod.untilContainer("five", ({ restartCount }) => restartCount >= 2);
  const listed = async () => /^run\n(.*\/own.*)\n/.exec(await pod.logs("five"))?.[1];
  expect(await eventually(listed, { what: "a run that has looked" })).toMatch(/^ls: \/own: No such file/);
});

behaviour("restart-05", "the log of the run before can be read", from.determineFailure, async () => {
  const pod = await always();
  await pod.untilContainer("five", ({ restartCount }) => restartCount >= 1);
  expect(await pod.logs("five", "--previous")).toMatch(/^run\n/);
});

behaviour("restart-06", "RESTARTS is the sum over the containers", from.lifecycle, async () => {
  const pod = await always();
  await pod.untilContainer("five", ({ restartCount }) => restartCount >= 2);
  expect(Number((await pod.row())[3])).toBeGreaterThanOrEqual(4);
});

const onFailure = node.ended(
  withVolume("on-failure", [fails("twice", 2, 4), sh("once", "echo once")], { restartPolicy: "OnFailure" }),
);

behaviour(
  "restart-07",
  "OnFailure starts a container again until it ends with 0",
  from.lifecycle,
  async () => {
    const status = await (await onFailure()).status("twice");
    expect(status).toMatchObject({
      restartCount: 2,
      state: { terminated: { exitCode: 0, reason: "Completed" } },
    });
    expect(status.lastState.terminated).toMatchObject({ exitCode: 4, reason: "Error" });
  },
);

behaviour("restart-08", "OnFailure leaves a container that ended with 0", from.lifecycle, async () => {
  expect((await onFailure()).printed("once")).toBe("once\n");
  expect(await (await onFailure()).status("once")).toMatchObject({ restartCount: 0 });
});

behaviour(
  "restart-09",
  "a pod whose containers have all succeeded in the end is Succeeded",
  from.lifecycle,
  async () => {
    const pod = await onFailure();
    expect((await pod.get()).status.phase).toBe("Succeeded");
    expect(pod.code).toBe(0);
  },
);

const never = node.ended(
  withVolume("never", [fails("bad", 1, 4), sh("good", "exit 0")], { restartPolicy: "Never" }),
);

behaviour("restart-10", "Never starts nothing again, however it ended", from.lifecycle, async () => {
  const pod = await never();
  expect(await pod.status("bad")).toMatchObject({ restartCount: 0, state: { terminated: { exitCode: 4 } } });
  expect(await pod.status("good")).toMatchObject({ restartCount: 0, state: { terminated: { exitCode: 0 } } });
  expect((await pod.get()).status.phase).toBe("Failed");
});

const own = node.ended(
  withVolume(
    "own",
    [
      fails("retried", 1, 4, { restartPolicy: "OnFailure" } as object),
      fails("ruled", 1, 42, {
        restartPolicy: "Never",
        restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "In", values: [42] } }],
      } as object),
      fails("unruled", 1, 43, {
        restartPolicy: "Never",
        restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "In", values: [42] } }],
      } as object),
      fails("not-in", 1, 7, {
        restartPolicy: "Never",
        restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "NotIn", values: [0, 3] } }],
      } as object),
    ],
    { restartPolicy: "Never" },
  ),
);

behaviour(
  "restart-11",
  "a container's own policy has the say over the pod's",
  from.restartRules,
  async () => {
    expect(await (await own()).status("retried")).toMatchObject({
      restartCount: 1,
      state: { terminated: { exitCode: 0 } },
    });
  },
);

behaviour(
  "restart-12",
  "a rule for an exit code starts the container again whatever its policy says",
  from.restartRules,
  async () => {
    expect(await (await own()).status("ruled")).toMatchObject({
      restartCount: 1,
      state: { terminated: { exitCode: 0 } },
    });
  },
);

behaviour("restart-13", "an exit code that no rule names follows the policy", from.restartRules, async () => {
  expect(await (await own()).status("unruled")).toMatchObject({
    restartCount: 0,
    state: { terminated: { exitCode: 43 } },
  });
});

behaviour("restart-14", "a rule may name the exit codes that it is not for", from.restartRules, async () => {
  expect(await (await own()).status("not-in")).toMatchObject({
    restartCount: 1,
    state: { terminated: { exitCode: 0 } },
  });
});

behaviour("restart-15", "rules need a policy of the container's own", from.restartRules, async () => {
  const rules = { restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "In", values: [1] } }] };
  expect(await node.refused(pod("lacks", [sh("a", "true", rules as object)]))).toMatch(/restartPolicy/);
});

const initial = node.ended(
  withVolume("initial", [sh("app", "cat /v/order", v)], {
    restartPolicy: "OnFailure",
    initContainers: [
      sh("fine", "echo fine >> /v/order", v),
      fails("flaky", 2, 6),
      sh("last", "echo last >> /v/order", v),
    ],
  }),
);

behaviour(
  "restart-16",
  "a failed init container is tried again, those before it are not",
  from.init,
  async () => {
    const pod = await initial();
    expect(await pod.status("flaky")).toMatchObject({ restartCount: 2, ready: true });
    expect(await pod.status("fine")).toMatchObject({ restartCount: 0 });
    expect(pod.printed("app")).toBe("fine\nlast\n");
  },
);

const anew = node.running(
  withVolume("anew", [sh("app", "echo app >> /v/order; sleep 0.2; exit 1", v), idle("eye", v)], {
    restartPolicy: "Always",
    initContainers: [sh("init", "echo init >> /v/order", v)],
  }),
);

behaviour(
  "restart-17",
  "init containers do not run again when an app container is restarted",
  from.init,
  async () => {
    const pod = await anew();
    await pod.untilContainer("app", ({ restartCount }) => restartCount >= 2);
    const order = (await pod.look("eye", "cat /v/order")).trim().split("\n");
    expect(order.filter((line) => line === "init")).toHaveLength(1);
    expect(order.filter((line) => line === "app").length).toBeGreaterThanOrEqual(2);
    expect(await pod.status("init")).toMatchObject({ restartCount: 0 });
  },
);

const held = node.running(
  pod("held", [sh("a", "exit 4", { restartPolicy: "OnFailure" } as object)], { restartPolicy: "Never" }),
);

behaviour(
  "restart-18",
  "a pod whose containers wait to be started again by their own policy is Running, not Failed",
  from.restartRules,
  async () => {
    const running = await held();
    const now = await running.until(({ status }) => {
      const [{ restartCount, state }] = status.containerStatuses;
      return restartCount >= 3 && state.waiting?.reason === "CrashLoopBackOff";
    });
    expect(now.status.phase).toBe("Running");
    expect(now.status.reason).toBeUndefined();
  },
);
