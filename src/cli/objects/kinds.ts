import type { StoredKind } from "../../pod/index.ts";

/** As kubectl takes them, in any case. */
const WORDS: Record<string, StoredKind> = {
  configmap: "ConfigMap",
  configmaps: "ConfigMap",
  cm: "ConfigMap",
  secret: "Secret",
  secrets: "Secret",
  persistentvolumeclaim: "PersistentVolumeClaim",
  persistentvolumeclaims: "PersistentVolumeClaim",
  pvc: "PersistentVolumeClaim",
};

export interface NamedObjects {
  kind: StoredKind;
  names: string[];
}

/** `cm`, `cm a b` and `cm/a cm/b` alike; undefined when the first word is no such kind (then it is a pod). */
export function namedObjects([first = "", ...rest]: readonly string[]): NamedObjects | undefined {
  const [word = "", name] = first.split("/", 2);
  const kind = WORDS[word.toLowerCase()];
  if (!kind) return undefined;
  if (name === undefined) return { kind, names: rest };
  const others = rest.map((one) => one.slice(one.indexOf("/") + 1));
  return { kind, names: [name, ...others] };
}
