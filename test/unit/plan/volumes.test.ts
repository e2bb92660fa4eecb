import { describe, expect, it } from "vitest";
import type { PodSpec } from "../../../src/manifest/index.ts";
import type { HostOp } from "../../../src/plan/host-op.ts";
import { planVolumes } from "../../../src/plan/volumes.ts";
import { volumesInput } from "./support.ts";

function plan(spec: Partial<PodSpec>, configMaps: Parameters<typeof planVolumes>[0]["configMaps"] = []) {
  return planVolumes(volumesInput(spec, { configMaps }));
}

describe("emptyDir", () => {
  it("is a folder for everybody", () => {
    expect(plan({ volumes: [{ name: "e", emptyDir: {} }] }).ops).toEqual([
      { op: "mkdir", path: "/v", mode: 0o711 },
      { op: "mkdir", path: "/v/empty-dir~e", mode: 0o777 },
    ]);
  });

  it("belongs to fsGroup and hands that on to what is created in it", () => {
    const { ops } = plan({ volumes: [{ name: "e", emptyDir: {} }], securityContext: { fsGroup: 2000 } });
    expect(ops.at(-1)).toEqual({ op: "mkdir", path: "/v/empty-dir~e", mode: 0o2777, gid: 2000 });
  });

  it.each([
    ["its own limit", "64Mi", undefined, "size=67108864"],
    ["the pod's memory limit where that is less", "64Mi", "32Mi", "size=33554432"],
    ["the pod's memory limit without its own", undefined, "32Mi", "size=33554432"],
  ])("in memory is sized by %s", (_, sizeLimit, memory, expected) => {
    const { ops } = plan({
      volumes: [{ name: "e", emptyDir: { medium: "Memory", ...(sizeLimit ? { sizeLimit } : {}) } }],
      containers: [{ name: "c", ...(memory ? { resources: { limits: { memory } } } : {}) }],
    });
    const mount = ops.find((op) => op.op === "mount-tmpfs");
    expect(mount?.op === "mount-tmpfs" ? mount.data.split(",") : []).toContain(expected);
  });

  const memory = { volumes: [{ name: "e", emptyDir: { medium: "Memory" } }] };
  const limited = (limit: string) => ({ resources: { limits: { memory: limit } } });
  const dataOf = (ops: readonly HostOp[]) => ops.flatMap((op) => (op.op === "mount-tmpfs" ? [op.data] : []));

  it("in memory is no larger than the pod's own limit, what init containers may use, or the machine", () => {
    const sized = (spec: Partial<PodSpec>) => dataOf(plan({ ...memory, ...spec }).ops);
    const containers = [{ name: "c" }];
    expect(sized({ containers, ...limited("16Mi") })).toEqual(["mode=777,size=16777216"]);
    expect(
      sized({
        containers: [{ name: "c", ...limited("16Mi") }],
        initContainers: [{ name: "i", ...limited("48Mi") }],
      }),
    ).toEqual(["mode=777,size=50331648"]);
    expect(sized({ containers: [{ name: "c", ...limited("16Mi") }, { name: "d" }] })).toEqual([
      "mode=777,size=1073741824",
    ]);
  });

  it("in memory stays there, and so does what is secret, on a machine that swaps", () => {
    const volumes = [...memory.volumes, { name: "s", secret: { secretName: "s", optional: true } }];
    const maps = [{ name: "c", configMap: { name: "c", optional: true } }];
    const input = volumesInput({ volumes: [...volumes, ...maps] }, { noSwap: () => true });
    expect(dataOf(planVolumes(input).ops)).toEqual(["mode=777,size=1073741824,noswap", "mode=755,noswap"]);
  });
});

describe("hostPath", () => {
  const made = (type: string | undefined, there: boolean) => {
    const hostPath = { path: "/data/x", ...(type === undefined ? {} : { type }) };
    const input = volumesInput({ volumes: [{ name: "h", hostPath }] });
    const { ops, warnings } = planVolumes({ ...input, mounts: { ...input.mounts, has: () => there } });
    return { ops: ops.slice(1), warnings: warnings.length };
  };
  const folder = { op: "ensure-directory", path: "/data/x", mode: 0o755 };

  it.each([[undefined], [""]])(
    "of type %j is made where it is missing, as container runtimes do, and a warning says so",
    (type) => {
      expect(made(type, false)).toEqual({ ops: [folder], warnings: 1 });
      expect(made(type, true)).toEqual({ ops: [], warnings: 0 });
    },
  );

  it("of a type is made only where the type says so", () => {
    expect(made("Directory", false)).toEqual({ ops: [], warnings: 0 });
    expect(made("DirectoryOrCreate", true)).toEqual({ ops: [folder], warnings: 0 });
  });
});

describe("configMap", () => {
  const maps = [
    { metadata: { name: "cm" }, data: { "a.conf": "one", b: "two" }, binaryData: { raw: "AAEC" } },
  ];
  const stamp = "..2026_01_02_03_04_05.000000678";

  it("has the kubelet's layout: files behind ..data, so that an update is one rename", () => {
    const { ops, volumes } = plan({ volumes: [{ name: "v", configMap: { name: "cm" } }] }, maps);
    const links = ops.flatMap((op) => (op.op === "symlink" ? [[op.path, op.target]] : []));
    expect(links).toEqual([
      ["/v/configmap~v/..data", stamp],
      ["/v/configmap~v/a.conf", "..data/a.conf"],
      ["/v/configmap~v/b", "..data/b"],
      ["/v/configmap~v/raw", "..data/raw"],
    ]);
    expect(ops).toContainEqual({
      op: "write-file",
      path: `/v/configmap~v/${stamp}/raw`,
      data: "AAEC",
      encoding: "base64",
      mode: 0o644,
    });
    expect(volumes.get("v")).toMatchObject({ readOnly: true, createSubPath: false });
  });

  it("puts items where they say, with their modes", () => {
    const items = [{ key: "a.conf", path: "deep/er/x", mode: 0o400 }];
    const { ops } = plan({ volumes: [{ name: "v", configMap: { name: "cm", items } }] }, maps);
    const paths = ops.flatMap((op) => (op.op === "mkdir" ? [op.path] : []));
    expect(paths).toContain(`/v/configmap~v/${stamp}/deep/er`);
    expect(ops).toContainEqual(
      expect.objectContaining({ path: `/v/configmap~v/${stamp}/deep/er/x`, mode: 0o400 }),
    );
    expect(ops.at(-1)).toEqual({ op: "symlink", path: "/v/configmap~v/deep", target: "..data/deep" });
  });

  it("lets the later of two items with one path have it", () => {
    const items = [
      { key: "a.conf", path: "x" },
      { key: "b", path: "x" },
    ];
    const { ops } = plan({ volumes: [{ name: "v", configMap: { name: "cm", items } }] }, maps);
    const files = ops.flatMap((op) => (op.op === "write-file" ? [[op.path, op.data]] : []));
    expect(files).toEqual([[`/v/configmap~v/${stamp}/x`, Buffer.from("two").toString("base64")]]);
  });

  it("that is not there is refused in the kubelet's words, unless it is optional", () => {
    const volume = (optional: boolean) => [{ name: "v", configMap: { name: "none", optional } }];
    expect(() => plan({ volumes: volume(false) })).toThrow(
      'MountVolume.SetUp failed for volume "v" : configmap "none" not found',
    );
    expect(plan({ volumes: volume(true) }).volumes.has("v")).toBe(true);
  });

  it("refuses an item whose key it does not have", () => {
    const items = [{ key: "none", path: "x" }];
    expect(() => plan({ volumes: [{ name: "v", configMap: { name: "cm", items } }] }, maps)).toThrow(
      "configmap references non-existent config key: none",
    );
  });
});

describe("hostPath", () => {
  it.each([
    ["DirectoryOrCreate", "ensure-directory"],
    ["FileOrCreate", "ensure-file"],
  ])("%s makes what is missing and never takes it back", (type, op) => {
    const { ops } = plan({ volumes: [{ name: "h", hostPath: { path: "/data/x", type } }] });
    expect(ops.at(-1)).toMatchObject({ op, path: "/data/x" });
  });
});
