import { readObject, STORED_KINDS, type StoredKind } from "../../state/objects.ts";
import type { Context } from "../context.ts";
import { openPods } from "../pods.ts";
import { structured } from "../render/structured.ts";
import { targetsOf } from "../targets.ts";
import { objectManifest, ownObjects, podManifest } from "./manifest.ts";

export interface GenerateFlags {
  withDefaults?: boolean;
  output: "yaml" | "json";
}

/** `tspod generate`: manifests of what is there, one document after the other. */
export async function generateCommand(
  context: Context,
  names: readonly string[],
  flags: GenerateFlags,
): Promise<number> {
  const pods = await openPods(context);
  const options = { defaults: flags.withDefaults ?? false };
  const isStored = (kind: string, at: { name: string; namespace: string }) =>
    STORED_KINDS.includes(kind as StoredKind) &&
    readObject(pods.host.paths, kind as StoredKind, at) !== undefined;
  const seen = new Set<string>();
  const documents = targetsOf(context, pods, names).flatMap((target) =>
    target.kind === "Pod"
      ? [
          ...ownObjects(target.view, isStored)
            .filter(({ kind, metadata }) => isNew(seen, `${kind}/${metadata.namespace}/${metadata.name}`))
            .map((object) => objectManifest(object, options)),
          podManifest(target.view, options),
        ]
      : [objectManifest(target.object, options)],
  );
  const [first] = documents;
  const list = { apiVersion: "v1", kind: "List", items: documents };
  if (flags.output === "json") context.out(await structured(documents.length === 1 ? first : list, "json"));
  else context.out((await Promise.all(documents.map((one) => structured(one, "yaml")))).join("---\n"));
  return 0;
}

/** Two pods of one file bring the same objects. */
function isNew(seen: Set<string>, key: string): boolean {
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}
