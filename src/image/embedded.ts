import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { copyBlobIn } from "./blobs.ts";
import { splitDigest } from "./digest.ts";
import { imageError } from "./errors.ts";
import { type Descriptor, isManifestType } from "./oci.ts";
import { parseLayoutIndex, parseManifest } from "./parse-json.ts";
import type { StorePaths } from "./paths.ts";
import type { Reference } from "./reference.ts";

/**
 * The layout of the image that comes with tspod under this name, if there is one: `busybox` is
 * `docker.io/library/busybox:latest` and `localhost/busybox:latest`.
 */
export function embeddedLayout(embeddedDir: string, reference: Reference): string | undefined {
  if (reference.digest !== undefined || reference.tag !== "latest") return undefined;
  const isOurs = reference.registry === "docker.io" || reference.registry === "localhost";
  const name = reference.repository.replace(/^library\//, "");
  if (!isOurs || name.includes("/")) return undefined;
  const layout = join(embeddedDir, name);
  return existsSync(join(layout, "index.json")) ? layout : undefined;
}

/** The descriptor of the layout's only image. */
export function embeddedManifest(layout: string): Descriptor {
  const file = join(layout, "index.json");
  const [descriptor] = parseLayoutIndex(readFileSync(file), file).manifests;
  if (descriptor === undefined || !isManifestType(descriptor.mediaType))
    throw imageError("badSource", `the embedded image ${basename(layout)} is empty`, {
      path: file,
      hint: "run `make build`",
    });
  const { annotations: _, ...bare } = descriptor;
  return bare;
}

/** Copies the embedded image's blobs into the store. */
export async function importEmbedded(
  paths: StorePaths,
  layout: string,
  descriptor: Descriptor,
): Promise<void> {
  const file = blobOf(layout, descriptor);
  const manifest = parseManifest(readFileSync(file), descriptor.mediaType, file);
  if (!("layers" in manifest))
    throw imageError("badSource", `the embedded image ${basename(layout)} is an index`);
  for (const blob of [...manifest.layers, manifest.config, descriptor])
    await copyBlobIn(paths, blobOf(layout, blob), blob);
}

function blobOf(layout: string, { digest }: Descriptor): string {
  const { algorithm, hex } = splitDigest(digest);
  return join(layout, "blobs", algorithm, hex);
}
