#!/usr/bin/env node
/**
 * Builds the images that come with tspod, from the distribution's packages: no registry, no root, no container engine.
 *
 *     node rootfs/build.mjs [NAME…] [--out FOLDER]
 *
 * With no name: busybox, the one every build embeds. The others are made on demand (rootfs/README.md).
 */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { writeLayout } from "./lib/oci-layout.mjs";
import { finder } from "./lib/packages.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const RECIPES = ["busybox"];

/** @returns {Promise<{ folder: string, manifest: string, config: string, layers: string[] }>} */
export async function buildImage(name, { out, work }) {
  if (!RECIPES.includes(name)) throw new Error(`no recipe for "${name}"; there is ${RECIPES.join(", ")}`);
  const recipe = (await import(pathToFileURL(join(here, "recipes", `${name}.mjs`)).href))[name];
  const image = await recipe({ find: finder(work), work });
  const folder = join(out, name);
  return { folder, ...writeLayout(folder, { refName: image.names[0], ...image }) };
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: "string" } } });
  const out = resolve(values.out ?? join(here, "../dist/images"));
  for (const name of positionals.length > 0 ? positionals : ["busybox"]) {
    const built = await buildImage(name, { out, work: join(here, "out") });
    console.log(`${name}: ${built.manifest} in ${built.folder}`);
  }
}
