import type { Container, EnvVar, Pod } from "../../manifest/index.ts";
import { fieldValue, resourceValue } from "../../plan/env.ts";

/** The machine's own sizes are not said: kubectl does not know its node's either. */
const UNKNOWN = {
  configMaps: [],
  secrets: [],
  nodeCpuMilli: 0n,
  nodeMemoryBytes: 0n,
  nodeEphemeralBytes: 0n,
};

/** What a variable has from the pod's fields or the container's resources; undefined where that cannot be said. */
export function variableValue(
  pod: Pod,
  { resources = {} }: Container,
  { valueFrom }: EnvVar,
): string | undefined {
  const { fieldRef, resourceFieldRef: wanted } = valueFrom ?? {};
  if (fieldRef) return ofField(pod, fieldRef.fieldPath);
  if (!wanted) return undefined;
  const [list, name = ""] = wanted.resource.split(".", 2);
  if (list === "limits" && resources.limits?.[name] === undefined) return "node allocatable";
  return resourceValue(wanted.resource, wanted.divisor ?? "0", resources, UNKNOWN);
}

function ofField(pod: Pod, path: string): string | undefined {
  const facts = {
    ...UNKNOWN,
    uid: pod.metadata?.uid ?? "",
    nodeName: pod.spec?.nodeName ?? "",
    hostIP: pod.status?.hostIP ?? "",
    podIP: pod.status?.podIP ?? "",
  };
  try {
    return fieldValue(path, { pod, facts, namespace: pod.metadata?.namespace ?? "" });
  } catch {
    return undefined;
  }
}
