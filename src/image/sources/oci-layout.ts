import { readFileSync } from "node:fs";
import { join } from "node:path";
import { copyBlobIn, readSmallBlob } from "../blobs.ts";
import type { Origin } from "../bring-in.ts";
import { splitDigest } from "../digest.ts";
import { imageError } from "../errors.ts";
import { type Descriptor, REF_NAME } from "../oci.ts";
import { parseLayoutIndex } from "../parse-json.ts";
import { choosePlatform } from "../platform.ts";
import type { StoreContext } from "../store.ts";

/** An OCI image layout in a folder; `ref` is needed only when it holds several images. */
export function ociLayout(context: StoreContext, folder: string, ref?: string): Origin {
  const file = (descriptor: Descriptor) => {
    const { algorithm, hex } = splitDigest(descriptor.digest);
    return join(folder, "blobs", algorithm, hex);
  };
  return {
    top: async () => {
      const { annotations: _, ...descriptor } = choose(folder, ref);
      return { descriptor, bytes: readSmallBlob(file(descriptor), descriptor) };
    },
    small: async (descriptor) => readSmallBlob(file(descriptor), descriptor),
    layer: (descriptor) => copyBlobIn(context.paths, file(descriptor), descriptor),
  };
}

function choose(folder: string, ref: string | undefined): Descriptor {
  const path = join(folder, "index.json");
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw imageError("badSource", `${folder} is not an OCI image layout: its index.json cannot be read`, {
      cause,
      path,
    });
  }
  const { manifests } = parseLayoutIndex(bytes, path);
  const names = manifests.flatMap(({ annotations }) => annotations?.[REF_NAME] ?? []);
  const found =
    ref === undefined ? manifests : manifests.filter(({ annotations }) => annotations?.[REF_NAME] === ref);
  if (found.length === 1) return found[0]!;
  if (ref !== undefined && found.length === 0)
    throw imageError(
      "badSource",
      `${folder} has no image named "${ref}"; it has ${names.join(", ") || "none with a name"}`,
      { path },
    );
  const platforms = new Set(found.map(({ platform }) => JSON.stringify(platform)));
  if (found.length > 1 && (ref !== undefined || names.length === 0) && platforms.size === found.length)
    return choosePlatform({ schemaVersion: 2, manifests: found }, folder);
  throw imageError(
    "ambiguous",
    `${folder} has ${found.length} images${names.length > 0 ? `: ${names.join(", ")}` : ""}`,
    {
      path,
      ...(names.length > 0 ? { hint: `name one: oci:${folder}:${names[0]}` } : {}),
    },
  );
}
