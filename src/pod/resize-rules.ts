import type { Container, PodSpec, ResourceRequirements } from "../manifest/index.ts";
import { qosClass } from "../manifest/qos.ts";
import { compareQuantities, parseQuantity } from "../manifest/quantity.ts";

export interface ResizeFault {
  /** `spec.containers[0].resources.limits` */
  field: string;
  message: string;
}

/**
 * What the API's resize subresource refuses of a change of resources (ValidatePodResize), in its words: anything but cpu
 * and memory, removing what was set, another QoS class, and init containers that come to an end.
 */
export function resizeFaults(before: PodSpec, after: PodSpec): ResizeFault[] {
  const faults: ResizeFault[] = [];
  const compare = (field: string, was: ResourceRequirements = {}, is: ResourceRequirements = {}) => {
    for (const kind of ["requests", "limits"] as const) {
      const names = new Set([...Object.keys(was[kind] ?? {}), ...Object.keys(is[kind] ?? {})]);
      for (const name of names) {
        const [old, next] = [was[kind]?.[name], is[kind]?.[name]];
        const at = `${field}.${kind}`;
        if (name !== "cpu" && name !== "memory") {
          if (!same(old, next)) faults.push(forbidden(at, "only cpu and memory resources are mutable"));
        } else if (next === undefined) {
          faults.push(forbidden(at, `resource ${kind} cannot be removed`));
        }
      }
    }
  };
  for (const list of ["initContainers", "containers"] as const) {
    (after[list] ?? []).forEach((container, index) => {
      const field = `spec.${list}[${index}].resources`;
      const was = (before[list] ?? []).find(({ name }) => name === container.name);
      if (list === "initContainers" && changes(was, container) && container.restartPolicy !== "Always")
        faults.push(forbidden(field, "resources of non-sidecar init containers are immutable"));
      else compare(field, was?.resources, container.resources);
    });
  }
  compare("spec.resources", before.resources, after.resources);
  if (faults.length === 0 && qosClass(before) !== qosClass(after))
    faults.push({
      field: "spec",
      message: `spec: Invalid value: "${qosClass(after)}": Pod QOS Class may not change as a result of resizing`,
    });
  return faults;
}

function forbidden(field: string, reason: string): ResizeFault {
  return { field, message: `${field}: Forbidden: ${reason}` };
}

function changes(was: Container | undefined, is: Container): boolean {
  return (["requests", "limits"] as const).some((kind) => {
    const [old, next] = [was?.resources?.[kind] ?? {}, is.resources?.[kind] ?? {}];
    return [...new Set([...Object.keys(old), ...Object.keys(next)])].some(
      (name) => !same(old[name], next[name]),
    );
  });
}

/** `1` and `1000m` are the same. */
function same(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return compareQuantities(parseQuantity(String(one)), parseQuantity(String(other))) === 0;
}
