import { TspodError } from "../errors/tspod-error.ts";
import {
  defaultPullPolicy,
  type Image,
  type ImageProgress,
  type PullPolicy,
  readInLayers,
} from "../image/index.ts";
import type { DockerConfig } from "../image/registry/credentials.ts";
import type { Container, Volume } from "../manifest/index.ts";
import type { PlannedImage } from "../plan/image-config.ts";
import type { Host } from "../runtime/host.ts";
import type { Locate } from "./locate.ts";

export interface EnsuredImage {
  planned: PlannedImage;
  /** The last thing said of it: the text of the event Pulled. */
  event: string;
  warnings: string[];
}

/** /etc/passwd and /etc/group beyond this many bytes are no such files. */
const DATABASE_LIMIT = 1 << 20;

interface Pulling {
  onImage?: ((progress: ImageProgress) => void) | undefined;
  /** Of the pod's imagePullSecrets, in their order. */
  pullSecrets?: DockerConfig[];
}

/** Makes every image ready, each once, by the pull policy of its container; by container name. */
export async function ensureImages(
  host: Host,
  containers: readonly Container[],
  {
    place,
    ...pulling
  }: Pulling & {
    /** Adds to an error where the manifest names the image. */
    place?: (error: unknown, container: string) => unknown;
  } = {},
): Promise<Map<string, EnsuredImage>> {
  const result = new Map<string, EnsuredImage>();
  const done = new Map<string, EnsuredImage>();
  for (const container of containers) {
    const ref = container.image ?? "";
    const policy = (container.imagePullPolicy as PullPolicy | undefined) ?? defaultPullPolicy(ref);
    const key = `${policy} ${ref}`;
    const ensured =
      done.get(key) ??
      (await ensure(host, ref, policy, pulling).catch((error: unknown) => {
        throw place?.(error, container.name) ?? error;
      }));
    done.set(key, ensured);
    result.set(container.name, ensured);
  }
  return result;
}

/** The images that volumes show, by reference; an error names the volume's place. */
export async function ensureVolumeImages(
  host: Host,
  volumes: readonly Volume[],
  { locate, ...pulling }: Pulling & { locate: Locate },
): Promise<Map<string, EnsuredImage>> {
  const result = new Map<string, EnsuredImage>();
  for (const [index, { image }] of volumes.entries()) {
    const reference = image?.reference;
    if (reference === undefined || result.has(reference)) continue;
    const policy = (image?.pullPolicy as PullPolicy | undefined) ?? defaultPullPolicy(reference);
    const ensured = await ensure(host, reference, policy, pulling).catch((error: unknown) => {
      if (error instanceof TspodError && !error.position)
        Object.assign(error, { position: locate(`spec.volumes[${index}].image.reference`) });
      throw error;
    });
    result.set(reference, ensured);
  }
  return result;
}

async function ensure(
  host: Host,
  ref: string,
  pullPolicy: PullPolicy,
  { onImage, pullSecrets = [] }: Pulling,
): Promise<EnsuredImage> {
  let event = `Container image ${JSON.stringify(ref)} already present on machine`;
  const warnings: string[] = [];
  const image = await host.images.ensure(ref, {
    pullPolicy,
    pullSecrets,
    onProgress: (progress) => {
      onImage?.(progress);
      if (progress.kind === "pulled" || progress.kind === "present") event = progress.message;
      if (progress.kind === "warning") warnings.push(progress.message);
    },
  });
  return { planned: plannedImage(ref, image), event, warnings };
}

function plannedImage(ref: string, image: Image): PlannedImage {
  const read = (path: string) => readInLayers(image.layers, path, DATABASE_LIMIT)?.toString("utf8") ?? "";
  return {
    ref,
    id: image.id,
    layers: image.layers,
    config: image.config,
    passwd: read("/etc/passwd"),
    group: read("/etc/group"),
  };
}
