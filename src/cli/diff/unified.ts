import { createTwoFilesPatch } from "diff";

/** Two texts as `diff -u -N` shows them, under kubectl's names of the two sides; "" when they are the same. */
export function unified(name: string, live: string, merged: string): string {
  if (live === merged) return "";
  const patch = createTwoFilesPatch(`LIVE/${name}`, `MERGED/${name}`, live, merged, undefined, undefined, {
    context: 3,
  });
  const [, ...lines] = patch.split("\n");
  return `diff -u -N LIVE/${name} MERGED/${name}\n${lines.join("\n")}`;
}

/** As kubectl names the file of an object: `v1.Pod.default.web`, `apps.v1.Deployment.default.web`. */
export function fileName(object: {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string };
}): string {
  const { apiVersion, kind, metadata } = object;
  return [...apiVersion.split("/"), kind, metadata.namespace, metadata.name].join(".");
}

interface WithData {
  kind?: string;
  data?: Record<string, string>;
}

/** Values of a Secret are not shown, only that they differ. */
export function masked<T extends WithData>(
  one: T | undefined,
  other: T | undefined,
  side: "before" | "after",
): T | undefined {
  if (one?.kind !== "Secret" || !one.data) return one;
  const data = Object.entries(one.data).map(([key, value]) => {
    const theirs = other?.data?.[key];
    return [key, theirs === undefined || theirs === value ? "***" : `*** (${side})`];
  });
  return { ...one, data: Object.fromEntries(data) };
}
