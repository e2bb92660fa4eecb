import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The embedded busybox image unpacked into a folder, for those who do not use tspod's store. */
export function lowerOf(checkout: string): { lower: string; dispose(): void } {
  const layout = join(checkout, "dist/images/busybox");
  const blob = (digest: string) => join(layout, "blobs", digest.replace(":", "/"));
  const read = (file: string) => JSON.parse(readFileSync(file, "utf8"));
  const index = read(join(layout, "index.json"));
  const manifest = read(blob(index.manifests[0].digest));
  const lower = mkdtempSync(join(tmpdir(), "tspod-lower-"));
  for (const layer of manifest.layers) execFileSync("tar", ["-C", lower, "-xf", blob(layer.digest)]);
  for (const folder of ["proc", "sys", "dev", "etc"]) mkdirSync(join(lower, folder), { recursive: true });
  return { lower, dispose: () => rmSync(lower, { recursive: true, force: true }) };
}
