import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Image, ImageStore } from "../../../src/image/index.ts";
import {
  findImage,
  imageHistory,
  inspectImage,
  listImages,
  loadImage,
  parseSource,
  pruneImages,
  removeImages,
  storeUsage,
  tagImage,
  verifyStore,
} from "../../../src/image/store-verbs.ts";
import { makeLayout } from "../../support/image/make-image.ts";
import { openStore } from "../../support/image/store.ts";
import { tar } from "../../support/image/tar.ts";
import { workFolder } from "../../support/image/unpack.ts";

let work: ReturnType<typeof workFolder>;
let store: ImageStore;
const mounts: string[] = [];
beforeEach(() => {
  work = workFolder();
  store = openStore(work.path);
});
afterEach(() => {
  for (const mount of mounts.splice(0).reverse()) execFileSync("umount", ["-l", mount]);
  work.remove();
});

const SHARED = tar({ name: "shared", data: "s" });
const images = () => join(work.path, "lib/images");
const layers = () => readdirSync(join(work.path, "lib/layers")).sort();
const blobs = () => readdirSync(join(images(), "blobs/sha256")).sort();

async function load(name: string, ...own: Buffer[]): Promise<Image> {
  const layout = join(work.path, `layout-${name.replace(/\W/g, "-")}`);
  makeLayout(layout, { layers: [SHARED, ...own], config: { Labels: { name } } });
  await loadImage(store.context, parseSource(`oci:${layout}`)!, { name });
  return store.ensure(name, { pullPolicy: "Never" });
}

/** Another process that readies an image, until `end`. */
function holdInAnotherProcess() {
  const [addon, folder] = [join(process.cwd(), "dist/tspod.node"), join(work.path, "lib/layers")];
  const script = `require(${JSON.stringify(addon)}).flock(require("fs").openSync(${JSON.stringify(folder)}, "r"), "shared", true);
    console.log("held"); process.stdin.resume()`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const end = () => {
    child.stdin.end();
    return exited;
  };
  return { held: once(child.stdout, "data"), end };
}

/** The record of a container, as a pod leaves it. */
function usedBy(image: Image): void {
  const run = join(work.path, "run/pods/u-1");
  mkdirSync(join(run, "containers/web/0"), { recursive: true });
  writeFileSync(
    join(run, "pod.json"),
    JSON.stringify({ schema: 1, uid: "u-1", name: "pod", namespace: "default" }),
  );
  writeFileSync(
    join(run, "containers/web/0/container.json"),
    JSON.stringify({ schema: 1, imageId: image.id }),
  );
}

describe("images are kept as long as something needs them", () => {
  it("rm takes the name; what other images need stays, the rest goes", async () => {
    const a = await load("a:1", tar({ name: "a", data: "a" }));
    const b = await load("b:1", tar({ name: "b", data: "b" }));
    expect(layers()).toHaveLength(3);
    const removed = await removeImages(store.context, ["a:1"]);
    expect(removed).toMatchObject({ names: ["a:1"], layers: [expect.any(String)] });
    expect(layers()).toHaveLength(2);
    expect(b.layers.every((layer) => existsSync(layer))).toBe(true);
    expect(existsSync(a.layers[0]!)).toBe(false);
    await expect(store.ensure("a:1", { pullPolicy: "Never" })).rejects.toMatchObject({ code: "TS6003" });
    await removeImages(store.context, ["b:1"]);
    expect([layers(), blobs()]).toEqual([[], []]);
  });

  it("what a pod uses is not removed, by rm or by prune --all; its other names are", async () => {
    const a = await load("a:1", tar({ name: "a", data: "a" }));
    await load("b:1");
    usedBy(a);
    await tagImage(store.context, "a:1", "again:1");
    await removeImages(store.context, ["again:1"]);
    await expect(removeImages(store.context, ["a:1"])).rejects.toMatchObject({
      code: "TS6032",
      exitCode: 5,
      message: "image a:1 is used by pod default/pod",
      hint: expect.stringMatching(/tspod rm pod/),
    });
    expect((await pruneImages(store.context, { all: true })).names).toEqual(["b:1"]);
    expect(listImages(store.context)).toEqual([
      expect.objectContaining({ name: "a", tag: "1", usedBy: ["default/pod"] }),
    ]);
    expect(a.layers.every((layer) => existsSync(layer))).toBe(true);
    rmSync(join(work.path, "run/pods/u-1"), { recursive: true });
    const foretold = await pruneImages(store.context, { all: true, dryRun: true });
    expect(foretold.names).toEqual(["a:1"]);
    expect(layers()).toHaveLength(2);
    expect(await pruneImages(store.context, { all: true })).toEqual(foretold);
    expect(layers()).toEqual([]);
  });

  it("what a pod uses stays when its name goes to another image, and when it is taken away just before the use", async () => {
    const old = await load("a:1", tar({ name: "a", data: "old" }));
    usedBy(old);
    const moved = await load("a:1", tar({ name: "a", data: "new" }));
    expect(moved.id).not.toBe(old.id);
    const { reclaimable } = storeUsage(store.context);
    expect((await pruneImages(store.context, { all: true, dryRun: true })).bytes).toBe(reclaimable);
    await pruneImages(store.context);
    expect(old.layers.every((layer) => existsSync(layer))).toBe(true);
    rmSync(join(work.path, "run/pods/u-1"), { recursive: true });
    await pruneImages(store.context);
    expect(existsSync(old.layers[0]!)).toBe(false);
    await removeImages(store.context, ["a:1"]);

    const late = await load("late:1", tar({ name: "late", data: "late" }));
    const starting = holdInAnotherProcess();
    await starting.held;
    const removed = await removeImages(store.context, ["late:1"]);
    expect(removed).toMatchObject({ names: ["late:1"], layers: [], bytes: 0, postponed: { code: "TS6032" } });
    expect(listImages(store.context)).toEqual([]);
    usedBy(late);
    await starting.end();
    await pruneImages(store.context, { all: true });
    expect(late.layers.every((layer) => existsSync(layer))).toBe(true);
    rmSync(join(work.path, "run/pods/u-1"), { recursive: true });
    await pruneImages(store.context);
    expect(layers()).toEqual([]);
  });

  it("prune without --all removes only what no name leads to, interrupted work among it", async () => {
    const a = await load("a:1");
    writeFileSync(join(images(), "blobs/sha256", "f".repeat(64)), "left over");
    mkdirSync(join(images(), "ingest", "e".repeat(64)));
    mkdirSync(join(work.path, "lib/layers", `${"d".repeat(64)}.partial/fs`), { recursive: true });
    const pruned = await pruneImages(store.context);
    expect(pruned).toMatchObject({ names: [], blobs: [`sha256:${"f".repeat(64)}`] });
    expect(readdirSync(join(images(), "ingest"))).toEqual([]);
    expect(layers()).toHaveLength(1);
    expect(existsSync(a.layers[0]!)).toBe(true);
  });

  it("nothing is collected while another process readies an image", async () => {
    await load("a:1");
    const other = openStore(work.path);
    const { hold } = await import("../../../src/image/hold.ts");
    // Two descriptors of one process lock each other out as two processes do; only the own holds are let go.
    const readying = holdInAnotherProcess();
    await readying.held;
    await hold(other.context);
    const steps: string[] = [];
    const pruning = pruneImages(other.context, { all: true }).then(() => steps.push("collected"));
    await sleep(500);
    steps.push("released");
    await readying.end();
    await pruning;
    expect(steps).toEqual(["released", "collected"]);
  });
});

describe("names and facts", () => {
  it("ls, inspect, history, df and tag say what is there; ids select by their beginning", async () => {
    const a = await load("a:1", tar({ name: "a", data: "a" }));
    await tagImage(store.context, a.id.slice(7, 15), "ghcr.io/o/r:x");
    expect(listImages(store.context).map(({ name, tag, id }) => [name, tag, id])).toEqual([
      ["a", "1", a.id],
      ["ghcr.io/o/r", "x", a.id],
    ]);
    expect(inspectImage(store.context, "a:1")).toMatchObject({
      Id: a.id,
      Digest: a.digest,
      RepoTags: ["docker.io/library/a:1", "ghcr.io/o/r:x"],
      Config: { Labels: { name: "a:1" } },
    });
    expect(imageHistory(store.context, "a:1")).toHaveLength(2);
    const usage = storeUsage(store.context);
    expect(usage).toMatchObject({ images: 1, active: 0, blobs: { count: 4 }, layers: { count: 2 } });
    expect(usage.reclaimable).toBe(usage.blobs.bytes + usage.layers.bytes);
    expect(findImage(store.context, a.digest).ref).toBe("docker.io/library/a:1");
    expect(() => findImage(store.context, "a:2")).toThrow(
      expect.objectContaining({ code: "TS6002", exitCode: 4, hint: "did you mean a:1?" }),
    );
  });
});

describe("a damaged store", () => {
  it("verify finds nothing in a whole one", async () => {
    await load("a:1", tar({ name: "a/b", data: "a" }));
    expect(await verifyStore(store.context)).toEqual([]);
  });

  it.each<[string, (layer: string) => void]>([
    ["a changed byte", (layer) => writeFileSync(join(layer, "file"), "changeD")],
    ["a removed file", (layer) => rmSync(join(layer, "file"))],
    ["a file too many", (layer) => writeFileSync(join(layer, "extra"), "")],
    ["another mode", (layer) => execFileSync("chmod", ["4755", join(layer, "file")])],
    ["another owner", (layer) => execFileSync("chown", ["1:1", join(layer, "file")])],
    [
      "another attribute",
      (layer) => execFileSync("setfattr", ["-n", "user.x", "-v", "1", join(layer, "file")]),
    ],
    ["another time", (layer) => execFileSync("touch", ["-d", "2001-01-01", join(layer, "file")])],
    ["a broken record", (layer) => writeFileSync(join(layer, "../layer.json"), "{")],
  ])("verify finds %s in an unpacked layer, and --repair mends it", async (_what, damage) => {
    const image = await load("a:1", tar({ name: "file", data: "changed" }));
    const [layer] = image.layers;
    damage(layer!);
    expect(await verifyStore(store.context)).toEqual([
      expect.objectContaining({ images: ["a:1"], mended: false }),
    ]);
    expect(await verifyStore(store.context, { repair: true })).toEqual([
      expect.objectContaining({ mended: true }),
    ]);
    await store.ensure("a:1", { pullPolicy: "Never" });
    expect(readFileSync(join(layer!, "file"), "utf8")).toBe("changed");
    expect(await verifyStore(store.context)).toEqual([]);
  });

  it("a layer that a pod uses is not changed beneath it", async () => {
    const image = await load("a:1", tar({ name: "file", data: "x" }));
    writeFileSync(join(image.layers[0]!, "file"), "y");
    usedBy(image);
    expect(await verifyStore(store.context, { repair: true })).toEqual([
      expect.objectContaining({ mended: false, remedy: expect.stringMatching(/remove default\/pod first/) }),
    ]);
  });

  it("a changed blob is found and named; loaded images say where to load them from again", async () => {
    await load("a:1", tar({ name: "file", data: "x".repeat(2000) }));
    const big = blobs().find((name) => statSync(join(images(), "blobs/sha256", name)).size > 2000)!;
    const file = join(images(), "blobs/sha256", big);
    const bytes = readFileSync(file);
    bytes[700]! ^= 1;
    writeFileSync(file, bytes);
    const found = await verifyStore(store.context, { repair: true });
    expect(found).toEqual([
      expect.objectContaining({
        subject: `sha256:${big}`,
        mended: false,
        remedy: expect.stringMatching(/load the image again from oci:/),
      }),
    ]);
    rmSync(join(work.path, "lib/layers"), { recursive: true });
    await expect(store.ensure("a:1", { pullPolicy: "Never" })).rejects.toMatchObject({
      code: "TS6011",
      message: expect.stringMatching(new RegExp(big)),
    });
    expect(layers().filter((name) => name.endsWith(".partial"))).toEqual([]);
  });

  it("a broken index is told with the way out, and restored from its copy", async () => {
    await load("a:1");
    writeFileSync(join(images(), "index.json"), '{"manifests":');
    await expect(store.ensure("a:1", { pullPolicy: "Never" })).rejects.toMatchObject({
      code: "TS6030",
      hint: expect.stringMatching(/verify --repair/),
    });
    expect(await verifyStore(store.context, { repair: true })).toEqual([
      expect.objectContaining({ mended: true }),
    ]);
    await store.ensure("a:1", { pullPolicy: "Never" });
  });

  it("a layer from before a reboot that was never known to be on the disk is unpacked again", async () => {
    const image = await load("a:1", tar({ name: "file", data: "x" }));
    const record = join(image.layers[0]!, "../layer.json");
    const meta = JSON.parse(readFileSync(record, "utf8")) as Record<string, unknown>;
    rmSync(join(image.layers[0]!, "file"));
    writeFileSync(record, JSON.stringify({ ...meta, bootId: "an earlier one", synced: true }));
    await store.ensure("a:1", { pullPolicy: "Never" });
    expect(existsSync(join(image.layers[0]!, "file"))).toBe(false);
    writeFileSync(record, JSON.stringify({ ...meta, bootId: "an earlier one" }));
    await store.ensure("a:1", { pullPolicy: "Never" });
    expect(existsSync(join(image.layers[0]!, "file"))).toBe(true);
  });
});
