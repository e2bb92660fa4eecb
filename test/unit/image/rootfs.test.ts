import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "tspod-rootfs-"));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

function build(out: string, env: Record<string, string>, umask: string): string {
  execFileSync(
    "sh",
    ["-c", `umask ${umask}; exec "$0" rootfs/build.mjs busybox --out "$1"`, process.execPath, out],
    {
      env: { PATH: process.env.PATH, ...env },
    },
  );
  return join(out, "busybox");
}

function content(layout: string): Record<string, string> {
  const files = readdirSync(layout, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map((file) => {
      const path = join(file.parentPath, file.name);
      return [path.slice(layout.length), readFileSync(path).toString("base64")];
    }),
  );
}

describe("the embedded image", () => {
  it("is the same bytes whenever, wherever and by whom it is built", () => {
    const one = build(join(base, "one"), { TZ: "UTC", LC_ALL: "C" }, "022");
    const two = build(join(base, "elsewhere/two"), { TZ: "Asia/Tokyo", LC_ALL: "C.UTF-8" }, "077");
    expect(content(two)).toEqual(content(one));
    expect(Object.keys(content(one))).toHaveLength(5);
  });

  it("replaces an earlier build whole", () => {
    const layout = build(join(base, "again"), {}, "022");
    cpSync(join(layout, "index.json"), join(layout, "left-over"));
    build(join(base, "again"), {}, "022");
    expect(Object.keys(content(layout))).not.toContain("/left-over");
  });
});
