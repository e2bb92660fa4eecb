import { join } from "node:path";
import { namesIn } from "../kernel/names-in.ts";
import { attemptPaths, type Paths, podPaths } from "../state/paths.ts";
import { attemptNumbers, podUids, readContainer, readPod } from "../state/records.ts";
import type { StoreContext } from "./store.ts";

/** Which pods use which image: by the image's id (digest of its config), the names of pods as `namespace/name`. */
export function imagesInUse(context: StoreContext): Map<string, Set<string>> {
  const paths: Paths = {
    root: "",
    rootId: "",
    run: context.runRoot,
    lib: join(context.paths.images, ".."),
    logs: "",
  };
  const used = new Map<string, Set<string>>();
  for (const uid of podUids(paths)) {
    const pod = readPod(paths, uid);
    if (pod === undefined) continue;
    for (const id of pod.volumeImages ?? [])
      used.set(id, (used.get(id) ?? new Set()).add(`${pod.namespace}/${pod.name}`));
    const ofPod = podPaths(paths, pod);
    for (const container of namesIn(ofPod.containers))
      for (const attempt of attemptNumbers(ofPod, container)) {
        const record = readContainer(attemptPaths(ofPod, container, attempt));
        if (record === undefined) continue;
        const users = used.get(record.imageId) ?? new Set();
        used.set(record.imageId, users.add(`${pod.namespace}/${pod.name}`));
      }
  }
  return used;
}
