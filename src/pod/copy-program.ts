import { closeSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TspodError } from "../errors/tspod-error.ts";
import { buildFileCandidates, loadAddon } from "../kernel/load-addon.ts";

/** The archiver is the embedded image's static busybox: an image without a tar, or without any program, can be copied from. */
const PROGRAM = "bin/busybox";

interface Index {
  manifests: { digest: string }[];
}
interface Manifest {
  layers: { digest: string }[];
}

/**
 * A sealed memfd with busybox for `execIn({program})`; the caller closes it. Sealed, because the container can reach it
 * through /proc/<pid>/exe (CVE-2019-5736). @throws TspodError TS3441 when the build has no embedded image.
 */
export async function copyProgram(): Promise<number> {
  const addon = loadAddon();
  const fd = addon.memfd("tspod-copy", await readProgram());
  try {
    addon.seal(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return fd;
}

async function readProgram(): Promise<Buffer> {
  const tried: string[] = [];
  for (const folder of buildFileCandidates(join("images", "busybox"))) {
    try {
      return await fromLayout(folder);
    } catch (error) {
      tried.push(`${folder}: ${(error as Error).message}`);
    }
  }
  throw new TspodError({
    code: "TS3441",
    message: `the embedded busybox could not be read; tried ${tried.join("; ")}`,
    hint: "build it with `make build`",
  });
}

async function fromLayout(folder: string): Promise<Buffer> {
  const blob = (digest: string) => readFileSync(join(folder, "blobs", ...digest.split(":")));
  const { manifests } = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as Index;
  const { layers } = JSON.parse(blob(manifests[0]?.digest ?? "").toString("utf8")) as Manifest;
  for (const { digest } of layers) {
    const found = await memberOf(blob(digest), PROGRAM);
    if (found) return found;
  }
  throw new Error(`there is no ${PROGRAM} in it`);
}

async function memberOf(archive: Buffer, member: string): Promise<Buffer | undefined> {
  const { Parser } = await import("tar");
  const parts: Buffer[] = [];
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      if (entry.path === member && entry.type === "File")
        entry.on("data", (part: Buffer) => parts.push(part));
      else entry.resume();
    },
  });
  await new Promise<void>((resolve, reject) => {
    parser.on("end", resolve);
    parser.on("error", reject);
    parser.end(archive);
  });
  return parts.length > 0 ? Buffer.concat(parts) : undefined;
}
