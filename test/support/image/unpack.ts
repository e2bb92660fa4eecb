import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DEFAULT_LIMITS, type Unpacked, type UnpackLimits, unpackLayer } from "../../../src/image/unpack.ts";

export const UNPACKER = resolve("dist/tspod-unpack");

/** A folder of the test's own; tmpfs where there is one, so that attributes of all kinds work and tests are quick. */
export function workFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "tspod-unpack-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export function sha256(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Unpacks the bytes of a layer (`stored`: as they are compressed) to `folder/fs`. */
export async function unpack(
  folder: string,
  plain: Buffer,
  options: { stored?: Buffer; limits?: Partial<UnpackLimits>; diffId?: string } = {},
): Promise<Unpacked & { fs: string }> {
  const stored = options.stored ?? plain;
  const blob = join(folder, "blob");
  const fs = join(folder, "fs");
  writeFileSync(blob, stored);
  const unpacked = await unpackLayer({
    program: UNPACKER,
    blob,
    digest: sha256(stored),
    diffId: options.diffId ?? sha256(plain),
    into: fs,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  });
  return { ...unpacked, fs };
}
