import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, expect } from "vitest";
import type { Container, Pod, PodSpec } from "../../src/manifest/index.ts";
import { idle, pod, sh } from "../e2e/support/pods.ts";
import { eventually } from "../support/tspod.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { once } from "./support/once.ts";
import { from } from "./support/sources.ts";

const node = kubelet({ speed: 10 });
const clock = kubelet();
const exec = (script: string) => ({ exec: { command: ["sh", "-c", script] } });
const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
const make = (name: string, containers: Container[], spec: Partial<PodSpec> = {}): Pod =>
  pod(name, containers, { restartPolicy: "Always", volumes: [{ name: "v", emptyDir: {} }], ...spec });
const hook = (lifecycle: object): Partial<Container> => ({ ...v, lifecycle }) as Partial<Container>;
const loop = "while :; do sleep 0.05; done";
const now = `cut -d" " -f1 /proc/uptime`;
const onTerm = (script: string) => `trap '${script}' TERM; echo x >> /v/ready; ${loop}`;

const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url} ${request.headers["x-hook"]}`);
  response.end();
});
const port = await new Promise<number>((resolve) => {
  server.listen(0, () => resolve((server.address() as AddressInfo).port));
});
afterAll(() => {
  server.close();
});

const started = node.running(
  make("started", [
    idle("a", hook({ postStart: exec("echo post > /v/post; hostname > /v/name; id -u > /v/id") })),
    idle("b", hook({ postStart: { sleep: { seconds: 1 } } })),
    idle("eye", v),
  ]),
);

behaviour("hook-01", "postStart runs in the container when it has been started", from.hooks, async () => {
  const pod = await started();
  await pod.untilContainer("a", ({ ready }) => ready);
  expect(await pod.look("eye", "cat /v/post /v/name /v/id")).toBe("post\nstarted\n0\n");
});

behaviour(
  "hook-02",
  "postStart with sleep holds the container back and then lets it go on",
  from.sleepHook,
  async () => {
    const pod = await started();
    expect(await pod.untilContainer("b", ({ ready }) => ready)).toMatchObject({ restartCount: 0 });
  },
);

const failing = node.running(
  make("failing", [idle("a", hook({ postStart: exec("echo tried >> /v/tried; exit 1") })), idle("eye", v)]),
);

behaviour(
  "hook-03",
  "a container whose postStart fails is killed, and started again by its policy",
  from.hooks,
  async () => {
    const pod = await failing();
    const status = await pod.untilContainer("a", ({ restartCount }) => restartCount >= 1);
    expect(status.lastState).toHaveProperty("terminated");
    expect((await pod.look("eye", "cat /v/tried")).split("\n").length).toBeGreaterThan(2);
    expect((await pod.events()).some((line) => line.startsWith("FailedPostStartHook "))).toBe(true);
  },
);

const ends = make(
  "ends",
  [
    sh(
      "order",
      onTerm("echo TERM >> /v/order; exit 0"),
      hook({ preStop: exec("echo pre >> /v/order; sleep 0.2; echo pre-done >> /v/order") }),
    ),
    sh("failing", onTerm("echo heard >> /v/failing; exit 0"), hook({ preStop: exec("exit 1") })),
    sh(
      "asked",
      onTerm("exit 0"),
      hook({
        preStop: {
          httpGet: { host: "127.0.0.1", port, path: "/bye", httpHeaders: [{ name: "X-Hook", value: "1" }] },
        },
      }),
    ),
    sh("sleeping", onTerm(`${now} >> /v/term; exit 0`), hook({ preStop: { sleep: { seconds: 45 } } })),
    sh("deaf", `trap '' TERM; echo x >> /v/ready; ${loop}`, hook({ preStop: exec("sleep 100") })),
    sh("nothing", "exit 0", hook({ preStop: exec("echo never > /v/nothing") })),
  ],
  {
    terminationGracePeriodSeconds: 80,
    restartPolicy: "Never",
    hostNetwork: true,
    volumes: [{ name: "v", hostPath: { path: `${node.tspod.dir}/ends`, type: "DirectoryOrCreate" } }],
  },
);
const running = node.running(ends);
const ended = once(async () => {
  const pod = await running();
  await eventually(async () => (await pod.look("deaf", "wc -l < /v/ready")) === "5\n");
  await pod.untilContainer("nothing", ({ state }) => state.terminated);
  const stopped = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  await pod.stop();
  const reader = node.ended(
    reads("reader", 'cd /v; for one in *; do echo "$one:" $(cat $one); done', `${node.tspod.dir}/ends`),
  );
  const said = Object.fromEntries(
    (await reader())
      .printed("a")
      .trimEnd()
      .split("\n")
      .map((line) => line.split(": ", 2)),
  );
  return { pod, said, stopped };
});

behaviour("hook-04", "preStop runs to its end before TERM is sent", from.hooks, async () => {
  expect((await ended()).said.order).toBe("pre pre-done TERM");
});

behaviour(
  "hook-05",
  "when preStop fails, an event says so and TERM is sent all the same",
  from.hooks,
  async () => {
    const { pod, said } = await ended();
    expect(said.failing).toBe("heard");
    expect((await pod.events()).some((line) => line.startsWith("FailedPreStopHook "))).toBe(true);
  },
);

behaviour("hook-06", "preStop can be an HTTP request", from.hooks, async () => {
  await ended();
  expect(asked).toContain("GET /bye 1");
});

behaviour("hook-07", "preStop can be a sleep, after which TERM is sent", from.sleepHook, async () => {
  const { said, stopped } = await ended();
  // 45 s at a speed of 10: longer than the command takes to come to it.
  expect(Number(said.term) - stopped).toBeGreaterThanOrEqual(4.5);
});

behaviour(
  "hook-08",
  "the grace period runs while preStop runs; when both take longer, the container is killed",
  from.hooks,
  async () => {
    expect((await (await ended()).pod.status("deaf")).state.terminated).toMatchObject({ exitCode: 137 });
  },
);

behaviour(
  "hook-13",
  "after a preStop that has taken it all, two more seconds are for the answer to TERM",
  from.lifecycle,
  async () => {
    const endless = sh(
      "endless",
      `trap 'exit 0' TERM; touch /ready; ${loop}`,
      hook({ preStop: exec("sleep 100") }),
    );
    // In its own time: two seconds may be too little in a tenth of it.
    const pod = await clock.running(
      make("endless", [endless], { restartPolicy: "Never", terminationGracePeriodSeconds: 1 }),
    )();
    await eventually(() => pod.look("endless", "ls /ready"));
    await pod.stop();
    expect((await pod.status("endless")).state.terminated).toMatchObject({ exitCode: 0 });
  },
);

behaviour("hook-09", "preStop is not run for a container that ended by itself", from.hooks, async () => {
  expect((await ended()).said).not.toHaveProperty("nothing");
});

behaviour("hook-10", "preStop runs when a liveness probe has failed", from.hooks, async () => {
  const pod = await node.running(
    make("sick", [
      idle("a", {
        ...hook({ preStop: exec("echo pre >> /v/pre") }),
        livenessProbe: { exec: { command: ["false"] }, periodSeconds: 2, failureThreshold: 1 },
      }),
      idle("eye", v),
    ]),
  )();
  await pod.untilContainer("a", ({ restartCount }) => restartCount >= 1);
  expect(await pod.look("eye", "cat /v/pre")).toMatch(/^pre\n/);
});

behaviour("hook-11", "a hook is of one kind: two are refused", from.hookTask, async () => {
  const both = { preStop: { ...exec("true"), sleep: { seconds: 1 } } };
  expect(await node.refused(make("both", [idle("a", hook(both))]))).toContain(
    "may not specify more than 1 handler type",
  );
});

behaviour("hook-12", "init containers cannot have hooks", from.init, async () => {
  const initContainers = [sh("i", "true", { lifecycle: { postStart: exec("true") } } as Partial<Container>)];
  expect(await node.refused(make("init", [idle("a")], { initContainers }))).toMatch(
    /lifecycle.*may not be set for init containers/i,
  );
});

function reads(name: string, script: string, path: string): Pod {
  return pod(name, [sh("a", script, v)], { volumes: [{ name: "v", hostPath: { path } }] });
}
