import { applyDefaults, type Pod, type PodSpec } from "../../manifest/index.ts";

/** Left where it is though it is a default: a volume without a kind is read by few. */
const KEPT = new Set(["emptyDir"]);

/**
 * The shortest manifest that becomes this pod when defaults are filled in. Each field is taken away on trial: what does
 * not come back by itself stays. So what is left out needs no list of defaults beside the one that fills them in.
 */
export function stripDefaults(pod: Pod): Pod {
  if (!pod.spec) return pod;
  const wanted = canonical(filled(pod.spec));
  const spec = structuredClone(pod.spec);
  const stripMap = (map: Record<string, unknown>) => {
    for (const key of Object.keys(map)) {
      strip(map[key]);
      if (KEPT.has(key)) continue;
      const before = { ...map };
      delete map[key];
      if (canonical(filled(spec)) === wanted) continue;
      // In its old place among the others.
      for (const other of Object.keys(map)) delete map[other];
      Object.assign(map, before);
    }
  };
  const strip = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) strip(item);
    else if (typeof value === "object" && value !== null) stripMap(value as Record<string, unknown>);
  };
  stripMap(spec as unknown as Record<string, unknown>);
  return { ...pod, spec };
}

/** A spec that lacks what the defaults look into comes to nothing. */
function filled(spec: PodSpec): PodSpec | undefined {
  try {
    return applyDefaults({ spec }).spec;
  } catch {
    return undefined;
  }
}

function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
