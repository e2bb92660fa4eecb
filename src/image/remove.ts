import { type Collected, collectGarbage } from "./collect.ts";
import { imageError } from "./errors.ts";
import { displayName, findImages, idOf } from "./find.ts";
import { updateRecords } from "./records.ts";
import type { StoreContext } from "./store.ts";
import { imagesInUse } from "./usage.ts";

export interface Removed extends Collected {
  /** Names that are gone. */
  names: string[];
}

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
            hint: `remove the pod first: tspod rm ${[...users][0]!.split("/")[1]}`,
          },
        );
    }
    return kept;
  });
  return { names: targets.map(displayName), ...(await collectGarbage(context)) };
}
