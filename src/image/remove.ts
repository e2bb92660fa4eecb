import { TspodError } from "../errors/tspod-error.ts";
import { type Collected, collectGarbage } from "./collect.ts";
import { ImageErrorCode, imageError } from "./errors.ts";
import { displayName, findImages, idOf } from "./find.ts";
import { updateRecords } from "./records.ts";
import type { StoreContext } from "./store.ts";
import { imagesInUse } from "./usage.ts";

export interface Removed extends Collected {
  /** Names that are gone. */
  names: string[];
  /** What kept the store from being collected: its space is freed by the next that collects. */
  postponed?: TspodError;
}

/** A removal is done with the names; for the space that they took it waits this long (ms). */
const PATIENCE = 2000;

/**
 * Takes names away from images, and removes what no name leads to any more. The last name of an image that a pod uses
 * stays (TS6032), whatever else is asked for.
 */
export async function removeImages(context: StoreContext, wanted: string[]): Promise<Removed> {
  const targets = wanted.flatMap((name) => findImages(context, name));
  const refs = new Set(targets.map(({ ref }) => ref));
  await updateRecords(context.paths, context.addon, (records) => {
    const kept = records.filter(({ ref }) => !refs.has(ref));
    const used = imagesInUse(context);
    for (const target of targets) {
      const users = used.get(idOf(context, target) ?? "");
      const isLast = !kept.some(({ manifest }) => manifest.digest === target.manifest.digest);
      if (users !== undefined && isLast)
        throw imageError(
          "inUse",
          `image ${displayName(target)} is used by pod ${[...users].sort().join(", ")}`,
          {
            hint: `remove the pod first: tspod rm ${asTyped([...users].sort()[0]!)}`,
          },
        );
    }
    return kept;
  });
  const names = targets.map(displayName);
  try {
    return { names, ...(await collectGarbage(context, { patience: PATIENCE })) };
  } catch (error) {
    if (!(error instanceof TspodError) || error.code !== ImageErrorCode.inUse) throw error;
    return { names, blobs: [], layers: [], bytes: 0, postponed: error };
  }
}

/** What names a pod on the command line. */
function asTyped(pod: string): string {
  const [namespace, name] = pod.split("/");
  return namespace === "default" ? `${name}` : `-n ${namespace} ${name}`;
}
