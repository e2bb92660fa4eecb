import type { PodSpec, Toleration } from "../../manifest/index.ts";
import { type Field, keyValues } from "./fields.ts";

/** Where a pod may be: on one machine it changes nothing, and stands in every `kubectl describe`. */
export function placementFields(spec: PodSpec | undefined): Field[] {
  return [
    ["Node-Selectors", keyValues(spec?.nodeSelector, "=")],
    ["Tolerations", tolerations(spec?.tolerations ?? [])],
  ];
}

function tolerations(list: readonly Toleration[]): string {
  const byKey = [...list].sort(({ key: a = "" }, { key: b = "" }) => (a < b ? -1 : Number(a > b)));
  return byKey.map(tolerationText).join("\n") || "<none>";
}

function tolerationText({ key = "", value, effect, operator, tolerationSeconds }: Toleration): string {
  const what = `${key}${value ? `=${value}` : ""}${effect ? `:${effect}` : ""}`;
  const exists = operator === "Exists" && !value ? [what, "op=Exists"].filter(Boolean).join(" ") : what;
  return tolerationSeconds === undefined ? exists : `${exists} for ${tolerationSeconds}s`;
}
