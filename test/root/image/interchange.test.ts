import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Image } from "../../../src/image/index.ts";
import { loadImage } from "../../../src/image/load.ts";
import { saveImages } from "../../../src/image/save.ts";
import { parseSource } from "../../../src/image/sources/parse-source.ts";
import { makeLayout } from "../../support/image/make-image.ts";
import { openStore } from "../../support/image/store.ts";
import { tar } from "../../support/image/tar.ts";
import { readTree, type TreeOptions } from "../../support/image/tree.ts";
import { workFolder } from "../../support/image/unpack.ts";

let work: ReturnType<typeof workFolder>;
const mounts: string[] = [];
beforeEach(() => {
  work = workFolder();
});
afterEach(() => {
  for (const mount of mounts.splice(0)) execFileSync("umount", [mount]);
  work.remove();
});
const at = (name: string) => join(work.path, name);
// By mount(2): fsconfig(2), which newer versions of the command use, takes no text of more than 255 bytes.
const env = { ...process.env, LIBMOUNT_FORCE_MOUNT2: "always" };
const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { stdio: ["ignore", "pipe", "inherit"], env });

/** What a container would see. */
function mounted(image: Image): string {
  const target = at(`merged-${mounts.length}`);
  mkdirSync(target);
  // A single layer needs a second, empty one: overlay without an upper layer wants two.
  const empty = at("empty");
  mkdirSync(empty, { recursive: true });
  run("mount", "-t", "overlay", "-o", `ro,lowerdir=${[...image.layers, empty].join(":")}`, "overlay", target);
  mounts.push(target);
  return target;
}

/** overlay shows its own attributes to nobody; umoci leaves some of its own. */
const OPTIONS: TreeOptions = {
  xattr: (name) => !name.startsWith("trusted.overlay") && !name.startsWith("user.rootlesscontainers"),
};
const T = 1_500_000_000;

/** Whiteouts of every kind, hardlinks into lower layers, folders that only lower layers describe, and odd entries. */
const LAYERS = [
  tar(
    { name: "./", type: "5", mode: 0o755, mtime: T },
    ...["a", "a/sub", "keep", "gone", "replaced", "opq", "opq/inner"].map((name) => ({
      name,
      type: "5",
      mtime: T,
    })),
    { name: "tmp", type: "5", mode: 0o1777, uid: 3, gid: 4, mtime: T },
    { name: "a/file", data: "lower", mtime: T },
    { name: "a/sub/x", data: "x", mtime: T },
    {
      name: "keep/linked",
      data: "linked",
      mode: 0o4755,
      uid: 5,
      mtime: T,
      pax: { "SCHILY.xattr.user.k": "v" },
    },
    { name: "keep/other", data: "other", mtime: T },
    { name: "gone/f", data: "f", mtime: T },
    { name: "replaced/f", data: "f", mtime: T },
    { name: "opq/hidden", data: "h", mtime: T },
    { name: "opq/inner/hidden", data: "h", mtime: T },
    { name: "file-to-dir", data: "file", mtime: T },
    { name: "dir-to-link", type: "5", mtime: T },
    { name: "dir-to-link/f", data: "f", mtime: T },
    { name: "null", type: "3", major: 1, minor: 3, mtime: T },
    { name: "fifo", type: "6", mtime: T },
  ),
  tar(
    { name: ".wh.gone" },
    { name: "a/.wh.file" },
    { name: "opq", type: "5", mode: 0o700, mtime: T + 1 },
    { name: "opq/.wh..wh..opq" },
    { name: "opq/new", data: "new", mtime: T + 1 },
    { name: ".wh.replaced" },
    { name: "replaced", type: "5", mtime: T + 1 },
    { name: "replaced/g", data: "g", mtime: T + 1 },
    { name: "file-to-dir", type: "5", mtime: T + 1 },
    { name: "file-to-dir/f", data: "f", mtime: T + 1 },
    { name: "dir-to-link", type: "2", link: "a", mtime: T + 1 },
    { name: "keep/hard", type: "1", link: "keep/linked" },
    { name: ".wh..wh.plnk", type: "5" },
  ),
  tar(
    { name: "tmp/of-the-third", data: "3", mtime: T + 2 },
    { name: "a/file", data: "back again", mtime: T + 2 },
    { name: "a", type: "5", mtime: T + 2 },
    { name: "tmp", type: "5", mode: 0o1777, uid: 3, gid: 4, mtime: T + 2 },
    { name: "keep", type: "5", mtime: T + 2 },
    { name: "", type: "5", mtime: T + 2, pax: { path: "./" } },
  ),
];

describe("what skopeo and umoci write, we run", () => {
  it("layers merge to the tree that umoci unpacks, whiteouts and hardlinks into lower layers among them", async () => {
    makeLayout(at("layout"), { layers: LAYERS, compress: true, name: "t" });
    const ours = mounted(await openStore(at("s")).ensure(`oci:${at("layout")}:t`, { pullPolicy: "Always" }));
    run("umoci", "unpack", "--image", `${at("layout")}:t`, at("bundle"));
    expect(readTree(ours, OPTIONS)).toEqual(readTree(join(at("bundle"), "rootfs"), OPTIONS));
  });

  it.each(["before", "after"])(
    "a whiteout %s a folder of its own layer hides only what is below",
    async (order) => {
      const whiteout = [{ name: ".wh.d" }];
      const upper = [{ name: "d", type: "5" }, { name: "d/upper" }];
      const entries = order === "before" ? [...whiteout, ...upper] : [...upper, ...whiteout];
      makeLayout(at("layout"), {
        layers: [tar({ name: "d", type: "5" }, { name: "d/lower" }), tar(...entries)],
        name: "t",
      });
      const ours = mounted(
        await openStore(at("s")).ensure(`oci:${at("layout")}:t`, { pullPolicy: "Always" }),
      );
      expect(readdirSync(join(ours, "d"))).toEqual(["upper"]);
    },
  );

  it("a folder that a layer does not describe is as the layers below have it", async () => {
    makeLayout(at("layout"), { layers: [LAYERS[0]!, tar({ name: "tmp/x", data: "x" })], name: "t" });
    const ours = readTree(
      mounted(await openStore(at("s")).ensure(`oci:${at("layout")}:t`, { pullPolicy: "Always" })),
    );
    expect(ours.tmp).toMatchObject({ mode: "41777", owner: "3:4", mtime: `${T}000000000` });
  });

  it.each(["oci-archive", "docker-archive"])("%s by skopeo, of a real image", async (kind) => {
    execFileSync(process.execPath, [resolve("rootfs/build.mjs"), "busybox", "--out", at("built")]);
    run("skopeo", "copy", "-q", `oci:${at("built/busybox")}`, `${kind}:${at("archive")}:some/name:v1`);
    const store = openStore(at("s"));
    const records = await loadImage(store.context, parseSource(`${kind}:${at("archive")}`)!);
    const ref = kind === "docker-archive" ? "some/name:v1" : `oci-archive:${at("archive")}`;
    expect(records.map(({ ref }) => ref)).toEqual([
      kind === "docker-archive" ? "docker.io/some/name:v1" : ref,
    ]);
    const image = await store.ensure(ref, { pullPolicy: "IfNotPresent" });
    const direct = await openStore(at("d")).ensure(`oci:${at("built/busybox")}`, { pullPolicy: "Always" });
    expect(image.config).toEqual(direct.config);
    expect(readTree(mounted(image))).toEqual(readTree(mounted(direct)));
  });

  it("an image that umoci has changed", async () => {
    makeLayout(at("layout"), { layers: [LAYERS[0]!], name: "t" });
    run("umoci", "unpack", "--image", `${at("layout")}:t`, at("bundle"));
    writeFileSync(join(at("bundle"), "rootfs/a/file"), "changed by umoci");
    execFileSync("rm", ["-r", join(at("bundle"), "rootfs/gone")]);
    // umoci's archives have whole seconds, rounded.
    execFileSync("touch", [
      "-d",
      "@1500000123",
      join(at("bundle"), "rootfs/a/file"),
      join(at("bundle"), "rootfs"),
    ]);
    run("umoci", "repack", "--image", `${at("layout")}:new`, at("bundle"));
    run("umoci", "config", "--image", `${at("layout")}:new`, "--config.cmd", "/x", "--config.env", "A=b");
    const image = await openStore(at("s")).ensure(`oci:${at("layout")}:new`, { pullPolicy: "Always" });
    expect(image.config).toMatchObject({ Cmd: ["/x"], Env: ["A=b"] });
    const options = { ...OPTIONS, wholeSeconds: true };
    expect(readTree(mounted(image), options)).toEqual(readTree(join(at("bundle"), "rootfs"), options));
  });

  it("a tarball, and a folder as it is", async () => {
    writeFileSync(at("root.tar"), LAYERS[0]!);
    run("zstd", "-q", at("root.tar"), "-o", at("root.tar.zst"));
    const store = openStore(at("s"));
    const image = await store.ensure(`tarball:${at("root.tar.zst")}`, { pullPolicy: "Always" });
    expect(readFileSync(join(image.layers[0]!, "a/file"), "utf8")).toBe("lower");
    const folder = await store.ensure(`rootfs:${image.layers[0]}`, { pullPolicy: "Never" });
    expect(folder.layers).toEqual([image.layers[0]]);
    await expect(store.ensure(`rootfs:${at("nope")}`, { pullPolicy: "Never" })).rejects.toMatchObject({
      code: "TS6020",
      message: expect.stringMatching(/there is no/),
    });
  });
});

describe("what we save, skopeo and umoci accept, and unpack to the same tree", () => {
  it.each(["oci", "oci-archive", "docker-archive"])("%s", async (kind) => {
    makeLayout(at("layout"), {
      layers: LAYERS,
      compress: true,
      name: "t",
      config: { Cmd: ["x"], Env: ["A=b"] },
    });
    const store = openStore(at("s"));
    await loadImage(store.context, parseSource(`oci:${at("layout")}:t`)!, { name: "app:v1" });
    await saveImages(store.context, ["app:v1"], parseSource(`${kind}:${at("saved")}`)!);
    const name = kind === "docker-archive" ? "" : ":v1";
    run("skopeo", "copy", "-q", `${kind}:${at("saved")}${name}`, `oci:${at("copied")}:c`);
    run("umoci", "unpack", "--image", `${at("copied")}:c`, at("bundle"));
    const ours = mounted(await store.ensure("app:v1", { pullPolicy: "Never" }));
    expect(readTree(ours, OPTIONS)).toEqual(readTree(join(at("bundle"), "rootfs"), OPTIONS));
    const inspected = JSON.parse(
      run("skopeo", "inspect", "--config", `oci:${at("copied")}:c`).toString(),
    ) as { config: object };
    expect(inspected.config).toMatchObject({ Cmd: ["x"], Env: ["A=b"] });
    expect(readdirSync(work.path).filter((name) => name.includes(".new-"))).toEqual([]);
  });

  it("the same image gives the same archive, and an existing file is not overwritten", async () => {
    makeLayout(at("layout"), { layers: LAYERS, name: "t" });
    const store = openStore(at("s"));
    await loadImage(store.context, parseSource(`oci:${at("layout")}`)!, { name: "app:v1" });
    for (const file of ["one", "two"])
      await saveImages(store.context, ["app:v1"], parseSource(`oci-archive:${at(file)}`)!);
    expect(readFileSync(at("one")).equals(readFileSync(at("two")))).toBe(true);
    await expect(
      saveImages(store.context, ["app:v1"], parseSource(`oci:${at("one")}`)!),
    ).rejects.toMatchObject({ code: "TS6020" });
  });
});

describe("archives that lie", () => {
  it.each<[string, () => Buffer, RegExp]>([
    [
      "members that would leave the folder",
      () =>
        tar(
          { name: "../../evil", data: "x" },
          { name: "manifest.json", data: JSON.stringify([{ Config: "../../evil", Layers: [] }]) },
        ),
      /is not JSON/,
    ],
    [
      "a config that is a host's file",
      () => tar({ name: "manifest.json", data: JSON.stringify([{ Config: "/etc/passwd", Layers: [] }]) }),
      /names "\/etc\/passwd", which it does not hold/,
    ],
    [
      "a config that links to a host's file",
      () =>
        tar(
          { name: "c", type: "2", link: "/etc/passwd" },
          { name: "manifest.json", data: JSON.stringify([{ Config: "c", Layers: [] }]) },
        ),
      /names "c", which it does not hold/,
    ],
    ["no manifest", () => tar({ name: "x", data: "x" }), /is not what `docker save` writes/],
    [
      "two images and no name",
      () =>
        tar({
          name: "manifest.json",
          data: JSON.stringify([
            { Config: "a", RepoTags: ["a:1"], Layers: [] },
            { Config: "b", RepoTags: ["b:1"], Layers: [] },
          ]),
        }),
      /has 2 images: a:1, b:1/,
    ],
    ["no archive", () => Buffer.from("not a tar"), /cannot be read as an archive|is not what/],
  ])("%s", async (_what, bytes, message) => {
    writeFileSync(at("archive"), bytes());
    const store = openStore(at("s"));
    await expect(loadImage(store.context, parseSource(`docker-archive:${at("archive")}`)!)).rejects.toThrow(
      message,
    );
    expect(readdirSync(at("s/lib/images/ingest"))).toEqual([]);
  });
});
