import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readInLayers } from "../../../src/image/lookup.ts";

let base: string;
const SECRET = "a file of the host";

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "tspod-lookup-"));
  writeFileSync(join(base, "secret"), SECRET);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** Makes a layer: text is a file, `{ to }` a symlink. Later layers are on top. */
function layer(name: string, files: Record<string, string | { to: string }>, opaque?: string[]): string {
  const root = join(base, name, "fs");
  mkdirSync(root, { recursive: true });
  for (const [path, what] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (typeof what === "string") writeFileSync(join(root, path), what);
    else symlinkSync(what.to, join(root, path));
  }
  if (opaque) writeFileSync(join(base, name, "layer.json"), JSON.stringify({ schema: 1, opaque }));
  return root;
}

function read(layers: string[], path: string): string | undefined {
  return readInLayers(layers, path, 1000)?.toString();
}

describe("a file of an image is found as overlay would show it", () => {
  it("the top-most layer that has it wins, and folders merge", () => {
    const low = layer("low", { "etc/passwd": "low", "etc/group": "group" });
    const top = layer("top", { "etc/passwd": "top" });
    expect(read([top, low], "/etc/passwd")).toBe("top");
    expect(read([top, low], "/etc/group")).toBe("group");
    expect(read([top, low], "/etc/shadow")).toBeUndefined();
    expect(read([top, low], "/etc")).toBeUndefined();
    expect(read([top, low], "/")).toBeUndefined();
  });

  it("an opaque folder hides what is beneath it", () => {
    const low = layer("low", { "etc/passwd": "low" });
    const top = layer("top", { "etc/group": "top" }, ["/etc"]);
    expect(read([top, low], "/etc/passwd")).toBeUndefined();
    expect(read([top, low], "/etc/group")).toBe("top");
  });

  it("a file in a folder's place hides the folder, and a folder hides a file below", () => {
    const low = layer("low", { "a/b": "low", c: "file" });
    const top = layer("top", { a: "file", "c/d": "top" });
    expect(read([top, low], "/a/b")).toBeUndefined();
    expect(read([top, low], "/a")).toBe("file");
    expect(read([top, low], "/c")).toBeUndefined();
    expect(read([top, low], "/c/d")).toBe("top");
  });

  it("symlinks are followed across layers, relative and absolute", () => {
    const low = layer("low", {
      "usr/etc/passwd": "found",
      "deep/x/link": { to: "../../usr/./etc" },
      "deep/x/absolute": { to: "/usr/etc" },
    });
    const top = layer("top", { etc: { to: "/usr/etc" } });
    expect(read([top, low], "/etc/passwd")).toBe("found");
    expect(read([top, low], "deep/x/link/passwd")).toBe("found");
    expect(read([top, low], "deep/x/absolute/passwd")).toBe("found");
  });
});

describe("no image leads the lookup out of its layers", () => {
  const roads: [string, (root: string) => Record<string, string | { to: string }>, string][] = [
    ["an absolute symlink", () => ({ "etc/passwd": { to: join(base, "secret") } }), "/etc/passwd"],
    ["a relative symlink", () => ({ "etc/passwd": { to: "../../../secret" } }), "/etc/passwd"],
    ["a symlinked folder", () => ({ etc: { to: base } }), "/etc/secret"],
    ["a chain of symlinks", () => ({ a: { to: "b" }, b: { to: "/../.." }, etc: { to: "a" } }), "/etc/secret"],
    ["dots in the path", () => ({ x: "x" }), "../../secret"],
    ["dots after a symlink", () => ({ "a/b/c": "x", l: { to: "a/b" } }), "/l/../../../../secret"],
  ];
  it.each(roads)("%s", (_name, files, path) => {
    const root = layer("hostile", files(base));
    expect(read([root], path)).toBeUndefined();
  });

  it("the same roads inside the image lead to the image's own files", () => {
    const root = layer("hostile", { secret: "the image's own", etc: { to: "/../../.." } });
    expect(read([root], "/etc/secret")).toBe("the image's own");
  });

  it("a loop of symlinks ends", () => {
    const root = layer("hostile", { a: { to: "b" }, b: { to: "a" } });
    expect(read([root], "/a")).toBeUndefined();
  });

  it("a file over the limit is refused, not read", () => {
    const root = layer("hostile", { "etc/passwd": "x".repeat(1001) });
    expect(() => read([root], "/etc/passwd")).toThrow(expect.objectContaining({ code: "TS6011" }));
  });
});
