import { conformance, type Proof } from "./proof.ts";

/** Users, privileges and confinement. */
export const SECURITY: readonly Proof[] = [
  ["e2e/manifests-fields.test.ts", "procMount Unmasked shows all of /proc", "SecurityContext procMount"],
  [
    "unit/security/apparmor.test.ts",
    "of type Localhost is taken at execve",
    "PodSecurityContext appArmorProfile",
    "SecurityContext appArmorProfile",
    "AppArmorProfile *",
  ],
  ["e2e/user-namespace.test.ts", "has a user namespace that owns its others", "PodSpec hostUsers"],
  ...conformance(
    "namespaces",
    ["namespace-09", "PodSpec shareProcessNamespace"],
    ["namespace-12", "PodSpec hostNetwork"],
    ["namespace-14", "PodSpec hostPID"],
    ["namespace-15", "PodSpec hostIPC"],
  ),
  ...conformance(
    "security",
    ["security-01", "PodSpec securityContext", "PodSecurityContext runAsUser runAsGroup"],
    ["security-02", "Container securityContext", "SecurityContext runAsUser runAsGroup"],
    ["security-03", "PodSecurityContext supplementalGroups"],
    ["security-05", "PodSecurityContext supplementalGroupsPolicy"],
    ["security-09", "PodSecurityContext fsGroup"],
    ["security-11", "PodSecurityContext runAsNonRoot", "SecurityContext runAsNonRoot"],
    ["security-13", "SecurityContext readOnlyRootFilesystem"],
  ),
  ...conformance(
    "security-process",
    ["process-02", "SecurityContext capabilities", "Capabilities add"],
    ["process-03", "Capabilities drop"],
    ["process-08", "SecurityContext allowPrivilegeEscalation"],
    [
      "process-09",
      "PodSecurityContext seccompProfile",
      "SecurityContext seccompProfile",
      "SeccompProfile type",
    ],
    ["process-10", "SecurityContext privileged"],
    ["process-15", "PodSecurityContext sysctls", "Sysctl name value"],
  ),
  [
    "root/security/confinement.test.ts",
    "a Localhost profile does what its file says",
    "SeccompProfile localhostProfile",
  ],
];
