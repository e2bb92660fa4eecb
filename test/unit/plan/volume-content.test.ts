import { describe, expect, it } from "vitest";
import type { Volume } from "../../../src/manifest/index.ts";
import type { HostOp } from "../../../src/plan/host-op.ts";
import { undoAll } from "../../../src/plan/undo.ts";
import { projectionUpdate } from "../../../src/plan/volume/projection.ts";
import { volumeMounts } from "../../../src/plan/volume-mounts.ts";
import { planVolumes } from "../../../src/plan/volumes.ts";
import { sharedRoot, volumesInput } from "./support.ts";

const stamp = "..2026_01_02_03_04_05.000000678";
const secrets = [{ metadata: { name: "s" }, data: { user: "cm9vdA==", pass: "eA==" } }];
const configMaps = [{ metadata: { name: "c" }, data: { "a.conf": "one", user: "of the map" } }];
const containers = [{ name: "c", resources: { limits: { cpu: "1500m", memory: "64Mi" } } }];

function plan(volume: Omit<Volume, "name">, more: Parameters<typeof volumesInput>[1] = {}, fsGroup?: number) {
  const securityContext = fsGroup === undefined ? {} : { fsGroup };
  const spec = { volumes: [{ name: "v", ...volume }], containers, securityContext };
  return planVolumes(volumesInput(spec, { secrets, configMaps, ...more }));
}

/** The files of a plan: path below `..<time>` → content and mode. */
function files(ops: readonly HostOp[]): Record<string, [text: string, mode: string]> {
  return Object.fromEntries(
    ops.flatMap((op) =>
      op.op === "write-file" && op.path.includes(`/${stamp}/`)
        ? [
            [
              op.path.slice(op.path.indexOf(stamp) + stamp.length + 1),
              [Buffer.from(op.data, "base64").toString(), op.mode.toString(8)],
            ],
          ]
        : [],
    ),
  );
}

describe("secret", () => {
  it("is on a tmpfs before anything is written, and read-only", () => {
    const { ops, volumes } = plan({ secret: { secretName: "s" } });
    expect(ops.slice(1, 4)).toEqual([
      { op: "mkdir", path: "/v/secret~v", mode: 0o755 },
      { op: "mount-tmpfs", target: "/v/secret~v", flags: 2 | 4, data: "mode=755" },
      { op: "mkdir", path: `/v/secret~v/${stamp}`, mode: 0o755 },
    ]);
    expect(files(ops)).toEqual({ user: ["root", "644"], pass: ["x", "644"] });
    expect(volumes.get("v")).toMatchObject({ readOnly: true, createSubPath: false });
  });

  it("has its items with their modes, and fsGroup may read all of it", () => {
    const items = [
      { key: "user", path: "deep/u" },
      { key: "pass", path: "p", mode: 0o400 },
    ];
    const source = { secret: { secretName: "s", items, defaultMode: 0o600 } };
    expect(files(plan(source).ops)).toEqual({ "deep/u": ["root", "600"], p: ["x", "400"] });
    const { ops } = plan(source, {}, 2000);
    expect(files(ops)).toEqual({ "deep/u": ["root", "640"], p: ["x", "440"] });
    const written = ops.filter((op) => op.op === "write-file");
    expect(written.map(({ uid, gid }) => [uid, gid])).toEqual([
      [0, 2000],
      [0, 2000],
    ]);
    expect(ops).toContainEqual({ op: "mkdir", path: `/v/secret~v/${stamp}/deep`, mode: 0o2755, gid: 2000 });
  });

  it.each([
    [{ secretName: "none" }, 'secret "none" not found'],
    [{ secretName: "s", items: [{ key: "no", path: "x" }] }, "references non-existent secret key: no"],
  ])("is refused in the kubelet's words: %j", (secret, words) => {
    expect(() => plan({ secret })).toThrow(`MountVolume.SetUp failed for volume "v" : ${words}`);
    expect(files(plan({ secret: { ...secret, optional: true } }).ops)).toEqual({});
  });

  it("of another namespace is not there", () => {
    const elsewhere = [{ metadata: { name: "s", namespace: "other" }, data: {} }];
    expect(() => plan({ secret: { secretName: "s" } }, { secrets: elsewhere })).toThrow("not found");
  });
});

describe("downwardAPI", () => {
  const items = [
    { path: "labels", fieldRef: { fieldPath: "metadata.labels" } },
    { path: "one", fieldRef: { fieldPath: "metadata.labels['tier']" }, mode: 0o400 },
    { path: "uid", fieldRef: { fieldPath: "metadata.uid" } },
    { path: "cpu", resourceFieldRef: { containerName: "c", resource: "limits.cpu" } },
    { path: "milli", resourceFieldRef: { containerName: "c", resource: "limits.cpu", divisor: "1m" } },
    { path: "memory", resourceFieldRef: { containerName: "c", resource: "limits.memory", divisor: "1Mi" } },
  ];

  it("writes labels by key with Go's quotes, and resources in units of the divisor rounded up", () => {
    const { ops } = plan({ downwardAPI: { items, defaultMode: 0o440 } });
    expect(files(ops)).toEqual({
      labels: ['app="a\\"b"\ntier="web"', "440"],
      one: ["web", "400"],
      uid: ["u1", "440"],
      cpu: ["2", "440"],
      milli: ["1500", "440"],
      memory: ["64", "440"],
    });
    expect(ops).toContainEqual(expect.objectContaining({ op: "mount-tmpfs", target: "/v/downward-api~v" }));
  });

  it("escapes control characters as Go does", () => {
    const input = volumesInput({ volumes: [{ name: "v", downwardAPI: { items: items.slice(0, 1) } }] });
    input.pod.metadata = { labels: { a: "\x07\x01\n\u0085é" } };
    expect(files(planVolumes(input).ops).labels?.[0]).toBe('a="\\a\\x01\\n\\u0085é"');
  });
});

describe("projected", () => {
  it("merges its sources, the later ones over the earlier, and a token is nothing", () => {
    const sources = [
      { secret: { name: "s" } },
      { serviceAccountToken: { path: "token" } },
      { configMap: { name: "c", items: [{ key: "user", path: "user", mode: 0o600 }] } },
      { downwardAPI: { items: [{ path: "name", fieldRef: { fieldPath: "metadata.name" } }] } },
    ];
    const { ops } = plan({ projected: { sources, defaultMode: 0o444 } });
    expect(files(ops)).toEqual({
      user: ["of the map", "600"],
      pass: ["x", "444"],
      name: ["p", "444"],
    });
    const links = ops.flatMap((op) => (op.op === "symlink" ? [op.path] : []));
    expect(links).toEqual(["..data", "user", "pass", "name"].map((name) => `/v/projected~v/${name}`));
  });
});

describe("an update", () => {
  const now = new Date("2026-01-02T03:04:05.678Z");
  const content = [{ path: "b", data: Buffer.from("two"), mode: 0o644 }];

  it("writes all beside, swaps it in by one rename, then takes the old away", () => {
    const old = "..2026_01_01_00_00_00.000000000";
    const { prepare, commit } = projectionUpdate("/v", [old, "..data", "a"], content, { now });
    expect(prepare.at(-1)).toEqual({ op: "symlink", path: "/v/..data_tmp", target: stamp });
    expect(commit).toEqual([
      { op: "rename", from: "/v/..data_tmp", to: "/v/..data" },
      { op: "symlink", path: "/v/b", target: "..data/b" },
      { op: "unlink", path: "/v/a" },
      { op: "remove-tree", path: `/v/${old}` },
    ]);
  });

  it("in the same millisecond gets a name of its own", () => {
    const { prepare } = projectionUpdate("/v", [stamp, "..data", "b"], content, { now });
    expect(prepare.at(-1)).toMatchObject({ target: "..2026_01_02_03_04_05.000000679" });
  });
});

describe("persistentVolumeClaim", () => {
  const claims = [{ metadata: { name: "data" }, spec: { volumeMode: "Filesystem" } }];
  const source = { persistentVolumeClaim: { claimName: "data" } };

  it("is a folder beside the pods', which nothing undoes", () => {
    const { ops, volumes } = plan(source, { claims });
    expect(ops.slice(1)).toEqual([
      { op: "ensure-directory", path: "/claims", mode: 0o700 },
      { op: "ensure-directory", path: "/claims/default", mode: 0o700 },
      { op: "ensure-directory", path: "/records/default", mode: 0o700 },
      expect.objectContaining({ op: "claim-ensure", path: "/claims/default/data", mode: 0o777 }),
    ]);
    expect(volumes.get("v")).toEqual({
      name: "v",
      path: "/claims/default/data",
      readOnly: false,
      createSubPath: true,
    });
  });

  it("is given to fsGroup, but not when it is read-only", () => {
    const given = { op: "fs-group", path: "/claims/default/data", gid: 2000, onlyOnMismatch: false };
    expect(plan(source, { claims }, 2000).ops.at(-1)).toEqual(given);
    const readOnly = plan({ persistentVolumeClaim: { claimName: "data", readOnly: true } }, { claims }, 2000);
    expect(readOnly.ops.some(({ op }) => op === "fs-group")).toBe(false);
    expect(readOnly.volumes.get("v")?.readOnly).toBe(true);
  });

  it("that is not there, or is a block device, is refused", () => {
    expect(() => plan(source)).toThrow('persistentvolumeclaim "data" not found');
    const block = [{ metadata: { name: "data" }, spec: { volumeMode: "Block" } }];
    expect(() => plan(source, { claims: block })).toThrow("volumeMode Block");
  });
});

describe("ephemeral", () => {
  const source = { ephemeral: { volumeClaimTemplate: { spec: {} } } };

  it("is a claim called POD-VOLUME that the pod owns and takes along", () => {
    const { ops } = plan(source);
    expect(ops).toContainEqual({ op: "mkdir", path: "/claims/default/p-v", mode: 0o777 });
    const record = ops.find((op) => op.op === "write-file");
    expect(record?.path).toBe("/records/default/p-v.json");
    expect(JSON.parse(record?.data ?? "").object.metadata.ownerReferences[0]).toMatchObject({ uid: "u1" });
  });

  it("never takes somebody else's claim", () => {
    const claims = [{ metadata: { name: "p-v" }, spec: {} }];
    expect(() => plan(source, { claims })).toThrow(
      'PVC "default/p-v" was not created for pod "default/p" (pod is not the owner)',
    );
  });
});

describe("image", () => {
  it("of one layer has the empty mount point below it: overlay wants two", () => {
    const { ops } = plan({ image: { reference: "r" } }, { imageLayers: new Map([["r", ["/l/one"]]]) });
    expect(ops.at(-1)).toMatchObject({ lowers: ["/l/one", "/v/image~v"] });
  });

  it("is an overlay of its layers, read-only", () => {
    const imageLayers = new Map([["r", ["/l/top", "/l/bot:tom"]]]);
    const { ops, volumes } = plan({ image: { reference: "r" } }, { imageLayers });
    expect(ops.slice(1)).toEqual([
      { op: "mkdir", path: "/v/image~v", mode: 0o755 },
      {
        op: "mount-overlay",
        target: "/v/image~v",
        lowers: ["/l/top", "/l/bot:tom"],
        mapped: false,
      },
    ]);
    expect(undoAll(ops.slice(1))).toEqual([
      { op: "umount", target: "/v/image~v" },
      { op: "remove-tree", path: "/v/image~v" },
    ]);
    expect(volumes.get("v")).toMatchObject({ readOnly: true, createSubPath: false });
  });
});

describe("recursiveReadOnly and subPathExpr", () => {
  const ops = (mount: object, volume: Omit<Volume, "name"> = { emptyDir: {} }) => {
    const { volumes } = plan(volume);
    const container = { name: "c", volumeMounts: [{ name: "v", mountPath: "/m", ...mount }] };
    const env = new Map([["A", "x"]]);
    return volumeMounts({ container, volumes, env, generated: new Map(), mounts: sharedRoot }).binds[0];
  };

  it.each([
    [{ readOnly: true }, 1, false],
    [{ readOnly: true, recursiveReadOnly: "Disabled" }, 1, false],
    [{ readOnly: true, recursiveReadOnly: "IfPossible" }, 1, true],
    [{ readOnly: true, recursiveReadOnly: "Enabled" }, 1, true],
    [{}, 0, false],
  ])("%j sets %i, recursively %s", (mount, set, attrsRecursive) => {
    expect(ops(mount)).toMatchObject({ set, attrsRecursive });
  });

  it("expands what is there and refuses what is not", () => {
    expect(ops({ subPathExpr: "a/$(A)/$$(B)" })).toMatchObject({ subPath: "a/x/$(B)", createSubPath: true });
    expect(() => ops({ subPathExpr: "$(B)" })).toThrow('subPathExpr "$(B)": missing value for "B"');
  });
});
