import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

export interface MadeImage {
  layers: Buffer[];
  config?: object;
  compress?: boolean;
  name?: string;
  /** Changes what is written, to break it. */
  changeManifest?: (manifest: Record<string, unknown>) => unknown;
  changeConfig?: (config: Record<string, unknown>) => unknown;
  platform?: { os: string; architecture: string; variant?: string };
}

const sha256 = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** Writes an OCI layout from layers' bytes; returns the digests of the manifest and of the layers as stored. */
export function makeLayout(folder: string, ...images: MadeImage[]): { manifest: string; layers: string[] }[] {
  mkdirSync(join(folder, "blobs/sha256"), { recursive: true });
  const put = (bytes: Buffer) => {
    writeFileSync(join(folder, "blobs/sha256", sha256(bytes).slice(7)), bytes);
    return { digest: sha256(bytes), size: bytes.length };
  };
  const entries: object[] = [];
  const made = images.map((image) => {
    const stored = image.layers.map((layer) => (image.compress ? gzipSync(layer) : layer));
    const layers = stored.map((layer) => ({
      mediaType: `application/vnd.oci.image.layer.v1.tar${image.compress ? "+gzip" : ""}`,
      ...put(layer),
    }));
    const platform = image.platform ?? {
      os: "linux",
      architecture: process.arch === "x64" ? "amd64" : process.arch,
    };
    const config = {
      ...platform,
      config: image.config ?? {},
      rootfs: { type: "layers", diff_ids: image.layers.map(sha256) },
    };
    const configBytes = Buffer.from(JSON.stringify(image.changeConfig?.(config) ?? config));
    const manifest = {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.oci.image.config.v1+json", ...put(configBytes) },
      layers,
    };
    const bytes = Buffer.from(JSON.stringify(image.changeManifest?.(manifest) ?? manifest));
    const descriptor = put(bytes);
    entries.push({
      mediaType: manifest.mediaType,
      ...descriptor,
      ...(images.length > 1 && !image.name ? { platform } : {}),
      ...(image.name ? { annotations: { "org.opencontainers.image.ref.name": image.name } } : {}),
    });
    return { manifest: descriptor.digest, layers: layers.map(({ digest }) => digest) };
  });
  writeFileSync(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: entries }));
  writeFileSync(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  return made;
}
