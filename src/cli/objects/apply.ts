import type { PlainObject } from "../../pod/index.ts";
import type { Context } from "../context.ts";
import { readManifests } from "../manifests.ts";
import { openPods, type Pods } from "../pods.ts";
import { warnOfKept } from "./kept-content.ts";

/** `apply -f FILE…`: what pods refer to, the pods, then what makes pods. */
export async function applyFiles(context: Context, files: readonly string[]): Promise<number> {
  const manifests = await readManifests(context, files, { nothingDone: "Nothing was applied." });
  const pods = await openPods(context);
  const { storeAll } = await import("../workloads/store.ts");
  await storeAll(context, pods, manifests);
  if (manifests.pods.length > 0) await (await import("./apply-pods.ts")).applyPods(context, pods, manifests);
  if (manifests.workloads.length > 0) await (await import("../workloads/tend.ts")).tend(context, pods);
  return 0;
}

/** Stores one object and says what became of it and of the volumes that show it. */
export function store(
  context: Context,
  { host, core }: Pods,
  object: PlainObject,
  options: { create?: boolean } = {},
): void {
  const wanted = context.global.namespace;
  if (wanted !== undefined && object.metadata.namespace === "default") object.metadata.namespace = wanted;
  const { what, volumes, failures } = core.applyObject(host, object, options);
  context.out(`${object.kind.toLowerCase()}/${object.metadata.name} ${what}\n`);
  for (const { pod, volume } of volumes) context.err(`pod ${pod}: volume ${volume} has the new content\n`);
  warnOfKept(context, failures);
}
