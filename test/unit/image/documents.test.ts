import { describe, expect, it } from "vitest";
import { chainIds, digestOf } from "../../../src/image/digest.ts";
import { parseImageConfig } from "../../../src/image/image-config.ts";
import type { Index } from "../../../src/image/oci.ts";
import { parseManifest } from "../../../src/image/parse-json.ts";
import { choosePlatform } from "../../../src/image/platform.ts";

const D = `sha256:${"ab".repeat(32)}`;
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const OCI = "application/vnd.oci.image.";

describe("an image's config", () => {
  const config = (own: object) =>
    parseImageConfig(
      bytes({ os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: [D] }, config: own }),
      "image config",
    );

  it("gives what a container takes from it, and reads what old builders wrote", () => {
    expect(
      config({
        Entrypoint: null,
        Cmd: "one",
        Env: ["A=b=c", "EMPTY="],
        User: "",
        ExposedPorts: { "80/tcp": {}, junk: {} },
        Volumes: { "/data": {} },
        Labels: { a: "b", n: 1 },
      }).config,
    ).toEqual({
      Cmd: ["one"],
      Env: ["A=b=c", "EMPTY="],
      ExposedPorts: ["80/tcp"],
      Volumes: ["/data"],
      Labels: { a: "b" },
    });
  });

  it.each<[string, object]>([
    ["a user with a second line", { User: "0:0\n" }],
    ["a working directory with a NUL", { WorkingDir: "/a\0b" }],
    ["a stop signal with an escape", { StopSignal: "\x1b[0m" }],
    ["a variable without a value", { Env: ["PATH"] }],
    ["a variable without a name", { Env: ["=x"] }],
    ["an entrypoint of numbers", { Entrypoint: [1] }],
    ["a command with a NUL", { Cmd: ["a\0b"] }],
    ["a volume that leads out", { Volumes: { "/../../etc": {} } }],
    ["a volume with .. in the middle", { Volumes: { "/proc/../x": {} } }],
    ["a volume without a path", { Volumes: { "": {} } }],
    ["a relative volume", { Volumes: { etc: {} } }],
  ])("%s is refused", (_what, own) => {
    expect(() => config(own)).toThrow(expect.objectContaining({ code: "TS6013" }));
  });

  it("labels named as the runtime's own change nothing", () => {
    expect(config({ Labels: { "io.kubernetes.cri.container-type": "sandbox" } }).config).toEqual({
      Labels: { "io.kubernetes.cri.container-type": "sandbox" },
    });
  });
});

describe("manifests and indexes", () => {
  const entry = (platform?: object, mediaType = `${OCI}manifest.v1+json`) => ({
    mediaType,
    digest: D,
    size: 1,
    ...(platform && { platform }),
  });
  const index = (...manifests: object[]) =>
    parseManifest(bytes({ schemaVersion: 2, manifests }), `${OCI}index.v1+json`, "index") as Index;

  it("the platform of this machine is chosen, the best variant first, never an attestation", () => {
    const [amd64, arm, v7, v8] = [
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm", variant: "v6" },
      { os: "linux", architecture: "arm", variant: "v7" },
      { os: "linux", architecture: "arm64", variant: "v8" },
    ];
    const all = index(
      entry({ os: "unknown", architecture: "unknown" }),
      entry(arm),
      entry(v7),
      entry(v8),
      entry(amd64),
      entry({ os: "windows", architecture: "amd64" }),
    );
    expect(choosePlatform(all, "x", { os: "linux", architecture: "amd64" }).platform).toEqual(amd64);
    expect(choosePlatform(all, "x", { os: "linux", architecture: "arm64" }).platform).toEqual(v8);
    expect(choosePlatform(all, "x", { os: "linux", architecture: "arm" }).platform).toEqual(v7);
    expect(() => choosePlatform(all, 'image "x"', { os: "linux", architecture: "s390x" })).toThrow(
      /image "x" has no image for linux\/s390x; it has linux\/arm\/v6, .*windows\/amd64$/,
    );
  });

  it("an entry without platform counts only alone", () => {
    expect(choosePlatform(index(entry()), "x").digest).toBe(D);
    expect(() => choosePlatform(index(entry(), entry()), "x")).toThrow(
      expect.objectContaining({ code: "TS6014" }),
    );
  });

  it.each<[string, unknown, string]>([
    [
      "both a manifest and an index",
      { schemaVersion: 2, manifests: [], layers: [], config: {} },
      `${OCI}index.v1+json`,
    ],
    [
      "another type than it was given as",
      { schemaVersion: 2, mediaType: `${OCI}index.v1+json`, config: {}, layers: [] },
      `${OCI}manifest.v1+json`,
    ],
    [
      "a negative size",
      { schemaVersion: 2, config: { ...entry(), size: -1 }, layers: [] },
      `${OCI}manifest.v1+json`,
    ],
    [
      "a digest of an unknown kind",
      { schemaVersion: 2, config: { ...entry(), digest: "md5:00" }, layers: [] },
      `${OCI}manifest.v1+json`,
    ],
    [
      "501 layers",
      { schemaVersion: 2, config: entry(), layers: Array(501).fill(entry(undefined, `${OCI}layer.v1.tar`)) },
      `${OCI}manifest.v1+json`,
    ],
    ["a list", [], `${OCI}manifest.v1+json`],
  ])("%s is refused", (_what, document, mediaType) => {
    expect(() => parseManifest(bytes(document), mediaType, "manifest")).toThrow(
      expect.objectContaining({ code: "TS6012" }),
    );
  });

  it("chain ids follow the image spec", () => {
    const [a, b, c] = ["a", "b", "c"].map((text) => digestOf(text)) as [string, string, string];
    const ab = digestOf(`${a} ${b}`);
    expect(chainIds([a, b, c])).toEqual([a, ab, digestOf(`${ab} ${c}`)]);
  });
});
