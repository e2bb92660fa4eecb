import { describe, expect, it } from "vitest";
import { MS_PRIVATE, MS_SHARED, MS_SLAVE } from "../../../src/kernel/constants.ts";
import type { Volume } from "../../../src/manifest/index.ts";
import { undoAll } from "../../../src/plan/undo.ts";
import { volumeMounts } from "../../../src/plan/volume-mounts.ts";
import { planVolumes } from "../../../src/plan/volumes.ts";
import { sharedRoot, volumesInput } from "./support.ts";

describe("what containers mount in a volume", () => {
  const propagated = (
    volume: Omit<Volume, "name">,
    mountPropagation = "Bidirectional",
    below = ["/h", "/h"],
  ) => {
    const mounting = { name: "c", volumeMounts: [{ name: "v", mountPath: "/m", mountPropagation }] };
    const mounts = {
      ...sharedRoot,
      at: () => ({ point: "/h", shared: true, slave: false }),
      below: () => below,
    };
    return planVolumes(
      volumesInput({ volumes: [{ name: "v", ...volume }], containers: [mounting] }, { mounts }),
    );
  };

  it.each([
    ["an emptyDir", { emptyDir: {} }, { path: "/v/empty-dir~v", keep: [], detach: true }],
    [
      "an emptyDir in memory",
      { emptyDir: { medium: "Memory" } },
      { path: "/v/empty-dir~v", keep: ["/v/empty-dir~v"], detach: true },
    ],
    ["a hostPath", { hostPath: { path: "/h" } }, { path: "/h", keep: ["/h", "/h"], detach: false }],
  ])(
    "with Bidirectional propagation is expected in %s, and undone before the volume is",
    (_, volume, fields) => {
      const { ops } = propagated(volume);
      expect(ops.at(-1)).toEqual({ op: "expect-mounts", ...fields });
      expect(undoAll(ops)[0]).toEqual({ op: "umount-below", ...fields });
    },
  );

  it("stays where the machine itself has mounts, and that is said", () => {
    const { ops, warnings } = propagated({ hostPath: { path: "/h" } }, "Bidirectional", ["/h", "/h/x"]);
    expect(ops.map(({ op }) => op)).not.toContain("expect-mounts");
    expect(warnings).toEqual([
      'volume "v": there are other mounts below /h, so what containers mount there (mountPropagation: Bidirectional) stays when the pod goes',
    ]);
  });

  it("is the container's own affair without it", () => {
    for (const propagation of ["None", "HostToContainer"])
      expect(propagated({ emptyDir: {} }, propagation).ops.map(({ op }) => op)).not.toContain(
        "expect-mounts",
      );
  });
});

describe("mountPropagation", () => {
  const planned = (mountPropagation: string, peers: { shared: boolean; slave: boolean }) => {
    const { volumes } = planVolumes(volumesInput({ volumes: [{ name: "v", hostPath: { path: "/h" } }] }));
    const container = {
      name: "c",
      volumeMounts: [{ name: "v", mountPath: "/m", mountPropagation, subPath: "s" }],
    };
    const mounts = {
      at: (path: string) => ({ point: `mount of ${path}`, ...peers }),
      below: () => [],
      has: () => true,
    };
    return volumeMounts({ container, volumes, env: new Map(), generated: new Map(), mounts });
  };
  const [shared, slave, neither] = [
    { shared: true, slave: false },
    { shared: false, slave: true },
    { shared: false, slave: false },
  ];

  it("Bidirectional takes the source before the tree is cut off, and binds that", () => {
    const { sources, binds } = planned("Bidirectional", shared);
    expect(sources).toEqual([
      { op: "tree", fd: 64, source: "/h", subPath: "s", createSubPath: true, recursive: true },
    ]);
    expect(binds).toMatchObject([{ target: "/m", tree: 64, propagation: MS_SHARED }]);
  });

  it.each([
    ["HostToContainer", shared, MS_SLAVE],
    ["HostToContainer", slave, MS_SLAVE],
    ["None", neither, MS_PRIVATE],
  ])("%s of %j takes it where it is bound", (propagation, peers, flags) => {
    expect(planned(propagation, peers)).toMatchObject({
      sources: [],
      binds: [{ tree: -1, propagation: flags }],
    });
  });

  it.each([
    ["Bidirectional", slave, "but it is not a shared mount"],
    ["Bidirectional", neither, "but it is not a shared mount"],
    ["HostToContainer", neither, "but it is not a shared or slave mount"],
  ])("%s of %j is refused", (propagation, peers, words) => {
    expect(() => planned(propagation, peers)).toThrow(`path "/h/s" is mounted on "mount of /h/s" ${words}`);
  });
});
