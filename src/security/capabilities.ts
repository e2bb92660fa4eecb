import { TspodError } from "../errors/tspod-error.ts";
import type { Capabilities, Container, PodSpec } from "../manifest/index.ts";
import { nearest } from "./nearest.ts";

/** Every capability of Linux (include/uapi/linux/capability.h); the place is the number. */
export const capabilityNames = [
  "CHOWN",
  "DAC_OVERRIDE",
  "DAC_READ_SEARCH",
  "FOWNER",
  "FSETID",
  "KILL",
  "SETGID",
  "SETUID",
  "SETPCAP",
  "LINUX_IMMUTABLE",
  "NET_BIND_SERVICE",
  "NET_BROADCAST",
  "NET_ADMIN",
  "NET_RAW",
  "IPC_LOCK",
  "IPC_OWNER",
  "SYS_MODULE",
  "SYS_RAWIO",
  "SYS_CHROOT",
  "SYS_PTRACE",
  "SYS_PACCT",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_NICE",
  "SYS_RESOURCE",
  "SYS_TIME",
  "SYS_TTY_CONFIG",
  "MKNOD",
  "LEASE",
  "AUDIT_WRITE",
  "AUDIT_CONTROL",
  "SETFCAP",
  "MAC_OVERRIDE",
  "MAC_ADMIN",
  "SYSLOG",
  "WAKE_ALARM",
  "BLOCK_SUSPEND",
  "AUDIT_READ",
  "PERFMON",
  "BPF",
  "CHECKPOINT_RESTORE",
] as const;

/** What a container gets when its manifest says nothing: the same 14 as under containerd and Docker. */
export const defaultCapabilities: bigint = maskOf([
  "CHOWN",
  "DAC_OVERRIDE",
  "FSETID",
  "FOWNER",
  "MKNOD",
  "NET_RAW",
  "SETGID",
  "SETUID",
  "SETFCAP",
  "SETPCAP",
  "NET_BIND_SERVICE",
  "SYS_CHROOT",
  "KILL",
  "AUDIT_WRITE",
]);

/** All capabilities this page knows. */
export const allCapabilities: bigint = (1n << BigInt(capabilityNames.length)) - 1n;

/** The bit of one capability, with or without `CAP_`; undefined for a name that is none. */
export function capabilityBit(name: string): bigint | undefined {
  const index = (capabilityNames as readonly string[]).indexOf(name.toUpperCase().replace(/^CAP_/, ""));
  return index === -1 ? undefined : 1n << BigInt(index);
}

/** Names in a mask, without `CAP_`; numbers for bits newer than this page. */
export function namesOf(mask: bigint): string[] {
  const names: string[] = [];
  for (let bit = 0; mask >> BigInt(bit) > 0n; bit++) {
    if ((mask >> BigInt(bit)) & 1n) names.push(capabilityNames[bit] ?? String(bit));
  }
  return names;
}

/**
 * The capabilities of a container: everything for a privileged one; else the default set, `add` and then
 * `drop`, where ALL stands for every one and an added one outlives `drop: [ALL]` (as in containerd's CRI).
 * `available` is what this host's root has; what is wanted beyond it is named in a warning.
 */
export function containerCapabilities(
  container: Container,
  available: bigint,
): { mask: bigint; warnings: string[] } {
  const privileged = container.securityContext?.privileged === true;
  const wanted = privileged ? allCapabilities | available : combine(container.securityContext?.capabilities);
  const missing = wanted & ~available;
  // Of the default set no one has asked by name: what root itself lacks there is not worth a line.
  const asked = privileged ? missing : missing & addedByName(container.securityContext?.capabilities);
  const warnings =
    asked === 0n
      ? []
      : [
          `container ${container.name}: ${privileged ? "privileged, but " : ""}this host's root lacks ` +
            `${namesOf(asked).join(", ")}, so the container does too`,
        ];
  return { mask: wanted & available, warnings };
}

/**
 * What a pod's containers can have at most: what root has on this host, or, in a user namespace of the pod's own,
 * everything, since there it counts for nothing else.
 */
export function availableCapabilities(spec: Pick<PodSpec, "hostUsers">, host: bigint): bigint {
  return spec.hostUsers === false ? allCapabilities | host : host;
}

function combine(change: Capabilities | undefined): bigint {
  const add = change?.add ?? [];
  const drop = change?.drop ?? [];
  let mask = add.some(isAll) ? allCapabilities : defaultCapabilities;
  if (drop.some(isAll)) mask = 0n;
  for (const name of add) mask |= isAll(name) ? 0n : known(name);
  for (const name of drop) mask &= isAll(name) ? mask : ~known(name);
  return mask;
}

function addedByName(change: Capabilities | undefined): bigint {
  return (change?.add ?? []).reduce((mask, name) => mask | (isAll(name) ? allCapabilities : known(name)), 0n);
}

function isAll(name: string): boolean {
  return name.toUpperCase() === "ALL";
}

function known(name: string): bigint {
  const bit = capabilityBit(name);
  if (bit !== undefined) return bit;
  const near = nearest(name.toUpperCase().replace(/^CAP_/, ""), capabilityNames);
  throw new TspodError({
    code: "TS3301",
    message: `${JSON.stringify(name)} is not a Linux capability`,
    hint:
      near === undefined
        ? "see capabilities(7) for the names, written without CAP_"
        : `did you mean ${near}?`,
    exitCode: 2,
  });
}

function maskOf(names: readonly string[]): bigint {
  return names.reduce((mask, name) => mask | (capabilityBit(name) ?? 0n), 0n);
}
