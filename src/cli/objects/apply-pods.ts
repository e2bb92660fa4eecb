import { podStatus } from "../../pod/status.ts";
import type { PodView } from "../../pod/view.ts";
import type { Context } from "../context.ts";
import { createRequest } from "../create-request.ts";
import { startDaemon } from "../daemon-start.ts";
import type { Manifests } from "../manifests.ts";
import type { Pods } from "../pods.ts";
import { warnOfKept } from "./kept-content.ts";

/** `apply` of the pods of manifests: makes those that are not there, and changes what may be changed of the others. */
export async function applyPods(context: Context, pods: Pods, manifests: Manifests): Promise<void> {
  const { changePod, mergedPod } = await import("../../pod/apply-pod.ts");
  for (const manifest of manifests.pods) {
    const { object, source } = manifest;
    const there = namesake(pods, object.metadata);
    if (!there) {
      await makePod(context, pods, manifests, manifest);
      context.out(`pod/${object.metadata.name} created\n`);
      continue;
    }
    const { what, images, failures } = await changePod(pods.host, there, {
      wanted: mergedPod(there.record, object),
      manifest: object,
      locate: (field) => source.position(field),
    });
    context.out(`pod/${object.metadata.name} ${what}\n`);
    if (images.length > 0 && isOver(there))
      context.warn(`pod ${object.metadata.name} is over: its containers are not started again`);
    warnOfKept(context, failures);
  }
}

/** The pod of that name, if there is one. */
export function namesake({ host, core }: Pods, at: { name: string; namespace: string }): PodView | undefined {
  return core
    .listPods(host)
    .find(({ record }) => record.name === at.name && record.namespace === at.namespace);
}

/** As `run -d`: it lives on, and the daemon looks after it. */
async function makePod(
  context: Context,
  pods: Pods,
  manifests: Manifests,
  manifest: Manifests["pods"][number],
): Promise<void> {
  const request = createRequest(context, manifests, manifest, {});
  const session = await pods.core.createPod(pods.host, { ...request, foreground: false });
  session.detach();
  await startDaemon(pods.host);
}

function isOver(view: PodView): boolean {
  return ["Succeeded", "Failed"].includes(podStatus(view).phase ?? "");
}
