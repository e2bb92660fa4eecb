import { describe, expect, it } from "vitest";
import { applyDefaults, type Container, type Pod, type PodSpec } from "../../../src/manifest/index.ts";
import { classifyUpdate } from "../../../src/pod/pod-update.ts";

function pod(
  change: (pod: { metadata: NonNullable<Pod["metadata"]>; spec: PodSpec }) => void = () => {},
): Pod {
  const base = {
    metadata: { name: "web", labels: { app: "web" } },
    spec: {
      initContainers: [{ name: "setup", image: "busybox:1.36" }] as Container[],
      containers: [
        { name: "a", image: "nginx:1.25", env: [{ name: "X", value: "1" }] },
        { name: "b", image: "redis:7" },
      ] as Container[],
    },
  };
  change(base);
  return applyDefaults(base as Parameters<typeof applyDefaults>[0]) as unknown as Pod;
}

/** What becomes of the pod when it is changed so. */
const update = (change: Parameters<typeof pod>[0], before: Parameters<typeof pod>[0] = () => {}) =>
  classifyUpdate(
    pod(before),
    pod((one) => {
      before?.(one);
      change?.(one);
    }),
  );

const allowed = (parts: object) => ({
  update: "allowed",
  metadata: false,
  images: [],
  resources: [],
  fields: [],
  ...parts,
});

describe("a change of a pod", () => {
  it("is none when only the order of fields or the spelling of defaults differs", () => {
    expect(
      update(({ spec }) =>
        Object.assign(spec, { restartPolicy: "Always", terminationGracePeriodSeconds: 30 }),
      ),
    ).toEqual({
      update: "unchanged",
    });
  });

  it("may be of labels and annotations", () => {
    expect(update(({ metadata }) => Object.assign(metadata, { labels: { app: "web", tier: "x" } }))).toEqual(
      allowed({ metadata: true }),
    );
    expect(update(({ metadata }) => Object.assign(metadata, { annotations: { a: "b" } }))).toEqual(
      allowed({ metadata: true }),
    );
  });

  it("may be of images, init containers' too, whatever pull policy their tags would have", () => {
    const images = update(({ spec }) => {
      spec.containers[0]!.image = "nginx:latest";
      spec.initContainers![0]!.image = "busybox:1.37";
    });
    expect(images).toEqual(allowed({ images: ["setup", "a"] }));
    // What the default was for the old image stays; a manifest that does not say it asks for no change.
    const old = pod();
    old.spec!.containers[0]!.image = "nginx:latest";
    expect(
      classifyUpdate(
        old,
        pod(({ spec }) => (spec.containers[0]!.image = "nginx:latest")),
      ),
    ).toEqual({
      update: "unchanged",
    });
    // The policy alone may not change.
    expect(update(({ spec }) => (spec.containers[0]!.imagePullPolicy = "Always"))).toMatchObject({
      update: "forbidden",
      fields: ["spec.containers[0].imagePullPolicy"],
    });
  });

  it("may be of resources, which are told apart", () => {
    expect(update(({ spec }) => (spec.containers[1]!.resources = { limits: { memory: "64Mi" } }))).toEqual(
      allowed({ resources: ["b"] }),
    );
  });

  it("may shorten activeDeadlineSeconds and set it, not lengthen or take it away", () => {
    const set = (seconds: number | undefined) => (one: { spec: PodSpec }) => {
      if (seconds === undefined) delete one.spec.activeDeadlineSeconds;
      else one.spec.activeDeadlineSeconds = seconds;
    };
    expect(update(set(10))).toEqual(allowed({ fields: ["activeDeadlineSeconds"] }));
    expect(update(set(5), set(10))).toEqual(allowed({ fields: ["activeDeadlineSeconds"] }));
    expect(update(set(20), set(10))).toMatchObject({
      message: "spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal to previous value",
    });
    expect(update(set(undefined), set(10))).toMatchObject({
      message:
        "spec.activeDeadlineSeconds: Required value: must not update from a positive integer to nil value",
    });
  });

  it("may add tolerations and change their seconds", () => {
    const tolerate =
      (...tolerations: object[]) =>
      (one: { spec: PodSpec }) => {
        one.spec.tolerations = tolerations as NonNullable<PodSpec["tolerations"]>;
      };
    const one = { key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 };
    const other = { key: "b", operator: "Exists" };
    expect(update(tolerate(one, other), tolerate(one))).toEqual(allowed({ fields: ["tolerations"] }));
    expect(update(tolerate({ ...one, tolerationSeconds: 9 }), tolerate(one))).toEqual(
      allowed({ fields: ["tolerations"] }),
    );
    expect(update(tolerate(other), tolerate(one))).toMatchObject({
      update: "forbidden",
      message:
        "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds",
    });
  });

  it("may set terminationGracePeriodSeconds to 1 where it was negative, and nothing else of it", () => {
    const grace = (seconds: number) => (one: { spec: PodSpec }) => {
      one.spec.terminationGracePeriodSeconds = seconds;
    };
    expect(update(grace(1), grace(-5))).toEqual(allowed({ fields: ["terminationGracePeriodSeconds"] }));
    expect(update(grace(1), grace(5))).toMatchObject({ fields: ["spec.terminationGracePeriodSeconds"] });
    expect(update(grace(2), grace(-5))).toMatchObject({ update: "forbidden" });
  });

  it("of anything else is refused in the API's words, with the fields that differ", () => {
    const refused = update(({ spec }) => {
      spec.containers[0]!.env![0]!.value = "2";
      spec.containers[1]!.command = ["x"];
      spec.hostNetwork = true;
    });
    expect(refused).toMatchObject({
      update: "forbidden",
      fields: ["spec.containers[0].env[0].value", "spec.containers[1].command", "spec.hostNetwork"],
    });
    expect((refused as { message: string }).message).toMatch(
      /^spec: Forbidden: pod updates may not change fields other than `spec.containers\[\*\].image`,/,
    );
  });

  it("may not add, remove or reorder containers", () => {
    for (const change of [
      (spec: PodSpec) => spec.containers.push({ name: "c", image: "x" } as Container),
      (spec: PodSpec) => spec.containers.pop(),
      (spec: PodSpec) => spec.containers.reverse(),
    ])
      expect(update(({ spec }) => change(spec))).toEqual({
        update: "forbidden",
        message: "spec.containers: Forbidden: pod updates may not add or remove containers",
        fields: ["spec.containers"],
      });
    expect(update(({ spec }) => delete spec.initContainers)).toMatchObject({
      fields: ["spec.initContainers"],
    });
  });

  it("leaves ephemeral containers out of account: they are added in another way", () => {
    const before = pod();
    (before.spec as PodSpec).ephemeralContainers = [{ name: "debug", image: "busybox" }] as never;
    expect(classifyUpdate(before, pod())).toEqual({ update: "unchanged" });
  });
});
