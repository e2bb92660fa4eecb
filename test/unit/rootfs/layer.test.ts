import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { load } from "./load.ts";

const { folder, Layer } = await load("lib/layer.mjs");

const file = (text: string) => ({ type: "file", mode: 0o644, uid: 0, gid: 0, content: Buffer.from(text) });
const link = (target: string) => ({ type: "symlink", mode: 0o777, uid: 0, gid: 0, target });

function merged() {
  const layer = new Layer();
  layer.add("bin", link("usr/bin"));
  layer.add("tmp", folder(0o1777));
  return layer;
}

describe("a layer", () => {
  it("puts a file where the links of its parents lead", () => {
    const layer = merged();
    layer.add("bin/sh", file("sh"));
    expect(layer.paths()).toEqual(["bin", "tmp", "usr", "usr/bin", "usr/bin/sh"]);
    expect(layer.get("bin/sh")?.content?.toString()).toBe("sh");
  });

  it("follows links of the layers below, absolute ones within the image", () => {
    const below = merged();
    below.add("var/run", link("/run"));
    const layer = new Layer(below);
    layer.add("var/run/x/pid", file("1"));
    layer.add("bin/ls", file("ls"));
    expect([...layer.tree.paths()].sort()).toEqual([
      "run",
      "run/x",
      "run/x/pid",
      "usr",
      "usr/bin",
      "usr/bin/ls",
    ]);
  });

  it("never leads out of the image", () => {
    const layer = new Layer();
    layer.add("up", link("../../../.."));
    layer.add("up/etc/passwd", file(""));
    expect(layer.tree.has("etc/passwd")).toBe(true);
  });

  it("gives up on links that go round", () => {
    const layer = new Layer();
    layer.add("a", link("b"));
    layer.add("b", link("a"));
    expect(() => layer.add("a/x", file(""))).toThrow("too many links");
  });

  it("keeps a link to a folder when a package has a folder there", () => {
    const layer = merged();
    layer.add("bin", folder(0o755));
    expect(layer.get("bin")?.type).toBe("symlink");
    expect(layer.tree.get("usr/bin")?.type).toBe("dir");
  });

  it("replaces a link by a file, not what it leads to", () => {
    const layer = new Layer(merged());
    layer.add("bin", file("x"));
    expect(layer.tree.paths()).toEqual(["bin"]);
  });

  it("holds a folder of the layer below only where it changes or is needed, as it is there", () => {
    const layer = new Layer(merged());
    layer.add("tmp", folder(0o1777));
    expect(layer.tree.paths()).toEqual([]);
    layer.add("tmp/x", file(""));
    expect(layer.tree.get("tmp")).toMatchObject({ mode: 0o1777 });
    layer.add("tmp", folder(0o700, 5, 6));
    expect(layer.tree.get("tmp")).toMatchObject({ mode: 0o700, uid: 5, gid: 6 });
  });

  it("moves the target of a hardlink as well", () => {
    const layer = merged();
    layer.add("bin/a", file(""));
    layer.add("bin/b", { type: "hardlink", mode: 0o644, uid: 0, gid: 0, target: "bin/a" });
    expect(layer.tree.get("usr/bin/b")).toMatchObject({ target: "usr/bin/a" });
  });
});
