import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Image, ImageStore } from "../../../src/image/index.ts";
import { loadImage, parseSource, removeImages } from "../../../src/image/store-verbs.ts";
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

async function load(name: string, ...own: Buffer[]): Promise<Image> {
  const layout = join(work.path, `layout-${name.replace(/\W/g, "-")}`);
  makeLayout(layout, { layers: [SHARED, ...own], config: { Labels: { name } } });
  await loadImage(store.context, parseSource(`oci:${layout}`)!, { name });
  return store.ensure(name, { pullPolicy: "Never" });
}

describe("a store that cannot be written", () => {
  function tmpfs(options: string): void {
    mkdirSync(join(work.path, "lib"), { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", join(work.path, "lib")]);
    mounts.push(join(work.path, "lib"));
  }
  const layout = (data: Buffer) => {
    makeLayout(join(work.path, "layout"), { layers: [tar({ name: "big", data })], compress: true });
    return `oci:${join(work.path, "layout")}`;
  };

  it("a full disk while unpacking: a clear error, no half layer, and it works once there is room", async () => {
    tmpfs("size=6m");
    store = openStore(work.path, { limits: { reserve: 0 } });
    const ref = layout(Buffer.alloc(20 << 20, "compressible "));
    await expect(store.ensure(ref, { pullPolicy: "IfNotPresent" })).rejects.toMatchObject({
      code: "TS6031",
      message: expect.stringMatching(/a file could not be written \(ENOSPC\), at "big"/),
      hint: expect.stringMatching(/prune/),
    });
    expect(layers()).toEqual([]);
    execFileSync("mount", ["-o", "remount,size=60m", join(work.path, "lib")]);
    await store.ensure(ref, { pullPolicy: "IfNotPresent" });
  });

  it("a full disk while a blob comes in: a clear error and no half blob", async () => {
    tmpfs("size=1m");
    const { randomBytes } = await import("node:crypto");
    const ref = layout(randomBytes(3 << 20));
    await expect(store.ensure(ref, { pullPolicy: "Always" })).rejects.toMatchObject({
      code: "TS6031",
      message: expect.stringMatching(/no space/i),
    });
    expect(readdirSync(join(images(), "ingest"))).toEqual([]);
    expect(existsSync(join(images(), "index.json"))).toBe(false);
  });

  it("a read-only store: what is there runs, what is not is a clear error", async () => {
    tmpfs("size=60m");
    await load("a:1", tar({ name: "x" }));
    execFileSync("mount", ["-o", "remount,ro", join(work.path, "lib")]);
    expect((await store.ensure("a:1", { pullPolicy: "Never" })).layers).toHaveLength(2);
    await expect(store.ensure(layout(Buffer.alloc(10)), { pullPolicy: "Always" })).rejects.toMatchObject({
      code: "TS6031",
      message: expect.stringMatching(/read-only/),
    });
    await expect(removeImages(store.context, ["a:1"])).rejects.toMatchObject({
      code: "TS6031",
      message: expect.stringMatching(/read-only/),
    });
  });
});
