import { applyDefaults, type PodTemplate, type WorkloadObject } from "../manifest/index.ts";
import type { NewPod } from "./outcome.ts";
import { ownedBy } from "./owner.ts";

/** The pod that a template becomes; `labels` and `annotations` are added to its own. */
export function newPod(
  owner: WorkloadObject,
  template: PodTemplate,
  {
    name,
    generateName,
    labels = {},
    annotations,
  }: {
    name: string;
    generateName?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  },
): NewPod {
  const own = template.metadata ?? {};
  const allAnnotations = { ...own.annotations, ...annotations };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      ...(generateName === undefined ? {} : { generateName }),
      namespace: owner.metadata.namespace,
      labels: { ...own.labels, ...labels },
      ...(Object.keys(allAnnotations).length > 0 ? { annotations: allAnnotations } : {}),
      ownerReferences: [ownedBy(owner)],
    },
    // The API server fills in what only a Pod has, such as requests from limits, when the Pod is made.
    spec: applyDefaults({ spec: template.spec }).spec,
  };
}
