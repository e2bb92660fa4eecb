import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { Parser } from "tar";

const TYPE = { File: "file", OldFile: "file", Directory: "dir", SymbolicLink: "symlink", Link: "hardlink" };

/**
 * Takes packages apart: for each its control paragraph (name, version, dependencies, description) and the tar archive
 * of its files. Nothing of them is run.
 *
 * @param {string[]} files the .debs
 * @param {string} folder where the parts go
 * @returns {{ control: string, tar: string }[]} `tar` is a path
 */
export function openPackages(files, folder) {
  const parts = files.map((file, i) => ({ file, part: join(folder, String(i)) }));
  // One process that starts the others: each start from here would cost a copy of this one's page tables.
  const script = 'dpkg-deb --field "$1" >"$2.control"; dpkg-deb --fsys-tarfile "$1" >"$2.tar"';
  const result = spawnSync("xargs", ["-0", "-n2", "-P2", "sh", "-euc", script, "sh"], {
    input: parts.map(({ file, part }) => `${file}\0${part}\0`).join(""),
    encoding: "utf8",
  });
  if (result.status !== 0) throw new Error(`not packages that can be read: ${result.stderr ?? result.error}`);
  return parts.map(({ part }) => ({ control: readFileSync(`${part}.control`, "utf8"), tar: `${part}.tar` }));
}

/**
 * The files of a package with the modes and owners it gives them.
 *
 * @param {string} tar see openPackages
 * @param {(path: string) => boolean} wanted
 * @returns {Promise<{ path: string, entry: object }[]>} in the package's order
 */
export async function readFiles(tar, wanted) {
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
  createReadStream(tar)
    .on("error", (error) => parser.emit("error", error))
    .pipe(parser);
  await once(parser, "end");
  if (problems.length > 0) throw new Error(`${tar}: not an archive that can be read: ${problems.join("; ")}`);
  return found;
}
