import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load } from "./load.ts";

const { recipeNames } = await load("build.mjs");
const { addUsers, idOf } = await load("lib/accounts.mjs");
const { openPackages, readFiles } = await load("lib/deb.mjs");
const { matcher } = await load("lib/files.mjs");
const { Layer } = await load("lib/layer.mjs");
const { zip } = await load("lib/zip-writer.mjs");

let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "tspod-rootfs-"));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe("the recipes", () => {
  it("are found by name", () => {
    expect(recipeNames()).toEqual([
      "busybox",
      "debian",
      "nginx",
      "node",
      "postgres",
      "redis",
      "sample",
      "tomcat",
    ]);
  });
});

describe("a pattern of paths", () => {
  it.each([
    ["usr/share/man", "usr/share/man", true],
    ["usr/share/man", "usr/share/man/man1/x", true],
    ["usr/share/man", "usr/share/manual", false],
    ["usr/*/x", "usr/a.b/x/y", true],
    ["usr/*/x", "usr/a/b/x", false],
    ["etc/sites-*", "etc/sites-enabled", true],
    ["a.b", "axb", false],
  ])("%s and %s: %s", (pattern, path, expected) => {
    expect(matcher([pattern])(path)).toBe(expected);
  });

  it("matches nothing when there is none", () => {
    expect(matcher([])("a")).toBe(false);
  });
});

describe("users", () => {
  it("are added to those that there are, each with a group and no password", () => {
    const below = new Layer();
    addUsers(below, [{ name: "root", id: 0, home: "/root", shell: "/bin/sh" }]);
    const layer = new Layer(below);
    addUsers(layer, [{ name: "web", id: 101, home: "/srv", about: "server" }]);
    const text = (path: string) => layer.get(path)?.content?.toString();
    expect(text("etc/passwd")).toBe(
      "root:x:0:0::/root:/bin/sh\nweb:x:101:101:server:/srv:/usr/sbin/nologin\n",
    );
    expect(text("etc/group")).toBe("root:x:0:\nweb:x:101:\n");
    expect(text("etc/shadow")).toBe("root:*:::::::\nweb:*:::::::\n");
    expect(layer.get("etc/shadow")?.mode).toBe(0o640);
    expect(idOf(layer, "web")).toEqual({ uid: 101, gid: 101 });
    expect(() => idOf(layer, "nobody")).toThrow("no user nobody");
  });
});

describe("a zip archive", () => {
  it("is one that Python reads and finds whole", () => {
    const path = join(base, "a.zip");
    const content = Buffer.from([...Array(1000).keys()]);
    writeFileSync(
      path,
      zip([
        { path: "WEB-INF/web.xml", content: Buffer.from("<x/>") },
        { path: "é", content },
      ]),
    );
    expect(execFileSync("python3", ["-m", "zipfile", "-t", path], { encoding: "utf8" })).toBe(
      "Done testing\n",
    );
    const out = join(base, "zip");
    execFileSync("python3", ["-m", "zipfile", "-e", path, out]);
    expect(execFileSync("cat", [join(out, "WEB-INF/web.xml")], { encoding: "utf8" })).toBe("<x/>");
  });
});

describe("a package", () => {
  it("is read with modes, links and folders, without what is not wanted", async () => {
    const tree = join(base, "deb");
    mkdirSync(join(tree, "DEBIAN"), { recursive: true });
    const control = "Package: one\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b>\nDescription: one\n";
    writeFileSync(join(tree, "DEBIAN/control"), control);
    const long = `usr/${"d/".repeat(60)}file`;
    const make = `chmod 755 DEBIAN; mkdir -p bin usr/share/man ${long.slice(0, -5)}; echo hi >bin/a; chmod 4755 bin/a; ln bin/a bin/b;
      ln -s a bin/c; echo m >usr/share/man/m; echo l >${long}`;
    execFileSync("sh", ["-ec", make], { cwd: tree });
    const deb = join(base, "one.deb");
    execFileSync("dpkg-deb", ["--root-owner-group", "--build", tree, deb], { stdio: "ignore" });
    const [opened] = openPackages([deb], base);
    expect(opened.control).toBe(control);
    const wanted = (path: string) => !path.includes("/man");
    const found = new Map<string, { type: string }>();
    for (const { path, entry } of await readFiles(opened.tar, wanted)) found.set(path, entry);
    const linked = ["bin/a", "bin/b"].map((path) => found.get(path)?.type);
    expect(linked.sort()).toEqual(["file", "hardlink"]);
    const whole = found.get("bin/a")?.type === "file" ? "a" : "b";
    expect(found.get(`bin/${whole}`)).toMatchObject({ mode: 0o4755, uid: 0, content: Buffer.from("hi\n") });
    expect(found.get(whole === "a" ? "bin/b" : "bin/a")).toMatchObject({ target: `bin/${whole}` });
    expect(found.get("bin/c")).toMatchObject({ type: "symlink", target: "a" });
    expect(found.get(long)).toMatchObject({ content: Buffer.from("l\n") });
    expect([...found.keys()].filter((path) => path.includes("man"))).toEqual([]);
  });

  it("that is broken is refused", async () => {
    const path = join(base, "broken.deb");
    writeFileSync(path, "!<arch>\nnothing");
    expect(() => openPackages([path], base)).toThrow(
      /not packages that can be read: dpkg-deb: error: .*broken\.deb/,
    );
    writeFileSync(path, Buffer.alloc(2048, 1));
    await expect(readFiles(path, () => true)).rejects.toThrow("not an archive that can be read");
    await expect(readFiles(join(base, "none"), () => true)).rejects.toThrow("ENOENT");
  });
});
