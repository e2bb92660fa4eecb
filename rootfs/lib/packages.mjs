import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Finds a file of a distribution package: the installed one if it is the package's, else from the package
 * itself, downloaded and opened below `work`. Nothing is installed and no root is needed.
 */
export function finder(work) {
  return async function find(packageName, path) {
    const installed = `/${path}`;
    if (existsSync(installed) && isStatic(installed)) return installed;
    return join(openPackage(work, packageName), path);
  };
}

function openPackage(work, packageName) {
  const folder = join(work, packageName);
  if (existsSync(folder)) return folder;
  mkdirSync(work, { recursive: true });
  execFileSync("apt-get", ["download", "-qq", packageName], {
    cwd: work,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const deb = readdirSync(work).find((name) => name.startsWith(`${packageName}_`) && name.endsWith(".deb"));
  if (deb === undefined) throw new Error(`apt-get download ${packageName} left no package in ${work}`);
  execFileSync("dpkg-deb", ["--extract", join(work, deb), folder]);
  return folder;
}

/** A dynamic busybox (the package `busybox`) lives at the same path and would not start in an empty image. */
function isStatic(path) {
  const elf = readFileSync(path);
  if (elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2) return false;
  const offset = Number(elf.readBigUInt64LE(32));
  const size = elf.readUInt16LE(54);
  const count = elf.readUInt16LE(56);
  const PT_INTERP = 3;
  for (let i = 0; i < count; i++) if (elf.readUInt32LE(offset + i * size) === PT_INTERP) return false;
  return true;
}
