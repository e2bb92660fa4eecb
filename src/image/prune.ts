import { type Collected, collectGarbage } from "./collect.ts";
import { displayName, idOf } from "./find.ts";
import { readRecords, updateRecords } from "./records.ts";
import type { StoreContext } from "./store.ts";
import { imagesInUse } from "./usage.ts";

export interface Pruned extends Collected {
  /** Names of images that no pod used. */
  names: string[];
}

/** Removes what no name leads to; with `all`, the images that no pod uses too. */
export async function pruneImages(
  context: StoreContext,
  options: { all?: boolean; dryRun?: boolean } = {},
): Promise<Pruned> {
  const names: string[] = [];
  let named = readRecords(context.paths);
  if (options.all)
    await updateRecords(context.paths, context.addon, (records) => {
      const used = imagesInUse(context);
      named = records.filter((record) => used.has(idOf(context, record) ?? ""));
      for (const record of records) if (!named.includes(record)) names.push(displayName(record));
      return options.dryRun ? records : named;
    });
  return { names, ...(await collectGarbage(context, options.dryRun ? { ifNamed: named } : {})) };
}
