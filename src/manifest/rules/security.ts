import { idFaults } from "../formats.ts";
import type { AppArmorProfile, Container, PodSpec, SeccompProfile } from "../gen/types.ts";
import { checkCapabilities } from "./capabilities.ts";
import type { Check } from "./check.ts";
import { checkDescending } from "./paths.ts";
import { checkSysctls } from "./sysctls.ts";

const PROFILE_TYPES = ["Localhost", "RuntimeDefault", "Unconfined"];
const IDS = ["runAsUser", "runAsGroup"] as const;

/** Rules for the securityContext of the pod (validatePodSpecSecurityContext). */
export function checkPodSecurity(check: Check, spec: PodSpec): void {
  const path = "spec.securityContext";
  const context = spec.securityContext ?? {};
  for (const field of [...IDS, "fsGroup"] as const) {
    const id = context[field];
    if (id !== undefined) check.invalidAll(`${path}.${field}`, id, idFaults(id));
  }
  for (const [i, gid] of (context.supplementalGroups ?? []).entries())
    check.invalidAll(`${path}.supplementalGroups[${i}]`, gid, idFaults(gid));
  check.oneOf(`${path}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ["Merge", "Strict"]);
  check.oneOf(`${path}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ["Always", "OnRootMismatch"]);
  check.oneOf(`${path}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ["MountOption", "Recursive"]);
  if (context.seccompProfile) checkSeccomp(check, `${path}.seccompProfile`, context.seccompProfile);
  if (context.appArmorProfile) checkAppArmor(check, `${path}.appArmorProfile`, context.appArmorProfile);
  checkSysctls(check, spec);
}

/** Rules for the securityContext of a container (ValidateSecurityContext). */
export function checkContainerSecurity(check: Check, at: string, container: Container, spec: PodSpec): void {
  const context = container.securityContext;
  if (context === undefined) return;
  const path = `${at}.securityContext`;
  for (const field of IDS) {
    const id = context[field];
    if (id !== undefined) check.invalidAll(`${path}.${field}`, id, idFaults(id));
  }
  if (context.capabilities) checkCapabilities(check, `${path}.capabilities`, context.capabilities);
  if (context.allowPrivilegeEscalation === false) {
    const where = { at: `${path}.allowPrivilegeEscalation`, help: "remove one of the two" };
    if (context.privileged === true)
      check.invalid(
        path,
        context,
        "cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
        where,
      );
    if (context.capabilities?.add?.some((name) => /^(CAP_)?SYS_ADMIN$/i.test(name)))
      check.invalid(
        path,
        context,
        "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN",
        where,
      );
  }
  check.oneOf(`${path}.procMount`, context.procMount, ["Default", "Unmasked"]);
  if (context.procMount === "Unmasked" && spec.hostUsers !== false)
    check.invalid(`${path}.procMount`, context.procMount, "`hostUsers` must be false to use `Unmasked`");
  if (context.seccompProfile) checkSeccomp(check, `${path}.seccompProfile`, context.seccompProfile);
  if (context.appArmorProfile) checkAppArmor(check, `${path}.appArmorProfile`, context.appArmorProfile);
  const user = context.runAsUser ?? spec.securityContext?.runAsUser;
  if ((context.runAsNonRoot ?? spec.securityContext?.runAsNonRoot) === true && user === 0)
    check.warning(
      "TS3012",
      `${path}.runAsUser`,
      "runAsNonRoot is true and the user is 0: the container will not start",
    );
}

function checkSeccomp(check: Check, path: string, { type, localhostProfile }: SeccompProfile): void {
  if (type === "") check.required(`${path}.type`, "type is required when seccompProfile is set");
  else check.oneOf(`${path}.type`, type, PROFILE_TYPES);
  if (type === "Localhost") {
    if (localhostProfile === undefined)
      check.required(`${path}.localhostProfile`, "must be set when seccomp type is Localhost", {
        help: "the profile's file: localhostProfile: profiles/web.json; type: RuntimeDefault needs none",
      });
    else checkDescending(check, `${path}.localhostProfile`, localhostProfile);
  } else if (localhostProfile !== undefined)
    check.invalid(
      `${path}.localhostProfile`,
      localhostProfile,
      "can only be set when seccomp type is Localhost",
    );
}

function checkAppArmor(check: Check, path: string, { type, localhostProfile }: AppArmorProfile): void {
  if (type === "") check.required(`${path}.type`, "type is required when appArmorProfile is set");
  else check.oneOf(`${path}.type`, type, PROFILE_TYPES);
  const at = `${path}.localhostProfile`;
  if (type !== "Localhost") {
    if (localhostProfile !== undefined)
      check.invalid(at, localhostProfile, "can only be set when AppArmor type is Localhost");
  } else if (!localhostProfile?.trim()) check.required(at, "must be set when AppArmor type is Localhost");
  else if (localhostProfile !== localhostProfile.trim())
    check.invalid(at, localhostProfile, "must not be padded with whitespace");
  else if (Buffer.byteLength(localhostProfile) > 4095) check.tooLong(at, 4095);
}
