import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { zip } from "./zip-writer.mjs";

/**
 * Adds the files below `folder` at the same paths. Only their content and whether they are programs counts.
 *
 * @param {{ archives?: string[] }} options zip archives of the image, each from the files below its name and `.d`
 */
export function addFiles(layer, folder, { archives = [] } = {}) {
  const sources = archives.map((path) => ({ path, below: `${path}.d/` }));
  for (const { path, content, mode } of filesBelow(folder))
    if (!sources.some(({ below }) => path.startsWith(below)))
      layer.add(path, { type: "file", mode, uid: 0, gid: 0, content });
  for (const { path, below } of sources) {
    const content = zip(filesBelow(join(folder, below)));
    layer.add(path, { type: "file", mode: 0o644, uid: 0, gid: 0, content });
  }
}

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const paths = files.map((one) => join(one.parentPath ?? one.path, one.name)).sort();
  return paths.map((path) => ({
    path: relative(folder, path),
    mode: statSync(path).mode & 0o100 ? 0o755 : 0o644,
    content: readFileSync(path),
  }));
}

/** A pattern of paths: `*` is any part of one name. Matches what is beneath, too. */
export function matcher(patterns) {
  const alternatives = patterns.map((pattern) => pattern.split("*").map(escapeRegExp).join("[^/]*"));
  const whole = new RegExp(`^(?:${alternatives.join("|")})(?:/|$)`);
  return (path) => patterns.length > 0 && whole.test(path);
}

function escapeRegExp(text) {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
