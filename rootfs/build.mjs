#!/usr/bin/env node
/**
 * Builds images from the distribution's packages: no registry, no root, no container engine.
 *
 *     node rootfs/build.mjs [NAME…] [--out FOLDER] [--work FOLDER]
 *
 * With no name: busybox, the one every build embeds. The others are made on demand (rootfs/README.md). What is below
 * dist/images is found by its name: after `node rootfs/build.mjs nginx`, a manifest's `image: nginx` is this one.
 */
import { readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Layer } from "./lib/layer.mjs";
import { writeLayout } from "./lib/oci-layout.mjs";
import { packageLayer } from "./lib/package-image.mjs";
import { finder } from "./lib/packages.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const made = new Map();

/** @returns {string[]} the images that there are recipes for */
export function recipeNames() {
  return readdirSync(join(here, "recipes"))
    .map((file) => basename(file, ".mjs"))
    .sort();
}

/** @returns {Promise<{ folder: string, manifest: string, config: string, layers: string[] }>} */
export async function buildImage(name, options) {
  const { layers, comments, config } = await makeImage(name, options);
  const folder = join(options.out, name);
  const trees = layers.map(({ tree }) => tree);
  return { folder, ...writeLayout(folder, { refName: name, layers: trees, comments, config }) };
}

/** What several images stand on is put together once. */
function makeImage(name, options) {
  if (!made.has(name)) made.set(name, followRecipe(name, options));
  return made.get(name);
}

/** @returns {Promise<{ layers: Layer[], comments: string[], config: object }>} layers from the bottom up */
async function followRecipe(name, { work, tell = () => {} }) {
  if (!recipeNames().includes(name))
    throw new Error(`no recipe for "${name}"; there is ${recipeNames().join(", ")}`);
  const recipe = (await import(pathToFileURL(join(here, "recipes", `${name}.mjs`)).href))[name];
  if (typeof recipe === "function") {
    const { tree, config } = await recipe({ find: finder(work) });
    return { layers: [Layer.of(tree)], comments: [`rootfs/build.mjs ${name}`], config };
  }
  const base = recipe.from === undefined ? undefined : await makeImage(recipe.from, { work, tell });
  const filesOf = join(here, "files", name);
  const below = base?.layers.at(-1);
  const { layer, versions } = await packageLayer(recipe, { below, filesOf, work, tell });
  const version = versions.get(recipe.version);
  return {
    layers: [...(base?.layers ?? []), layer],
    comments: [...(base?.comments ?? []), [`rootfs/build.mjs ${name}`, version].filter(Boolean).join(" ")],
    config: mergeConfig(base?.config, recipe.config, { title: name, version }),
  };
}

/** As a Dockerfile's FROM: what is said anew replaces, variables and labels are added. */
function mergeConfig(base = {}, own = {}, { title, version }) {
  const labels = { "org.opencontainers.image.title": title };
  if (version !== undefined) labels["org.opencontainers.image.version"] = version;
  const Env = [...(base.Env ?? []), ...(own.Env ?? [])];
  return { ...base, ...own, Env, Labels: { ...base.Labels, ...labels, ...own.Labels } };
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { out: { type: "string" }, work: { type: "string" } },
  });
  const out = resolve(values.out ?? join(here, "../dist/images"));
  const work = resolve(values.work ?? join(here, "out"));
  const options = { out, work, tell: (line) => console.error(line) };
  for (const name of positionals.length > 0 ? positionals : ["busybox"]) {
    const built = await buildImage(name, options);
    console.log(`${name}: ${built.manifest} in ${built.folder}`);
  }
}
