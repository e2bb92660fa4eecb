import { closeSync, openSync, readSync } from "node:fs";

/** How a file is compressed, by its first bytes, as the suffix of a layer's media type: "", "+gzip", "+zstd". */
export function compressionSuffix(file: string): "" | "+gzip" | "+zstd" {
  const magic = Buffer.alloc(4);
  const fd = openSync(file, "r");
  try {
    readSync(fd, magic, 0, 4, 0);
  } finally {
    closeSync(fd);
  }
  if (magic[0] === 0x1f && magic[1] === 0x8b) return "+gzip";
  return magic.readUInt32BE(0) === 0x28b52ffd ? "+zstd" : "";
}
