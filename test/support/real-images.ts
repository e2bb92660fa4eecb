import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { checkout } from "./tspod.ts";

const run = promisify(execFile);

/**
 * Builds images of real programs (rootfs/recipes) and returns what manifests call them: `oci:FOLDER`. Built once per
 * state of rootfs/; the packages come from the distribution's archive at first, so a hook that calls this takes long.
 */
export async function realImages<Name extends string>(...names: Name[]): Promise<Record<Name, string>> {
  const folder = cacheFolder();
  // Test files run side by side: the first one builds, the others wait for it.
  await run("flock", [`${folder}.lock`, "sh", "-euc", buildMissing, process.execPath, folder, ...names], {
    cwd: checkout,
  });
  return Object.fromEntries(names.map((name) => [name, `oci:${join(folder, name)}`])) as Record<Name, string>;
}

const buildMissing = `out=$1; shift; missing=
  for name; do [ -e "$out/$name/index.json" ] || missing="$missing $name"; done
  [ -z "$missing" ] || exec "$0" rootfs/build.mjs $missing --out "$out"`;

/** Time to give to a hook that builds images: most of it is downloading. */
export const buildTimeoutMs = 400_000;

/** Named by what the images are made from; what earlier sources made is removed. */
function cacheFolder(): string {
  const all = join(checkout, "rootfs/out/for-tests");
  const hash = createHash("sha256");
  for (const path of sourcesOf(join(checkout, "rootfs"))) hash.update(`${path}\0`).update(readFileSync(path));
  const name = hash.digest("hex").slice(0, 16);
  mkdirSync(join(all, name), { recursive: true });
  for (const other of readdirSync(all))
    if (!other.startsWith(name)) rmSync(join(all, other), { recursive: true, force: true });
  return join(all, name);
}

function sourcesOf(folder: string): string[] {
  return ["build.mjs", "lib", "recipes", "files"]
    .flatMap((part) => {
      const path = join(folder, part);
      if (part === "build.mjs") return [path];
      return readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
    })
    .sort();
}
