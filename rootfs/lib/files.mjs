import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

/** Adds the files below `folder` at the same paths. Only their content and whether they are programs counts. */
export function addFiles(layer, folder) {
  if (!existsSync(folder)) return;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const paths = files.map((one) => join(one.parentPath ?? one.path, one.name)).sort();
  for (const path of paths)
    layer.add(relative(folder, path), {
      type: "file",
      mode: statSync(path).mode & 0o100 ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      content: readFileSync(path),
    });
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
