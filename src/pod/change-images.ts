import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { Container, PodSpec } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import { podPaths } from "../state/paths.ts";
import type { PodRecord } from "../state/record.ts";
import { updatePod } from "../state/update-pod.ts";
import { prepareContainer } from "./prepare-container.ts";
import type { PodView } from "./view.ts";

/**
 * Gives containers of a pod other images (the one part of a container that the API lets be changed): whoever supervises
 * the pod ends those containers and starts them anew, and nothing else of the pod is touched. The images are made
 * ready before anything changes: one that cannot be had leaves the pod as it is.
 *
 * Returns the names of the containers that change. @throws TspodError TS5012 when the pod was removed meanwhile
 */
export async function changeImages(
  host: Host,
  { record }: PodView,
  images: ReadonlyMap<string, string>,
): Promise<string[]> {
  const changing = containersOf(record.pod.spec).filter(
    ({ name, image }) => images.has(name) && images.get(name) !== image,
  );
  for (const container of changing)
    await prepareContainer(host, record, { ...container, image: images.get(container.name) ?? "" });
  const after = updatePod(podPaths(host.paths, record), (now) => withImages(now, images));
  if (!after) {
    throw new TspodError({
      code: "TS5012",
      message: `${record.name} was removed while it was being changed`,
      exitCode: ExitCode.conflict,
    });
  }
  return changing.map(({ name }) => name);
}

function containersOf(spec: PodSpec | undefined): Container[] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
}

function withImages(record: PodRecord, images: ReadonlyMap<string, string>): PodRecord {
  const { spec } = record.pod;
  if (!spec) return record;
  const changed = (list: readonly Container[]) =>
    list.map((one) => ({
      ...one,
      ...(images.has(one.name) ? { image: images.get(one.name) as string } : {}),
    }));
  return {
    ...record,
    pod: {
      ...record.pod,
      spec: {
        ...spec,
        containers: changed(spec.containers),
        ...(spec.initContainers ? { initContainers: changed(spec.initContainers) } : {}),
      },
    },
  };
}
