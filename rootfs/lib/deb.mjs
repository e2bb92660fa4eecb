import { Buffer } from "node:buffer";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { Parser } from "tar";

const TYPE = { File: "file", OldFile: "file", Directory: "dir", SymbolicLink: "symlink", Link: "hardlink" };

/** A package's control paragraph: name, version, dependencies, description. */
export function readControl(file) {
  return execFileSync("dpkg-deb", ["--field", file], { encoding: "utf8" });
}

/**
 * The files of a package with the modes and owners it gives them. Nothing of it is run, nothing is unpacked to disk.
 *
 * @param {string} file the .deb
 * @param {(path: string) => boolean} wanted
 * @returns {Promise<{ path: string, entry: object }[]>} in the package's order
 */
export async function readPackage(file, wanted) {
  const found = [];
  const problems = [];
  const parser = new Parser({
    onwarn: (code, message) => problems.push(`${code}: ${message}`),
    onReadEntry: (item) => {
      const path = item.path.replace(/^\.\/?/, "").replace(/\/$/, "");
      const type = TYPE[item.type];
      if (type === undefined) problems.push(`${path}: a ${item.type} has no place in an image`);
      if (type === undefined || path === "" || !wanted(path)) return item.resume();
      const entry = { type, mode: item.mode & 0o7777, uid: item.uid, gid: item.gid };
      if (type === "symlink") entry.target = item.linkpath;
      if (type === "hardlink") entry.target = item.linkpath.replace(/^\.\//, "");
      found.push({ path, entry });
      const pieces = [];
      item.on("data", (piece) => pieces.push(piece));
      item.on("end", () => {
        if (type === "file") entry.content = Buffer.concat(pieces);
      });
    },
  });
  const child = spawn("dpkg-deb", ["--fsys-tarfile", file], { stdio: ["ignore", "pipe", "pipe"] });
  child.stderr.setEncoding("utf8").on("data", (text) => problems.push(text.trim()));
  const [[code]] = await Promise.all([
    once(child, "close"),
    once(parser, "end").catch((error) => problems.push(error.message)),
    child.stdout.pipe(parser),
  ]);
  if (code !== 0 || problems.length > 0)
    throw new Error(`${file}: not a package that can be read: ${problems.join("; ") || `exit code ${code}`}`);
  return found;
}
