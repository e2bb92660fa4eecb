import {
  applyDefaults,
  applyWorkloadDefaults,
  type Pod,
  type ServiceObject,
  type WorkloadObject,
} from "../../manifest/index.ts";

/** Left where it is though it is a default: a volume without a kind is read by few. */
const KEPT = new Set(["emptyDir"]);

/** The shortest manifest that becomes this pod when defaults are filled in. */
export function stripDefaults(pod: Pod): Pod {
  const { spec } = pod;
  return spec ? { ...pod, spec: stripped(spec, (one) => applyDefaults({ spec: one }).spec) } : pod;
}

/** The same for what makes pods, and for Services. */
export function stripObjectDefaults<O extends WorkloadObject | ServiceObject>(object: O): O {
  const fill = (spec: unknown) => applyWorkloadDefaults({ ...object, spec } as O).spec;
  return { ...object, spec: stripped(object.spec, fill) } as O;
}

/**
 * Each field is taken away on trial: what does not come back by itself, with `fill`, stays. So what is left out needs no
 * list of defaults beside the one that fills them in.
 */
function stripped<T>(given: T, fill: (value: T) => unknown): T {
  const value = structuredClone(given);
  const filled = () => {
    try {
      return canonical(fill(structuredClone(value)));
    } catch {
      // It lacks what the defaults look into.
      return undefined;
    }
  };
  const wanted = filled();
  const stripMap = (map: Record<string, unknown>) => {
    for (const key of Object.keys(map)) {
      strip(map[key]);
      if (KEPT.has(key)) continue;
      const before = { ...map };
      delete map[key];
      if (filled() === wanted) continue;
      // In its old place among the others.
      for (const other of Object.keys(map)) delete map[other];
      Object.assign(map, before);
    }
  };
  const strip = (part: unknown): void => {
    if (Array.isArray(part)) for (const item of part) strip(item);
    else if (typeof part === "object" && part !== null) stripMap(part as Record<string, unknown>);
  };
  // Once more for those that only go together: a Job's completions, when parallelism has gone.
  strip(value);
  strip(value);
  return value;
}

function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
