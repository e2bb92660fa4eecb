import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ImageProgress, openImageStore, readInLayers } from "../../../src/image/index.ts";
import { loadAddon } from "../../../src/kernel/load-addon.ts";
import { makeLayout } from "../../support/image/make-image.ts";
import { tar } from "../../support/image/tar.ts";
import { eventually } from "../../support/tspod.ts";

let embeddedDir: string;
let base: string;
beforeAll(() => {
  embeddedDir = mkdtempSync(join(tmpdir(), "tspod-embedded-"));
  execFileSync(process.execPath, [resolve("rootfs/build.mjs"), "busybox", "--out", embeddedDir]);
});
afterAll(() => rmSync(embeddedDir, { recursive: true, force: true }));
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "tspod-store-"));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const options = () => ({
  libRoot: join(base, "lib"),
  runRoot: join(base, "run"),
  embeddedDir,
  unpacker: resolve("dist/tspod-unpack"),
});
const open = () => openImageStore(options());
const inFolder = (path: string) => {
  try {
    return readdirSync(path).length;
  } catch {
    return 0; // not there yet, or not any more
  }
};
const isStopped = ({ pid }: ChildProcess) => / T /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));

describe("ensure", () => {
  it.each(["busybox", "busybox:latest", "docker.io/library/busybox:latest", "localhost/busybox:latest"])(
    "%s is the embedded image, whatever the policy",
    async (ref) => {
      for (const pullPolicy of ["Never", "IfNotPresent", "Always"] as const) {
        const progress: ImageProgress[] = [];
        const image = await open().ensure(ref, { pullPolicy, onProgress: (p) => progress.push(p) });
        expect(image.config).toEqual({ Cmd: ["sh"], Env: [expect.stringMatching(/^PATH=/)] });
        expect(image.layers).toHaveLength(1);
        expect(statSync(join(image.layers[0]!, "bin/busybox")).mode & 0o7777).toBe(0o755);
        expect(statSync(join(image.layers[0]!, "tmp")).mode & 0o7777).toBe(0o1777);
        expect(lstatSync(join(image.layers[0]!, "bin/sh")).isSymbolicLink()).toBe(true);
        expect(readInLayers(image.layers, "/etc/passwd", 1 << 20)?.toString()).toMatch(/^root:x:0:0:/);
        expect(progress[0]).toMatchObject({
          kind: "present",
          message: `Container image "${ref}" already present on machine`,
        });
      }
    },
  );

  it("the embedded image comes in when nobody collects what no name leads to", async () => {
    const layers = join(base, "lib/layers");
    mkdirSync(layers, { recursive: true });
    const addon = loadAddon();
    const collecting = openSync(layers, "r");
    addon.flock(collecting, "exclusive", false);
    const store = openImageStore({ ...options(), addon });
    const image = store.ensure("busybox", { pullPolicy: "Never" });
    await sleep(300);
    expect(existsSync(join(base, "lib/images/blobs"))).toBe(false);
    closeSync(collecting);
    expect((await image).layers).toHaveLength(1);
  });

  it("an image that is not there is the kubelet's error under Never, and nothing is made", async () => {
    const ensure = open().ensure("nope:1", { pullPolicy: "Never" });
    await expect(ensure).rejects.toMatchObject({
      code: "TS6003",
      exitCode: 4,
      message: 'Container image "nope:1" is not present with pull policy of Never',
    });
    expect(existsSync(join(base, "lib"))).toBe(false);
  });

  it("keeps the store closed to other users of the host", async () => {
    await open().ensure("busybox", { pullPolicy: "Never" });
    for (const folder of ["images", "layers"])
      expect(statSync(join(base, "lib", folder)).mode & 0o777).toBe(0o700);
  });

  it("unpacks once when many ask at the same time, and leaves no partial layer", async () => {
    const images = await Promise.all(
      [1, 2, 3, 4].map(() => open().ensure("busybox", { pullPolicy: "Never" })),
    );
    expect(new Set(images.map((image) => image.layers[0])).size).toBe(1);
    expect(readdirSync(join(base, "lib/layers"))).toHaveLength(1);
    expect(readdirSync(join(base, "lib/images/ingest"))).toEqual([]);
  });

  it("starts afresh after an unpack that a crash interrupted", async () => {
    const image = await open().ensure("busybox", { pullPolicy: "Never" });
    const folder = resolve(image.layers[0]!, "..");
    rmSync(join(folder, "layer.json"));
    rmSync(join(image.layers[0]!, "bin/busybox"));
    execFileSync("cp", ["-a", folder, `${folder}.partial`]);
    await open().ensure("busybox", { pullPolicy: "Never" });
    expect(existsSync(join(image.layers[0]!, "bin/busybox"))).toBe(true);
    expect(readdirSync(join(base, "lib/layers"))).toHaveLength(1);
  });

  it("leaves nothing that counts when the unpacker or its command is killed half-way", async () => {
    const { randomBytes } = await import("node:crypto");
    const files = Array.from({ length: 40 }, (_, i) => ({ name: `f${i}`, data: randomBytes(1 << 20) }));
    makeLayout(join(base, "layout"), { layers: [tar(...files)] });
    const ref = `oci:${join(base, "layout")}`;
    const script = join(base, "command.mjs");
    await build({
      entryPoints: ["src/image/index.ts"],
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: join(base, "image.mjs"),
      logLevel: "silent",
    });
    const options = JSON.stringify({
      libRoot: join(base, "lib"),
      runRoot: join(base, "run"),
      embeddedDir: join(base, "none"),
      unpacker: resolve("dist/tspod-unpack"),
    });
    writeFileSync(
      script,
      `import { openImageStore } from ${JSON.stringify(join(base, "image.mjs"))};\nawait openImageStore(${options}).ensure(${JSON.stringify(ref)}, { pullPolicy: "Always" });`,
    );
    const layers = join(base, "lib/layers");
    const partials = () =>
      existsSync(layers) ? readdirSync(layers).filter((name) => name.endsWith(".partial")) : [];
    const written = () => partials().map((name) => inFolder(join(layers, name, "fs")));
    /** A command stopped half-way, which lasts for milliseconds only: if it was faster, another one begins anew. */
    const halfWay = async (): Promise<ChildProcess> => {
      for (;;) {
        const child = spawn(process.execPath, [script], { stdio: "ignore", detached: true });
        const exited = once(child, "exit");
        while (child.exitCode === null && !written().some((count) => count > 3 && count < 40)) await sleep(1);
        child.kill("SIGSTOP");
        await eventually(() => child.exitCode !== null || isStopped(child));
        if (child.exitCode === null && partials().length > 0) return child;
        child.kill("SIGKILL");
        await exited;
        rmSync(join(base, "lib"), { recursive: true });
      }
    };
    for (const victim of ["command", "group"]) {
      const child = await halfWay();
      process.kill(victim === "group" ? -child.pid! : child.pid!, "SIGKILL");
      await once(child, "exit");
      expect(readdirSync(layers).filter((name) => !name.endsWith(".partial"))).toEqual([]);
      while (victim === "command" && written()[0] !== 40) await sleep(5);
    }
    const image = await open().ensure(ref, { pullPolicy: "IfNotPresent" });
    expect(readdirSync(image.layers[0]!)).toHaveLength(40);
    expect(partials()).toEqual([]);
  });
});
