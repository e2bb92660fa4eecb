import { statSync } from "node:fs";
import { copyBlobIn } from "../blobs.ts";
import type { Origin } from "../bring-in.ts";
import { digestOf, digestOfFile } from "../digest.ts";
import { compressionSuffix } from "../magic.ts";
import { type ContainerConfig, type Descriptor, MediaType } from "../oci.ts";
import { hostPlatform } from "../platform.ts";
import type { StoreContext } from "../store.ts";
import { plainDigest } from "../unpack.ts";

/**
 * A tar archive of a root filesystem, compressed or not, as an image of one layer. The same file gives the same
 * image.
 */
export async function tarball(
  context: StoreContext,
  file: string,
  config: ContainerConfig = {},
  comment = "imported from a tarball",
): Promise<Origin> {
  const layer: Descriptor = {
    mediaType: `${MediaType.ociLayer}${compressionSuffix(file)}`,
    digest: await digestOfFile(file, `sha256:${"0".repeat(64)}`),
    size: statSync(file).size,
  };
  const diffId = await plainDigest(context.unpacker, file);
  const configBytes = Buffer.from(
    JSON.stringify({
      ...hostPlatform(),
      config: toJson(config),
      rootfs: { type: "layers", diff_ids: [diffId] },
      history: [{ created_by: comment }],
    }),
  );
  const configDescriptor = {
    mediaType: MediaType.ociConfig,
    digest: digestOf(configBytes),
    size: configBytes.length,
  };
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MediaType.ociManifest,
      config: configDescriptor,
      layers: [layer],
    }),
  );
  return {
    top: async () => ({
      descriptor: { mediaType: MediaType.ociManifest, digest: digestOf(bytes), size: bytes.length },
      bytes,
    }),
    small: async () => configBytes,
    layer: (descriptor) => copyBlobIn(context.paths, file, descriptor),
  };
}

/** Sets are objects with empty values in an image's config. */
function toJson(config: ContainerConfig): object {
  const set = (names: string[] | undefined) => names && Object.fromEntries(names.map((name) => [name, {}]));
  return { ...config, ExposedPorts: set(config.ExposedPorts), Volumes: set(config.Volumes) };
}
