import { isDigest } from "./digest.ts";
import { imageError } from "./errors.ts";
import {
  type Descriptor,
  type Index,
  isIndexType,
  isManifestType,
  layerCompression,
  type Manifest,
  type Platform,
} from "./oci.ts";

/** No manifest or config is larger than what registries accept. */
export const MAX_JSON = 4 << 20;
const MAX_LAYERS = 500;

type Json = Record<string, unknown>;

/** The document as an object, or TS6012 that names the digest it came under. */
export function parseJsonObject(bytes: Uint8Array, what: string): Json {
  if (bytes.length > MAX_JSON) throw imageError("brokenManifest", `${what} is larger than ${MAX_JSON} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw imageError("brokenManifest", `${what} is not JSON`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw imageError("brokenManifest", `${what} is not a JSON object`);
  return value as Json;
}

/**
 * A manifest or an index, told apart by media type alone. A document that could be read as both is refused: two
 * clients would run different images under one digest (CVE-2021-41190).
 */
export function parseManifest(bytes: Uint8Array, mediaType: string, what: string): Manifest | Index {
  const json = parseJsonObject(bytes, what);
  if (json.schemaVersion !== 2)
    throw imageError(
      "brokenManifest",
      `${what} has schemaVersion ${JSON.stringify(json.schemaVersion)}; only 2 can be read`,
    );
  if (json.mediaType !== undefined && json.mediaType !== mediaType)
    throw imageError(
      "brokenManifest",
      `${what} calls itself ${JSON.stringify(json.mediaType)} but was given as ${mediaType}`,
    );
  if ("manifests" in json && ("layers" in json || "config" in json))
    throw imageError("brokenManifest", `${what} is ambiguous: it has both manifests and layers`);
  if (isIndexType(mediaType)) {
    const manifests = array(json.manifests, `${what}: manifests`).map((item, i) =>
      descriptor(item, `${what}: manifests[${i}]`),
    );
    return { schemaVersion: 2, mediaType, manifests };
  }
  if (!isManifestType(mediaType))
    throw imageError("brokenManifest", `${what} is of type ${mediaType}, which is not an image`);
  return {
    schemaVersion: 2,
    mediaType,
    config: descriptor(json.config, `${what}: config`),
    layers: layers(json.layers, what),
  };
}

/** The index.json of an image layout. */
export function parseLayoutIndex(bytes: Uint8Array, what: string): Index {
  const json = parseJsonObject(bytes, what);
  const manifests = array(json.manifests, `${what}: manifests`).map((item, i) =>
    descriptor(item, `${what}: manifests[${i}]`),
  );
  return { schemaVersion: 2, manifests };
}

function layers(value: unknown, what: string): Descriptor[] {
  const list = array(value, `${what}: layers`).map((item, i) => descriptor(item, `${what}: layers[${i}]`));
  if (list.length > MAX_LAYERS)
    throw imageError(
      "brokenManifest",
      `${what} has ${list.length} layers: overlay stacks at most ${MAX_LAYERS}`,
    );
  for (const layer of list)
    if (layerCompression(layer.mediaType) === undefined)
      throw imageError(
        "brokenManifest",
        `${what}: layer ${layer.digest} is of type ${layer.mediaType}, which cannot be unpacked`,
      );
  return list;
}

function descriptor(value: unknown, where: string): Descriptor {
  const json = (typeof value === "object" && value !== null ? value : {}) as Json;
  const { mediaType, digest, size } = json;
  if (typeof mediaType !== "string") throw imageError("brokenManifest", `${where}.mediaType is missing`);
  if (typeof digest !== "string" || !isDigest(digest))
    throw imageError("brokenManifest", `${where}.digest is not a digest: ${JSON.stringify(digest)}`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
    throw imageError("brokenManifest", `${where}.size is not a size: ${JSON.stringify(size)}`);
  const annotations = strings(json.annotations);
  const platform = platformOf(json.platform);
  return { mediaType, digest, size, ...(annotations && { annotations }), ...(platform && { platform }) };
}

function platformOf(value: unknown): Platform | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { architecture, os, variant } = value as Json;
  if (typeof architecture !== "string" || typeof os !== "string") return undefined;
  return { architecture, os, ...(typeof variant === "string" && variant !== "" ? { variant } : {}) };
}

/** The pairs of an object whose values are text; what else is there is dropped. */
export function strings(value: unknown): Record<string, string> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
  );
}

export function array(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw imageError("brokenManifest", `${where} is not a list`);
  return value;
}
