import type { WorkloadObject } from "../../manifest/index.ts";
import { mergedPod } from "../../pod/apply-pod.ts";
import type { StoredObject } from "../../pod/index.ts";
import { classifyUpdate, type PodUpdate } from "../../pod/pod-update.ts";
import { readObject } from "../../state/objects.ts";
import type { Context } from "../context.ts";
import { objectManifest, podManifest } from "../generate/manifest.ts";
import type { Manifests } from "../manifests.ts";
import { namesake } from "../objects/apply-pods.ts";
import type { Pods } from "../pods.ts";
import { fileName } from "./unified.ts";

/** An object as it is, and as `apply` would leave it; both without what only a server sets. */
export interface Sides {
  name: string;
  live: object | undefined;
  merged: object;
  /** What `apply` would say to a pod's change. */
  update?: PodUpdate;
}

const WHOLE = { defaults: true };

/** All objects of the manifests, in the order in which `apply` takes them. */
export async function sidesOf(context: Context, pods: Pods, manifests: Manifests): Promise<Sides[]> {
  const { configMaps, secrets, claims, services, workloads } = manifests;
  const stored = [...configMaps, ...secrets, ...claims, ...services].map((object) => {
    const { namespace } = context.global;
    if (namespace !== undefined && object.metadata.namespace === "default")
      object.metadata.namespace = namespace;
    return objectSides(pods, object, (given) => given);
  });
  const made = await Promise.all(workloads.map(({ object }) => workloadSides(pods, object)));
  return [...stored, ...manifests.pods.map(({ object }) => podSides(pods, object)), ...made];
}

function podSides(pods: Pods, wanted: Manifests["pods"][number]["object"]): Sides {
  const there = namesake(pods, wanted.metadata);
  const pod = there ? mergedPod(there.record, wanted) : wanted;
  const asView = (one: typeof pod) => {
    const { name, namespace } = wanted.metadata;
    return { record: { pod: one, name, namespace } } as Parameters<typeof podManifest>[0];
  };
  return {
    name: fileName(wanted),
    live: there && podManifest(there, WHOLE),
    merged: podManifest(asView(pod), WHOLE),
    ...(there ? { update: classifyUpdate(there.record.pod, pod) } : {}),
  };
}

function objectSides<O extends StoredObject>(
  { host }: Pods,
  given: O,
  stored: (given: O, before: O | undefined) => O,
): Sides {
  const before = readObject(host.paths, given.kind, given.metadata) as O | undefined;
  return {
    name: fileName(given),
    live: before && objectManifest(before, WHOLE),
    merged: objectManifest(stored(given, before), WHOLE),
  };
}

async function workloadSides(pods: Pods, given: WorkloadObject): Promise<Sides> {
  const { mergedWorkload } = await import("../../workload/index.ts");
  return objectSides(pods, given, (wanted) => mergedWorkload(pods.host, wanted));
}
