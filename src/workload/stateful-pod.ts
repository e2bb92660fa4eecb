import type { PersistentVolumeClaimObject, PodTemplate, StatefulSetObject } from "../manifest/index.ts";
import { newPod } from "./new-pod.ts";
import type { NewPod } from "./outcome.ts";
import { REVISION_LABEL, type Revision } from "./revisions.ts";

const POD_NAME = "statefulset.kubernetes.io/pod-name";
const POD_INDEX = "apps.kubernetes.io/pod-index";

export const podName = ({ metadata }: StatefulSetObject, ordinal: number): string =>
  `${metadata.name}-${ordinal}`;

/** The number at the end of a pod's name; undefined for a name that the set does not give. */
export function ordinalOf({ metadata }: StatefulSetObject, name: string): number | undefined {
  const digits = name.startsWith(`${metadata.name}-`) ? name.slice(metadata.name.length + 1) : "";
  return /^\d+$/.test(digits) ? Number(digits) : undefined;
}

/** The pod of an ordinal: its name is its hostname, and its claims are mounted in place of the templates. */
export function statefulPod(set: StatefulSetObject, ordinal: number, revision: Revision): NewPod {
  const name = podName(set, ordinal);
  return newPod(set, withIdentity(set, name, revision.template), {
    name,
    labels: { [POD_NAME]: name, [POD_INDEX]: String(ordinal), [REVISION_LABEL]: revision.name },
  });
}

function withIdentity(set: StatefulSetObject, name: string, template: PodTemplate): PodTemplate {
  const claims = (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata?.name ?? "");
  const { serviceName } = set.spec;
  const volumes = [
    ...claims.map((claim) => ({
      name: claim,
      persistentVolumeClaim: { claimName: claimName(claim, name), readOnly: false },
    })),
    ...(template.spec.volumes ?? []).filter((volume) => !claims.includes(volume.name)),
  ];
  return {
    ...template,
    spec: {
      ...template.spec,
      hostname: name,
      ...(serviceName ? { subdomain: serviceName } : {}),
      ...(volumes.length > 0 ? { volumes } : {}),
    },
  };
}

const claimName = (template: string, pod: string): string => `${template}-${pod}`;

/** The claims of one pod. They outlive it: a pod of the same ordinal finds its data again. */
export function claimsOf(set: StatefulSetObject, ordinal: number): PersistentVolumeClaimObject[] {
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      ...metadata,
      name: claimName(metadata?.name ?? "", podName(set, ordinal)),
      namespace: set.metadata.namespace,
      labels: { ...metadata?.labels, ...set.spec.selector.matchLabels },
    },
    ...(spec ? { spec } : {}),
  }));
}

/** Which of the names are claims of this set, and of which ordinal. */
export function ordinalOfClaim(set: StatefulSetObject, name: string): number | undefined {
  for (const { metadata } of set.spec.volumeClaimTemplates ?? []) {
    const prefix = `${metadata?.name}-`;
    const ordinal = name.startsWith(prefix) ? ordinalOf(set, name.slice(prefix.length)) : undefined;
    if (ordinal !== undefined) return ordinal;
  }
  return undefined;
}
