import type { Context } from "../context.ts";
import { noPods, readManifests } from "../manifests.ts";
import { openPods } from "../pods.ts";
import { runDetached } from "../run-detached.ts";
import { storeAll } from "./store.ts";
import { tend } from "./tend.ts";

/** `create -f FILE…`: everything in the files, none of which may be there yet. */
export async function createFiles(context: Context, files: readonly string[]): Promise<number> {
  const manifests = await readManifests(context, files, { nothingDone: "Nothing was created." });
  const { pods: given, workloads, configMaps, secrets, claims, services } = manifests;
  const count = [given, workloads, configMaps, secrets, claims, services].flat().length;
  if (count === 0) throw noPods(files);
  const pods = await openPods(context);
  await storeAll(context, pods, manifests, { create: true, createObjects: true });
  if (workloads.length > 0) await tend(context, pods);
  return given.length > 0 ? runDetached(context, pods, manifests, {}) : 0;
}
