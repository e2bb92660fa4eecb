import { readFileSync, statSync } from "node:fs";
import { copyBlobIn } from "../blobs.ts";
import type { Origin } from "../bring-in.ts";
import { digestOf, digestOfFile } from "../digest.ts";
import { imageError } from "../errors.ts";
import { compressionSuffix } from "../magic.ts";
import { type Descriptor, MediaType } from "../oci.ts";
import { array, MAX_JSON } from "../parse-json.ts";
import { familiarReference, parseReference } from "../reference.ts";
import type { StoreContext } from "../store.ts";
import type { OpenArchive } from "./open-archive.ts";

interface SavedImage {
  Config: string;
  RepoTags: string[];
  Layers: string[];
}

/** What `docker save` and `podman save` write: manifest.json names the config and the layers of each image. */
export function dockerArchive(
  context: StoreContext,
  archive: OpenArchive,
  path: string,
  ref?: string,
): Origin & { tags: string[] } {
  const image = choose(readManifest(archive, path), path, ref);
  const files = new Map<string, string>();
  const describe = async (member: string, mediaType: string): Promise<Descriptor> => {
    const file = archive.file(member);
    if (file === undefined)
      throw imageError("badSource", `${path} names "${member}", which it does not hold`, { path });
    const digest = await digestOfFile(file, `sha256:${"0".repeat(64)}`);
    files.set(digest, file);
    return { mediaType, digest, size: statSync(file).size };
  };
  return {
    tags: image.RepoTags,
    top: async () => {
      const config = await describe(image.Config, MediaType.ociConfig);
      const layers: Descriptor[] = [];
      for (const member of image.Layers) {
        const layer = await describe(member, MediaType.ociLayer);
        const mediaType = `${MediaType.ociLayer}${compressionSuffix(files.get(layer.digest)!)}`;
        layers.push({ ...layer, mediaType });
      }
      const bytes = Buffer.from(
        JSON.stringify({ schemaVersion: 2, mediaType: MediaType.ociManifest, config, layers }),
      );
      return {
        descriptor: { mediaType: MediaType.ociManifest, digest: digestOf(bytes), size: bytes.length },
        bytes,
      };
    },
    small: async ({ digest }) => readFileSync(files.get(digest)!),
    layer: (descriptor) => copyBlobIn(context.paths, files.get(descriptor.digest)!, descriptor),
  };
}

function readManifest(archive: OpenArchive, path: string): SavedImage[] {
  const file = archive.file("manifest.json");
  if (file === undefined || statSync(file).size > MAX_JSON)
    throw imageError("badSource", `${path} is not what \`docker save\` writes: it has no manifest.json`, {
      path,
    });
  try {
    return array(JSON.parse(readFileSync(file, "utf8")), "manifest.json").map((item) => saved(item));
  } catch (cause) {
    throw imageError("badSource", `${path}: its manifest.json cannot be read`, { cause, path });
  }
}

function saved(item: unknown): SavedImage {
  const { Config, RepoTags, Layers } = item as Record<string, unknown>;
  const texts = (list: unknown) => array(list ?? [], "list").map(String);
  if (typeof Config !== "string") throw new TypeError("Config is missing");
  return { Config, RepoTags: texts(RepoTags), Layers: texts(Layers) };
}

function choose(images: SavedImage[], path: string, ref: string | undefined): SavedImage {
  const wanted = ref === undefined ? undefined : familiarReference(parseReference(ref));
  const found = images.filter(
    ({ RepoTags }) =>
      wanted === undefined || RepoTags.some((tag) => familiarReference(parseReference(tag)) === wanted),
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const tags = images.flatMap(({ RepoTags }) => RepoTags);
  throw imageError(
    found.length === 0 ? "badSource" : "ambiguous",
    `${path} has ${images.length} images: ${tags.join(", ") || "none with a name"}`,
    {
      path,
      ...(tags.length > 0 ? { hint: `name one: docker-archive:${path}:${tags[0]}` } : {}),
    },
  );
}
