/** What image layouts and registries hold, as the OCI image spec and Docker's schema 2 name it. */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  annotations?: Record<string, string>;
  platform?: Platform;
}

export interface Platform {
  architecture: string;
  os: string;
  variant?: string;
}

export interface Index {
  schemaVersion: 2;
  mediaType?: string;
  manifests: Descriptor[];
}

export interface Manifest {
  schemaVersion: 2;
  mediaType?: string;
  config: Descriptor;
  layers: Descriptor[];
}

/** The part of an image's config that a container takes from it (OCI image spec, "Image Configuration"). */
export interface ContainerConfig {
  Entrypoint?: string[];
  Cmd?: string[];
  Env?: string[];
  User?: string;
  WorkingDir?: string;
  ExposedPorts?: string[];
  StopSignal?: string;
  Volumes?: string[];
  Labels?: Record<string, string>;
}

export interface HistoryEntry {
  created?: string;
  created_by?: string;
  comment?: string;
  empty_layer?: boolean;
}

export interface ImageConfig {
  architecture: string;
  os: string;
  variant?: string;
  created?: string;
  author?: string;
  config: ContainerConfig;
  diffIds: string[];
  history: HistoryEntry[];
}

export const MediaType = {
  ociIndex: "application/vnd.oci.image.index.v1+json",
  ociManifest: "application/vnd.oci.image.manifest.v1+json",
  ociConfig: "application/vnd.oci.image.config.v1+json",
  ociLayer: "application/vnd.oci.image.layer.v1.tar",
  dockerIndex: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerConfig: "application/vnd.docker.container.image.v1+json",
  dockerLayer: "application/vnd.docker.image.rootfs.diff.tar",
} as const;

export const REF_NAME = "org.opencontainers.image.ref.name";

const INDEXES: string[] = [MediaType.ociIndex, MediaType.dockerIndex];
const MANIFESTS: string[] = [MediaType.ociManifest, MediaType.dockerManifest];

export type Compression = "none" | "gzip" | "zstd";

const LAYERS: Record<string, Compression> = {
  [MediaType.ociLayer]: "none",
  [`${MediaType.ociLayer}+gzip`]: "gzip",
  [`${MediaType.ociLayer}+zstd`]: "zstd",
  "application/vnd.oci.image.layer.nondistributable.v1.tar": "none",
  "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip": "gzip",
  "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd": "zstd",
  [MediaType.dockerLayer]: "none",
  [`${MediaType.dockerLayer}.gzip`]: "gzip",
  [`${MediaType.dockerLayer}.zstd`]: "zstd",
  "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip": "gzip",
};

export function isIndexType(mediaType: string): boolean {
  return INDEXES.includes(mediaType);
}

export function isManifestType(mediaType: string): boolean {
  return MANIFESTS.includes(mediaType);
}

/** How a layer of this media type is compressed; undefined if it is no layer that a root filesystem is made of. */
export function layerCompression(mediaType: string): Compression | undefined {
  return Object.hasOwn(LAYERS, mediaType) ? LAYERS[mediaType] : undefined;
}
