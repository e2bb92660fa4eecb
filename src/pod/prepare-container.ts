import type { Container } from "../manifest/index.ts";
import type { PlannedImage } from "../plan/image-config.ts";
import type { Host } from "../runtime/host.ts";
import { seccompOf } from "../runtime/seccomp.ts";
import type { PodRecord } from "../state/record.ts";
import { type EnsuredImage, ensureImages } from "./images.ts";
import { pullSecretsOf } from "./pull-secrets.ts";
import { stopSignalOf } from "./stop-signal.ts";

/** What the plan of a container needs beside the manifest. */
export interface PreparedContainer {
  image: PlannedImage;
  seccomp: { filter: string; flags: number };
  stopSignal: number;
  /** The text of the event Pulled. */
  imageEvent: string;
  warnings: string[];
}

/** From an image that is there. */
export function withImage(
  host: Host,
  record: PodRecord,
  container: Container,
  image: EnsuredImage,
): PreparedContainer {
  const { filter, flags, warnings } = seccompOf(host, record.pod, container);
  return {
    image: image.planned,
    imageEvent: image.event,
    seccomp: { filter, flags },
    stopSignal: stopSignalOf(container, image.planned.config.StopSignal),
    warnings: [...image.warnings, ...warnings],
  };
}

/** For one more start: the image by the container's pull policy, as a kubelet asks for it at each. */
export async function prepareContainer(
  host: Host,
  record: PodRecord,
  container: Container,
): Promise<PreparedContainer> {
  const { configs } = pullSecretsOf(record.pod, record.secrets);
  const images = await ensureImages(host, [container], { pullSecrets: configs });
  return withImage(host, record, container, images.get(container.name) as EnsuredImage);
}
