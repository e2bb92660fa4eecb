import type { Container } from "../manifest/index.ts";
import type { ContainerOp } from "../plan/container-op.ts";
import { containerCapabilities } from "./capabilities.ts";

export interface ProcessSecurity {
  container: Container;
  user: { uid: number; gid: number; groups: number[] };
  /** Capabilities of this host's root: CapPrm of tspod itself. */
  available: bigint;
  /** struct sock_filter[] as hex, or "" for none (Unconfined, privileged). */
  seccompFilter: string;
  /** SECCOMP_FILTER_FLAG_*, 0 unless the profile has some. */
  seccompFlags?: number;
}

/**
 * The last ops before execve: bounding set, user, capabilities, no_new_privs and the seccomp filter. Inheritable
 * and ambient sets stay empty (CVE-2022-24769): a process that is not root gains capabilities from its file only.
 */
export function processSecurityOps(input: ProcessSecurity): { ops: ContainerOp[]; warnings: string[] } {
  const { container, user } = input;
  const { mask, warnings } = containerCapabilities(container, input.available);
  const noNewPrivs = container.securityContext?.allowPrivilegeEscalation === false;
  const filter: ContainerOp[] =
    input.seccompFilter === ""
      ? []
      : [{ op: "seccomp", flags: input.seccompFlags ?? 0, filter: input.seccompFilter }];
  const identity: ContainerOp[] = [
    { op: "user", uid: user.uid, gid: user.gid, groups: user.groups },
    { op: "caps", effective: mask, permitted: mask, inheritable: 0n, ambient: 0n },
  ];
  const ops: ContainerOp[] = [
    { op: "caps-bound", mask },
    // Without no_new_privs only CAP_SYS_ADMIN may load a filter, so it must come before that is dropped; with
    // it, the filter comes last, so that a profile need not allow what the set-up itself still does.
    ...(noNewPrivs ? [...identity, { op: "no-new-privs" } as const, ...filter] : [...filter, ...identity]),
  ];
  return { ops, warnings };
}
