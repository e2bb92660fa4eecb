import { expect } from "vitest";
import type { Container, Pod } from "../../src/manifest/index.ts";
import { idle, pod, sh } from "../e2e/support/pods.ts";
import type { ApiObject } from "./support/api-object.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { PRINT_LIMITS } from "./support/limits.ts";
import { from } from "./support/sources.ts";

const node = kubelet();
type Resources = Container["resources"];
const measured = (name: string, resources?: Resources) => sh(name, PRINT_LIMITS, resources && { resources });
const eat = (mebi: number) => `exec dd if=/dev/zero of=/dev/null bs=${mebi}M count=1`;

const ran = node.ended(
  pod("ran", [
    measured("none"),
    measured("limited", { limits: { cpu: "500m", memory: "64Mi" } }),
    measured("requested", { requests: { cpu: "250m", memory: "32Mi" } }),
    measured("both", { requests: { cpu: "100m", memory: "32Mi" }, limits: { cpu: "2", memory: "64M" } }),
    measured("tiny", { limits: { cpu: "1m" } }),
  ]),
);
const limits = async (name: string) =>
  Object.fromEntries(
    (await ran())
      .printed(name)
      .trim()
      .split("\n")
      .map((line) => line.split(" ")),
  );
/** What a share of v1 is as a weight of v2. */
const weighs = (share: number) => {
  const l = Math.log2(share);
  return String(Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34)));
};

behaviour(
  "resources-01",
  "limits.memory is the most a container can have, in bytes",
  from.resources,
  async () => {
    expect(await limits("limited")).toMatchObject({ memory: String(64 * 1024 * 1024) });
    expect(await limits("both")).toMatchObject({ memory: "64000000" });
  },
);

behaviour(
  "resources-02",
  "limits.cpu is time of each 100 ms; more than one core is possible",
  from.resources,
  async () => {
    expect([(await limits("limited")).cpu, (await limits("both")).cpu]).toEqual(["50000", "200000"]);
  },
);

behaviour(
  "resources-03",
  "less CPU than a millisecond of each 100 cannot be given: it is a millisecond",
  from.resources,
  async () => {
    expect((await limits("tiny")).cpu).toBe("1000");
  },
);

behaviour("resources-04", "without limits a container may use what there is", from.resources, async () => {
  expect(await limits("none")).toMatchObject({ memory: "max", cpu: "max" });
  expect(await limits("requested")).toMatchObject({ memory: "max", cpu: "max" });
});

behaviour("resources-05", "requests.cpu is the container's weight among others", from.resources, async () => {
  const { share, weight } = await limits("requested");
  if (share === undefined) expect(weight).toBe(weighs(256));
  else expect(share).toBe("256");
});

behaviour(
  "resources-06",
  "without a request the limit is the request; without both the weight is the least",
  from.resources,
  async () => {
    const [limited, none] = [await limits("limited"), await limits("none")];
    expect(limited.share ?? limited.weight).toBe(limited.share ? "512" : weighs(512));
    expect(none.share ?? none.weight).toBe(none.share ? "2" : "1");
  },
);

const eaten = node.running(
  pod("eaten", [sh("hungry", eat(100), { resources: { limits: { memory: "32Mi" } } }), idle("modest")]),
);

behaviour(
  "resources-07",
  "a container that takes more memory than its limit is killed: OOMKilled, 137",
  from.memory,
  async () => {
    const { status } = await (await eaten()).until(
      ({ status }) => status.containerStatuses[0].state.terminated,
    );
    expect(status.containerStatuses[0].state.terminated).toMatchObject({
      reason: "OOMKilled",
      exitCode: 137,
    });
  },
);

behaviour("resources-08", "its neighbours go on", from.memory, async () => {
  const pod = await eaten();
  expect(await pod.look("modest", "echo here")).toBe("here\n");
  expect((await pod.get()).status.containerStatuses[1]).toMatchObject({ ready: true, restartCount: 0 });
});

// Each stays below the pod's 64 MiB; together they do not. What is written to the pipe is never read, so dd keeps it.
const hold = "mkfifo /pipe; sleep 3600 < /pipe & exec dd if=/dev/zero of=/pipe bs=40M count=1";
const shared = node.running(
  pod("shared", [sh("one", hold), sh("two", hold), idle("small")], {
    resources: { limits: { memory: "64Mi" } },
  }),
);

behaviour(
  "resources-09",
  "the pod's own limit is for all its containers together",
  from.podResources,
  async () => {
    const pod = await shared();
    const two = ({ status }: ApiObject) =>
      status.containerStatuses.slice(0, 2).map(({ state }: ApiObject) => state);
    await pod.until((now) => two(now).some(({ terminated }: ApiObject) => terminated));
    expect(await pod.look("small", "echo here")).toBe("here\n");
    const states = two(await pod.get());
    expect(states).toContainEqual({ running: expect.anything() });
    expect(states).toContainEqual({ terminated: expect.objectContaining({ reason: "OOMKilled" }) });
  },
);

const quality = (name: string, containers: Resources[], more: Partial<Pod["spec"]> = {}) =>
  node.ended(
    pod(
      name,
      containers.map((resources, index) => sh(`c${index}`, "true", resources && { resources })),
      more as object,
    ),
  );
const classOf = async (ended: ReturnType<typeof quality>) => (await (await ended()).get()).status.qosClass;
const full = { cpu: "100m", memory: "32Mi" };

behaviour(
  "resources-10",
  "Guaranteed: every container has limits for both, and requests equal to them",
  from.qos,
  async () => {
    expect(await classOf(quality("g1", [{ limits: full }, { limits: full, requests: full }]))).toBe(
      "Guaranteed",
    );
  },
);

behaviour("resources-11", "Burstable: some container has a request or a limit", from.qos, async () => {
  expect(await classOf(quality("b1", [{ limits: full }, undefined]))).toBe("Burstable");
  expect(await classOf(quality("b2", [{ limits: full, requests: { ...full, cpu: "50m" } }]))).toBe(
    "Burstable",
  );
  expect(await classOf(quality("b3", [{ limits: { memory: "32Mi" } }]))).toBe("Burstable");
});

behaviour("resources-12", "BestEffort: no container has any", from.qos, async () => {
  expect(await classOf(quality("e1", [undefined, undefined]))).toBe("BestEffort");
});

behaviour(
  "resources-13",
  "the pod's own resources decide its class where it has them",
  from.podResources,
  async () => {
    expect(await classOf(quality("p1", [undefined], { resources: { limits: full } }))).toBe("Guaranteed");
  },
);

behaviour("resources-14", "requests above limits are refused", from.resources, async () => {
  const resources = { requests: { cpu: "2" }, limits: { cpu: "1" } };
  expect(await node.refused(pod("above", [sh("a", "true", { resources })]))).toContain(
    "must be less than or equal to cpu limit",
  );
});
