import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { addShadow, addUsers, idOf } from "./accounts.mjs";
import { fetchPackages } from "./apt.mjs";
import { openPackages, readFiles } from "./deb.mjs";
import { addFiles, matcher } from "./files.mjs";
import { folder, Layer } from "./layer.mjs";

/** Packages that only maintainer scripts use; no script is run here, so nothing needs them. */
const ONLY_FOR_SCRIPTS = [
  "adduser",
  "debconf",
  "dpkg",
  "init-system-helpers",
  "libpam-modules",
  "libpam-modules-bin",
  "libpam-runtime",
  "login",
  "lsb-base",
  "passwd",
  "perl",
  "perl-base",
  "sysvinit-utils",
  "ucf",
];

/** What a container has no reader for. The copyright files stay: the licences ask for it. */
const ONLY_FOR_READERS = matcher(
  ["doc-base", "info", "lintian", "linda", "locale", "man", "bug"].map((name) => `usr/share/${name}`),
);
const isDocument = (path) => /^usr\/share\/doc\/[^/]+\/(?!copyright$)/.test(path);

/**
 * The top layer of an image from the distribution's packages.
 *
 * @param {object} recipe see rootfs/README.md
 * @param {{ below: Layer | undefined, filesOf: string, work: string, tell: (line: string) => void }} options
 *   `filesOf`: folder of the recipe's own files
 * @returns {Promise<{ layer: Layer, versions: Map<string, string> }>}
 */
export async function packageLayer(recipe, { below, filesOf, work, tell }) {
  const layer = new Layer(below);
  for (const [path, target] of Object.entries(recipe.linksFirst ?? {})) link(layer, path, target);
  const versions = await addPackages(layer, recipe, { work, tell });
  for (const [path, source] of Object.entries(recipe.copies ?? {})) copy(layer, path, source);
  if (below === undefined && layer.get("etc/passwd") !== undefined) addShadow(layer);
  if (recipe.users !== undefined) addUsers(layer, recipe.users);
  for (const { path, mode = 0o755, owner = "root" } of recipe.folders ?? []) {
    const { uid, gid } = idOf(layer, owner);
    layer.add(path, folder(mode, uid, gid));
  }
  addFiles(layer, filesOf, recipe);
  for (const [path, target] of Object.entries(recipe.links ?? {})) link(layer, path, target);
  for (const [pattern, into] of Object.entries(recipe.linkAll ?? {})) linkAll(layer, pattern, into);
  return { layer, versions };
}

async function addPackages(layer, recipe, { work, tell }) {
  if ((recipe.packages ?? []).length === 0) return new Map();
  const unwanted = matcher(recipe.leaveOut ?? []);
  const wanted = (path) => !ONLY_FOR_READERS(path) && !isDocument(path) && !unwanted(path);
  const assumed = [...ONLY_FOR_SCRIPTS, ...(recipe.assumed ?? [])];
  const present = layer
    .paths()
    .filter((path) => path.startsWith(`${STATUS}/`))
    .map((path) => layer.get(path).content.toString());
  const chosen = fetchPackages(recipe.packages, { present, assumed, work, tell });
  const scratch = mkdtempSync(join(work, "opened-"));
  try {
    const files = chosen.map(({ file }) => file);
    for (const [i, { control, tar }] of openPackages(files, scratch).entries()) {
      for (const { path, entry } of await readFiles(tar, wanted)) layer.add(path, entry);
      const paragraph = { type: "file", mode: 0o644, uid: 0, gid: 0, content: Buffer.from(control) };
      layer.add(join(STATUS, chosen[i].name), paragraph);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return new Map(chosen.map(({ name, version }) => [name, version]));
}

/** Where images without a package manager say what they hold, for whoever looks for known holes. */
const STATUS = "var/lib/dpkg/status.d";

function copy(layer, path, source) {
  const entry = layer.get(source);
  if (entry?.type !== "file") throw new Error(`no file ${source} to copy to ${path}`);
  layer.add(path, entry);
}

function link(layer, path, target) {
  layer.add(path, { type: "symlink", mode: 0o777, uid: 0, gid: 0, target });
}

function linkAll(layer, pattern, into) {
  const matches = matcher([pattern]);
  const depth = pattern.split("/").length;
  const found = layer.paths().filter((path) => path.split("/").length === depth && matches(path));
  if (found.length === 0) throw new Error(`nothing matches ${pattern}`);
  for (const path of found) link(layer, `${into}/${path.split("/").at(-1)}`, `/${path}`);
}
