import { resolve } from "node:path";

/** A place on this machine that an image can be taken from, by the prefixes that skopeo and podman use. */
export type LocalSource =
  | { kind: "oci"; path: string; ref?: string }
  | { kind: "oci-archive"; path: string; ref?: string }
  | { kind: "docker-archive"; path: string; ref?: string }
  | { kind: "tarball"; path: string }
  | { kind: "rootfs"; path: string };

const PREFIX = /^(oci|oci-archive|docker-archive|tarball|rootfs):(.+)$/;

/**
 * Reads `oci:DIR[:REF]`, `oci-archive:FILE[:REF]`, `docker-archive:FILE[:REF]`, `tarball:FILE`, `rootfs:DIR`; paths
 * become absolute. undefined: it is no local source but an image's name.
 */
export function parseSource(text: string): LocalSource | undefined {
  const match = PREFIX.exec(text);
  if (match === null) return undefined;
  const kind = match[1] as LocalSource["kind"];
  const rest = match[2]!;
  if (kind === "rootfs" || kind === "tarball") return { kind, path: resolve(rest) };
  const colon = rest.indexOf(":", 1);
  if (colon === -1) return { kind, path: resolve(rest) };
  return { kind, path: resolve(rest.slice(0, colon)), ref: rest.slice(colon + 1) };
}

export function sourceName(source: LocalSource): string {
  const ref = "ref" in source && source.ref !== undefined ? `:${source.ref}` : "";
  return `${source.kind}:${source.path}${ref}`;
}
