import { TspodError } from "../errors/tspod-error.ts";
import type { ImageProgress } from "../image/index.ts";
import { type PodPlanInput, planContainerOf, planSandboxOf } from "../plan/pod.ts";
import type { Host } from "../runtime/host.ts";
import type { PodPaths } from "../state/paths.ts";
import type { PodRecord } from "../state/record.ts";
import { checkHost, checkInLine } from "./host-checks.ts";
import { type EnsuredImage, ensureImages, ensureVolumeImages } from "./images.ts";
import type { Locate } from "./locate.ts";
import { placeError, placeVolume } from "./located.ts";
import { podPlanInput, previewAddress } from "./plan-input.ts";
import { type PreparedContainer, withImage } from "./prepare-container.ts";
import { pullSecretsOf } from "./pull-secrets.ts";

export interface Prepared {
  /** Everything the plans need; chooses the pod's address, so it is called under the network's lock. */
  plan(): PodPlanInput;
  container(name: string): PreparedContainer;
  warnings: string[];
}

/**
 * All that can be found wrong before anything is created: images, ports, host paths, users, commands, references.
 * Reads the host, changes nothing but the image store.
 */
export async function prepare(
  host: Host,
  request: {
    record: PodRecord;
    paths: PodPaths;
    locate: Locate;
    onImage?: (progress: ImageProgress) => void;
    /** The containers' images are had when each is started, as a kubelet does; an error of one is that container's. */
    imagesLater?: boolean;
  },
): Promise<Prepared> {
  const { record } = request;
  const spec = record.pod.spec ?? { containers: [] };
  const all = [...(spec.initContainers ?? []), ...spec.containers];
  checkHost(host, record, request.locate);
  const { pod } = record;
  const place = (error: unknown, container: string, field?: string) =>
    placeError(error, { pod, locate: request.locate, container, ...(field ? { field } : {}) });
  const pullSecrets = pullSecretsOf(pod, record.secrets);
  const pulling = { onImage: request.onImage, pullSecrets: pullSecrets.configs };
  const now = request.imagesLater ? [] : all;
  const images = await ensureImages(host, now, {
    ...pulling,
    place: (error, container) => place(error, container, "image"),
  });
  const shown = await ensureVolumeImages(host, spec.volumes ?? [], { ...pulling, locate: request.locate });
  record.volumeImages = [...shown.values()].map(({ planned }) => planned.id);
  const imageLayers = new Map([...shown].map(([reference, { planned }]) => [reference, planned.layers]));
  const containers = new Map<string, PreparedContainer>();
  const found = [...pullSecrets.warnings];
  for (const container of now) {
    const one = withImage(host, record, container, images.get(container.name) as EnsuredImage);
    found.push(...one.warnings);
    containers.set(container.name, one);
  }
  const prepared = (name: string): PreparedContainer => {
    const found = containers.get(name);
    if (!found) throw new TspodError({ code: "TS5011", message: `container ${name} was not prepared` });
    return found;
  };
  const warnings = rehearse(host, { ...request, imageLayers }, spec, containers);
  return {
    plan: () => {
      checkInLine(host, record, request.locate);
      return { ...podPlanInput(host, request).input, imageLayers };
    },
    container: prepared,
    warnings: [...new Set([...found, ...warnings])],
  };
}

/** Plans everything once with the next address: what a plan would refuse is refused before anything is there. */
function rehearse(
  host: Host,
  request: {
    record: PodRecord;
    paths: PodPaths;
    locate: Locate;
    imageLayers: NonNullable<PodPlanInput["imageLayers"]>;
  },
  spec: PodPlanInput["spec"],
  prepared: ReadonlyMap<string, PreparedContainer>,
): string[] {
  const { input: found, warnings } = podPlanInput(host, request, previewAddress);
  const input = { ...found, imageLayers: request.imageLayers };
  const where = { pod: request.record.pod, locate: request.locate };
  const placed = <T>(plan: () => T, place: (error: unknown) => unknown): T => {
    try {
      return plan();
    } catch (error) {
      throw place(error);
    }
  };
  const sandbox = placed(
    () => planSandboxOf(input),
    (error) => placeVolume(error, where),
  );
  warnings.push(...sandbox.warnings);
  for (const kind of ["init", "app"] as const) {
    for (const container of (kind === "init" ? spec.initContainers : spec.containers) ?? []) {
      const known = prepared.get(container.name);
      if (!known) continue;
      const { image, seccomp } = known;
      const planned = placed(
        () => planContainerOf(input, { container, kind, attempt: 0, image, seccomp }),
        (error) => placeError(placeVolume(error, where), { ...where, container: container.name }),
      );
      warnings.push(...planned.warnings);
    }
  }
  return warnings;
}
