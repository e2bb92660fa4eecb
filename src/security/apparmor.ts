import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { Container, PodSpec } from "../manifest/index.ts";
import type { ContainerOp } from "../plan/container-op.ts";
import type { HostOp } from "../plan/host-op.ts";

/** What of the host decides about AppArmor. */
export interface AppArmorFacts {
  enabled: boolean;
  /** Names of the profiles that are loaded. */
  loaded(): readonly string[];
}

/** The profile of `type: RuntimeDefault`. */
export const DEFAULT_PROFILE = "tspod-default";

/**
 * What a container may not even where its capabilities would let it: mount, change settings of the kernel that are no
 * namespace's, read its memory. Only tspod signals and traces it from outside.
 */
export const DEFAULT_PROFILE_TEXT = `profile ${DEFAULT_PROFILE} flags=(attach_disconnected,mediate_deleted) {
  file,
  network,
  capability,
  umount,

  signal (receive) peer=unconfined,
  signal (send, receive) peer=${DEFAULT_PROFILE},
  ptrace (trace, read, tracedby, readby) peer=${DEFAULT_PROFILE},

  deny mount,
  deny /proc/{sysrq-trigger,kcore,kmem,mem} rwklx,
  deny /proc/sys/[^kn]** wklx,
  deny /proc/sys/kernel/[^ms]** wklx,
  deny /proc/sys/kernel/modprobe wklx,
  deny /sys/{firmware,kernel/security,kernel/debug}/** rwklx,
}
`;

/**
 * The container's profile, its own else the pod's: what must be done on the host for it, and the op that has the kernel
 * change to it at execve. Without a profile nothing is changed. Throws TS3341 in the kubelet's words when the host
 * cannot enforce it.
 */
export function appArmorOps(
  spec: PodSpec,
  container: Container,
  facts: AppArmorFacts,
): { host: HostOp[]; process: ContainerOp[] } {
  const profile = container.securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
  if (profile === undefined || profile.type === "Unconfined") return { host: [], process: [] };
  if (!facts.enabled) throw cannotEnforce(container, "AppArmor is not enabled on the host");
  // A privileged container has no default to fall back to; a profile by name counts for it too (as in containerd).
  const byName = profile.type === "Localhost";
  if (!byName && container.securityContext?.privileged === true) return { host: [], process: [] };
  const name = byName ? (profile.localhostProfile ?? "") : DEFAULT_PROFILE;
  const loaded = facts.loaded().includes(name);
  if (byName && !loaded) throw cannotEnforce(container, `profile ${JSON.stringify(name)} is not loaded`);
  return {
    host: loaded ? [] : [{ op: "apparmor-load", profile: name, text: DEFAULT_PROFILE_TEXT }],
    process: [{ op: "proc-write", path: "self/attr/apparmor/exec", data: `exec ${name}` }],
  };
}

function cannotEnforce({ name }: Container, why: string): TspodError {
  return new TspodError({
    code: "TS3341",
    message: `container ${name}: Cannot enforce AppArmor: ${why}`,
    hint: why.startsWith("profile")
      ? "`apparmor_parser -r FILE` loads one; /sys/kernel/security/apparmor/profiles lists them"
      : "leave appArmorProfile out on this machine, or set its type to Unconfined",
    exitCode: ExitCode.hostNotAble,
  });
}
