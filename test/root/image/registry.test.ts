import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ImageProgress } from "../../../src/image/index.ts";
import { verifyStore } from "../../../src/image/verify.ts";
import { makeLayout } from "../../support/image/make-image.ts";
import { type Registry, type RegistryOptions, startRegistry } from "../../support/image/registry.ts";
import { openStore } from "../../support/image/store.ts";
import { tar } from "../../support/image/tar.ts";
import { workFolder } from "../../support/image/unpack.ts";

let work: ReturnType<typeof workFolder>;
let registry: Registry | undefined;
beforeEach(() => {
  work = workFolder();
});
afterEach(async () => {
  await registry?.kill();
  registry = undefined;
  work.remove();
});

const LAYERS = [
  tar({ name: "a", data: "one" }),
  tar({ name: "b", data: randomBytes(3 << 20) }),
  tar({ name: ".wh.a" }, { name: "c", data: "three" }),
];

async function startWith(
  options: RegistryOptions,
  credentials?: string,
): Promise<{ host: string; manifest: string; layers: string[] }> {
  registry = await startRegistry(join(work.path, "registry"), options);
  const layout = join(work.path, "layout");
  const [made] = makeLayout(layout, { layers: LAYERS, compress: true, config: { Cmd: ["x"] }, name: "t" });
  const to = `docker://${registry.host}/some/image:1`;
  execFileSync("skopeo", [
    "copy",
    "-q",
    "--preserve-digests",
    "--dest-tls-verify=false",
    ...(credentials ? ["--dest-creds", credentials] : []),
    `oci:${layout}:t`,
    to,
  ]);
  return { host: registry.host, ...made! };
}

const blobGets = (log: string, digest: string) =>
  log.split("\n").filter((line) => line.includes(`"GET /v2/some/image/blobs/${digest}`)).length;

describe("pull from a real registry", () => {
  it("over plain HTTP on loopback, by tag and by digest, and twice", async () => {
    const { host, manifest, layers } = await startWith({});
    const store = openStore(join(work.path, "s"));
    const progress: ImageProgress[] = [];
    const image = await store.ensure(`${host}/some/image:1`, {
      pullPolicy: "IfNotPresent",
      onProgress: (p) => progress.push(p),
    });
    expect(image).toMatchObject({ ref: `${host}/some/image:1`, digest: manifest, config: { Cmd: ["x"] } });
    expect(image.layers).toHaveLength(3);
    expect(readFileSync(join(image.layers[2]!, "a"), "utf8")).toBe("one");
    expect(statSync(join(image.layers[0]!, "a")).isCharacterDevice()).toBe(true);
    expect(progress[0]).toMatchObject({ kind: "pulling", message: `Pulling image "${host}/some/image:1"` });
    expect(progress.find(({ kind }) => kind === "pulled")).toMatchObject({
      message: expect.stringMatching(/^Successfully pulled image ".*" in [0-9.]+s/),
    });
    await store.ensure(`${host}/some/image@${manifest}`, { pullPolicy: "Never" });
    const other = await openStore(join(work.path, "other")).ensure(`${host}/some/image@${manifest}`, {
      pullPolicy: "Always",
    });
    expect(other.digest).toBe(manifest);
    const before = registry!.log();
    await store.ensure(`${host}/some/image:1`, { pullPolicy: "Always" });
    for (const layer of layers) expect(blobGets(registry!.log(), layer)).toBe(blobGets(before, layer));
  });

  it("with TLS and basic authentication: only with the right authority and the right password", async () => {
    const { host } = await startWith({ tls: true, basic: "jane:pass word:1" }, "jane:pass word:1");
    const ref = `${host}/some/image:1`;
    const registries = { registries: { [host]: { caFile: registry!.caFile } } };
    const secret = (password: string) => [
      { auths: { [host]: { auth: Buffer.from(`jane:${password}`).toString("base64") } } },
    ];
    const pullPolicy = "Always";
    await expect(openStore(join(work.path, "a")).ensure(ref, { pullPolicy })).rejects.toMatchObject({
      code: "TS6004",
      hint: expect.stringMatching(/caFile/),
    });
    const store = openStore(join(work.path, "b"), { registries });
    await expect(store.ensure(ref, { pullPolicy })).rejects.toMatchObject({
      code: "TS6005",
      message: expect.stringMatching(/without credentials/),
    });
    await expect(store.ensure(ref, { pullPolicy, pullSecrets: secret("wrong") })).rejects.toMatchObject({
      code: "TS6005",
    });
    const image = await store.ensure(ref, {
      pullPolicy,
      pullSecrets: [...secret("wrong"), ...secret("pass word:1")],
    });
    expect(image.layers).toHaveLength(3);
  });

  it("with the configuration of docker login, and with a credential helper", async () => {
    const { host } = await startWith({ basic: "jane:secret" }, "jane:secret");
    const ref = `${host}/some/image:1`;
    const docker = join(work.path, "docker");
    mkdirSync(docker);
    const { DOCKER_CONFIG, PATH } = process.env;
    try {
      process.env.DOCKER_CONFIG = docker;
      writeFileSync(
        join(docker, "config.json"),
        JSON.stringify({ auths: { [host]: { auth: Buffer.from("jane:secret").toString("base64") } } }),
      );
      await openStore(join(work.path, "a")).ensure(ref, { pullPolicy: "Always" });
      writeFileSync(
        join(docker, "docker-credential-test"),
        `#!/bin/sh\nread host; [ "$host" = ${host} ] && [ "$1" = get ] && echo '{"Username":"jane","Secret":"secret"}'\n`,
        { mode: 0o755 },
      );
      process.env.PATH = `${docker}:${PATH}`;
      writeFileSync(join(docker, "config.json"), JSON.stringify({ credHelpers: { [host]: "test" } }));
      await openStore(join(work.path, "b")).ensure(ref, { pullPolicy: "Always" });
    } finally {
      if (DOCKER_CONFIG === undefined) delete process.env.DOCKER_CONFIG;
      else process.env.DOCKER_CONFIG = DOCKER_CONFIG;
      process.env.PATH = PATH;
    }
  });

  it("what is not there is told with the registry's words, and nothing is left", async () => {
    const { host } = await startWith({});
    const store = openStore(join(work.path, "s"));
    await expect(store.ensure(`${host}/some/image:2`, { pullPolicy: "Always" })).rejects.toMatchObject({
      code: "TS6006",
      exitCode: 4,
      message: expect.stringMatching(/MANIFEST_UNKNOWN/),
    });
    await expect(store.ensure(`${host}/no/image`, { pullPolicy: "Always" })).rejects.toMatchObject({
      code: "TS6006",
    });
    expect(existsSync(join(work.path, "s/lib/images/index.json"))).toBe(false);
  });

  it("offline, a present image runs, and the message says which policy asked for the network", async () => {
    const { host } = await startWith({});
    const store = openStore(join(work.path, "s"));
    const ref = `${host}/some/image:1`;
    await store.ensure(ref, { pullPolicy: "Always" });
    await registry!.kill();
    const warnings: string[] = [];
    const image = await store.ensure(ref, {
      pullPolicy: "Always",
      onProgress: (p) => p.kind === "warning" && warnings.push(p.message),
    });
    expect(image.layers).toHaveLength(3);
    expect(warnings).toEqual([
      expect.stringMatching(
        /imagePullPolicy Always asked for the registry.*running the image that is present/,
      ),
    ]);
    await expect(store.ensure(`${host}/some/other:1`, { pullPolicy: "IfNotPresent" })).rejects.toMatchObject({
      code: "TS6004",
      hint: expect.stringMatching(/nothing listens/),
    });
  });

  it("a mirror is asked first, and the registry when the mirror fails", async () => {
    const { host } = await startWith({});
    const registries = {
      registries: { "registry.invalid": { mirrors: ["http://127.0.0.1:1", `http://${host}`] } },
    };
    const store = openStore(join(work.path, "s"), { registries, retry: { attempts: 2, baseMs: 1 } });
    const warnings: string[] = [];
    const image = await store.ensure("registry.invalid/some/image:1", {
      pullPolicy: "Always",
      onProgress: (p) => p.kind === "warning" && warnings.push(p.message),
    });
    expect(image.ref).toBe("registry.invalid/some/image:1");
    expect(warnings).toEqual([expect.stringMatching(/^mirror 127.0.0.1:1: .*trying the next$/)]);
  });

  it("two stores' commands on one root pull the same image once", async () => {
    const { host, layers } = await startWith({});
    const open = () => openStore(join(work.path, "s"));
    const images = await Promise.all(
      [1, 2, 3].map(() => open().ensure(`${host}/some/image:1`, { pullPolicy: "IfNotPresent" })),
    );
    expect(new Set(images.map(({ digest }) => digest)).size).toBe(1);
    for (const layer of layers) expect(blobGets(registry!.log(), layer)).toBe(1);
    expect(readdirSync(join(work.path, "s/lib/images/ingest"))).toEqual([]);
    expect(readdirSync(join(work.path, "s/lib/layers"))).toHaveLength(3);
  });
});

describe("a blob of the wrong content", () => {
  it("is refused with its digest named, and not kept", async () => {
    const { host, layers } = await startWith({});
    const hex = layers[1]!.slice(7);
    const file = join(
      work.path,
      `registry/data/docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`,
    );
    const bytes = readFileSync(file);
    bytes[1000]! ^= 1;
    writeFileSync(file, bytes);
    const store = openStore(join(work.path, "s"));
    const found = createHash("sha256").update(bytes).digest("hex");
    await expect(store.ensure(`${host}/some/image:1`, { pullPolicy: "Always" })).rejects.toMatchObject({
      code: "TS6010",
      message: expect.stringMatching(new RegExp(`${layers[1]}.*${found}`)),
    });
    expect(readdirSync(join(work.path, "s/lib/images/ingest"))).toEqual([]);
    expect(existsSync(join(work.path, "s/lib/images/blobs/sha256", hex))).toBe(false);
  });
});

describe("a store that a bad disk broke", () => {
  it.each(["a layer", "the config", "the manifest"])(
    "verify --repair fetches %s again, by digest",
    async (what) => {
      const { host, manifest, layers } = await startWith({});
      const store = openStore(join(work.path, "s"));
      const image = await store.ensure(`${host}/some/image:1`, { pullPolicy: "IfNotPresent" });
      const digest = what === "a layer" ? layers[1]! : what === "the config" ? image.id : manifest;
      const file = store.context.paths.blob(digest);
      const bytes = readFileSync(file);
      bytes[5]! ^= 1;
      writeFileSync(file, bytes);
      expect(await verifyStore(store.context)).toEqual([
        expect.objectContaining({ subject: digest, mended: false }),
      ]);
      expect(await verifyStore(store.context, { repair: true })).toEqual([
        expect.objectContaining({ mended: true }),
      ]);
      expect(await verifyStore(store.context)).toEqual([]);
      expect((await store.ensure(`${host}/some/image:1`, { pullPolicy: "Never" })).digest).toBe(manifest);
    },
  );
});
