import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

const LENGTHS: Record<string, number> = { sha256: 64, sha512: 128 };

/**
 * Whether it is a digest that tspod can verify: `sha256:` or `sha512:` and lower-case hexadecimal (OCI descriptor
 * spec).
 */
export function isDigest(text: string): boolean {
  const match = /^(sha256|sha512):([0-9a-f]+)$/.exec(text);
  return match !== null && match[2]!.length === LENGTHS[match[1]!];
}

/**
 * `sha256:ab…` → algorithm and hexadecimal part, which are also the blob's place in a layout. Throws on anything
 * else.
 */
export function splitDigest(digest: string): { algorithm: string; hex: string } {
  if (!isDigest(digest)) throw new TypeError(`not a digest: ${JSON.stringify(digest)}`);
  const [algorithm, hex] = digest.split(":") as [string, string];
  return { algorithm, hex };
}

/** The digest of bytes or text, by sha256 or by the algorithm of the digest that it is to be compared with. */
export function digestOf(content: string | Uint8Array, like?: string): string {
  const algorithm = like === undefined ? "sha256" : splitDigest(like).algorithm;
  return `${algorithm}:${createHash(algorithm).update(content).digest("hex")}`;
}

/** The digest of a file by the given digest's algorithm, read in 1 MiB pieces. */
export async function digestOfFile(path: string, like: string): Promise<string> {
  const { algorithm } = splitDigest(like);
  const hash = createHash(algorithm);
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece);
  return `${algorithm}:${hash.digest("hex")}`;
}

/**
 * Chain ids (OCI image spec, "Layer ChainID"): what identifies a layer on top of all those beneath it. Bottom
 * first.
 */
export function chainIds(diffIds: string[]): string[] {
  const chain: string[] = [];
  for (const diffId of diffIds)
    chain.push(chain.length === 0 ? diffId : digestOf(`${chain.at(-1)} ${diffId}`));
  return chain;
}

/** The first twelve digits, as tables show it. */
export function shortDigest(digest: string): string {
  return digest.replace(/^[a-z0-9]+:/, "").slice(0, 12);
}
