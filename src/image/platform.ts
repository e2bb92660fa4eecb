import { imageError } from "./errors.ts";
import { type Descriptor, type Index, isIndexType, isManifestType, type Platform } from "./oci.ts";

/** Node's names of architectures in Go's spelling, which is the one images use. */
const ARCHITECTURES: Record<string, string> = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };

/** Variants that a processor of the first runs, best first (containerd's platform rules). */
const VARIANTS: Record<string, (string | undefined)[]> = {
  amd64: [undefined, "v1"],
  arm64: ["v8", undefined],
  arm: ["v7", "v6", "v5", undefined],
};

/** What this machine runs. */
export function hostPlatform(): Platform {
  return { os: "linux", architecture: ARCHITECTURES[process.arch] ?? process.arch };
}

/**
 * The entry of an index for a platform. An entry without platform counts only when it is alone. Throws TS6014 with the
 * platforms that there are.
 */
export function choosePlatform(index: Index, what: string, platform: Platform = hostPlatform()): Descriptor {
  const entries = index.manifests.filter(
    ({ mediaType }) => isManifestType(mediaType) || isIndexType(mediaType),
  );
  const [only] = entries;
  if (only !== undefined && entries.length === 1 && only.platform === undefined) return only;
  const variants =
    platform.variant === undefined ? (VARIANTS[platform.architecture] ?? [undefined]) : [platform.variant];
  for (const variant of variants) {
    const found = entries.find((entry) => matches(entry, platform, variant));
    if (found !== undefined) return found;
  }
  const offered = entries.flatMap((entry) =>
    entry.platform === undefined ? [] : [platformName(entry.platform)],
  );
  throw imageError(
    "noPlatform",
    `${what} has no image for ${platformName(platform)}; it has ${offered.filter((name) => !name.startsWith("unknown/")).join(", ") || "none"}`,
  );
}

export function platformName({ os, architecture, variant }: Platform): string {
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

function matches(entry: Descriptor, platform: Platform, variant: string | undefined): boolean {
  const own = entry.platform;
  return own?.os === platform.os && own.architecture === platform.architecture && own.variant === variant;
}
