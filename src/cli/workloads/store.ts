import { singular } from "../../manifest/index.ts";
import type { Context } from "../context.ts";
import type { Manifests } from "../manifests.ts";
import { store } from "../objects/apply.ts";
import type { Pods } from "../pods.ts";

/**
 * Stores all objects of the manifests but the pods: first what pods need, then what makes pods, so that no pod is made
 * before what it refers to is there. `create`: the workloads must not be there yet; `createObjects`: nor the others.
 */
export async function storeAll(
  context: Context,
  pods: Pods,
  manifests: Manifests,
  { create = false, createObjects = false }: { create?: boolean; createObjects?: boolean } = {},
): Promise<void> {
  const { configMaps, secrets, claims, services, workloads } = manifests;
  for (const object of [...configMaps, ...secrets, ...claims, ...services])
    store(context, pods, object, { create: createObjects });
  if (workloads.length === 0) return;
  const { applyWorkload } = await import("../../workload/index.ts");
  for (const { object } of workloads) {
    const { what } = applyWorkload(pods.host, object, { create, merge: true });
    context.out(`${singular(object.kind)}/${object.metadata.name} ${what}\n`);
  }
}
