import { hasCode } from "../../errors/errno.ts";
import type { Origin } from "../bring-in.ts";
import { digestOf } from "../digest.ts";
import { imageError } from "../errors.ts";
import { type Descriptor, isIndexType, isManifestType, MediaType } from "../oci.ts";
import { MAX_JSON, parseJsonObject } from "../parse-json.ts";
import type { Reference } from "../reference.ts";
import type { StoreContext } from "../store.ts";
import { downloadBlob } from "./download.ts";
import { readBody } from "./http.ts";
import { failedResponse } from "./responses.ts";
import { type RetryOptions, retrying } from "./retry.ts";
import type { Session } from "./session.ts";

const ACCEPT = [
  MediaType.ociIndex,
  MediaType.ociManifest,
  MediaType.dockerIndex,
  MediaType.dockerManifest,
].join(", ");

/** One repository of a registry as the place an image comes from. */
export function registryOrigin(
  context: StoreContext,
  session: Session,
  reference: Reference,
  retry: RetryOptions,
): Origin {
  return {
    // Offline, whoever has the image need not wait long to hear it.
    top: () =>
      retrying({ ...retry, attempts: Math.min(retry.attempts, 3) }, () =>
        fetchManifest(session, reference.digest ?? reference.tag ?? "latest"),
      ),
    small: (descriptor) => retrying(retry, () => fetchSmall(session, descriptor)),
    layer: (descriptor, onProgress) => downloadBlob(context, session, descriptor, retry, onProgress),
  };
}

async function fetchManifest(
  session: Session,
  name: string,
): Promise<{ descriptor: Descriptor; bytes: Buffer }> {
  const response = await session.get(`manifests/${name}`, { accept: ACCEPT });
  if (response.statusCode !== 200) throw await failedResponse(response, `manifest ${name}`, session.host);
  const bytes = await readLimited(response, name);
  const isDigest = name.includes(":");
  const digest = digestOf(bytes, isDigest ? name : undefined);
  const said = response.headers["docker-content-digest"];
  const wanted = isDigest ? name : typeof said === "string" && said.startsWith("sha256:") ? said : digest;
  if (digest !== wanted)
    throw imageError(
      "brokenBlob",
      `${session.host}: manifest ${name} does not match its digest: wanted ${wanted}, the content is ${digest}`,
    );
  return {
    descriptor: {
      mediaType: mediaTypeOf(response.headers["content-type"], bytes, name),
      digest,
      size: bytes.length,
    },
    bytes,
  };
}

/** Some registries say only `application/json`; then the document speaks for itself. */
function mediaTypeOf(header: string | undefined, bytes: Buffer, name: string): string {
  const said = (header ?? "").split(";")[0]!.trim();
  if (isIndexType(said) || isManifestType(said)) return said;
  const { mediaType } = parseJsonObject(bytes, `manifest ${name}`);
  if (typeof mediaType === "string") return mediaType;
  throw imageError(
    "brokenManifest",
    `manifest ${name} is of type ${said || "unknown"}, which is not an image`,
  );
}

async function fetchSmall(session: Session, descriptor: Descriptor): Promise<Buffer> {
  const { mediaType, digest, size } = descriptor;
  const isManifest = isIndexType(mediaType) || isManifestType(mediaType);
  const response = await session.get(
    `${isManifest ? "manifests" : "blobs"}/${digest}`,
    isManifest ? { accept: mediaType } : {},
  );
  if (response.statusCode !== 200)
    throw await failedResponse(response, `${mediaType} ${digest}`, session.host);
  const bytes = await readLimited(response, digest);
  if (bytes.length !== size || digestOf(bytes, digest) !== digest)
    throw imageError(
      "brokenBlob",
      `${session.host}: blob ${digest} (${bytes.length} bytes) is not what its descriptor says (${size} bytes)`,
    );
  return bytes;
}

async function readLimited(response: Parameters<typeof readBody>[0], name: string): Promise<Buffer> {
  try {
    return await readBody(response, MAX_JSON);
  } catch (error) {
    if (!hasCode(error, "ERR_TOO_LONG")) throw error;
    throw imageError("brokenManifest", `manifest ${name} is longer than ${MAX_JSON} bytes`);
  }
}
