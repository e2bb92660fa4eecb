import type { Check } from "./check.ts";

/** Annotations that were there before fields were, by how they begin; the kubelet does not read them any more. */
const REPLACED: readonly [prefix: string, field: string][] = [
  ["seccomp.security.alpha.kubernetes.io/pod", "spec.securityContext.seccompProfile"],
  ["container.seccomp.security.alpha.kubernetes.io/", "securityContext.seccompProfile of the container"],
  ["container.apparmor.security.beta.kubernetes.io/", "securityContext.appArmorProfile of the container"],
];

/** Says of annotations that once confined containers that they do so no longer: that must not be believed in silence. */
export function checkPodAnnotations(check: Check, annotations: Record<string, string> = {}): void {
  for (const key of Object.keys(annotations)) {
    const replaced = REPLACED.find(([prefix]) => key.startsWith(prefix));
    if (replaced !== undefined)
      check.warning("TS2012", `metadata.annotations[${key}]`, "has no effect: a field has taken its place", {
        key: true,
        help: `write ${replaced[1]}`,
      });
  }
  const cost = annotations[DELETION_COST];
  if (cost !== undefined && !isInt32(cost))
    check.invalid(`metadata.annotations[${DELETION_COST}]`, cost, "must be a 32bit integer");
}

const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

/** Without a plus sign or leading zeros, as the API server takes it. */
const isInt32 = (text: string): boolean =>
  /^(0|-?[1-9][0-9]{0,9})$/.test(text) && Number(text) >= -(2 ** 31) && Number(text) < 2 ** 31;
