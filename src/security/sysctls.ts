import { TspodError } from "../errors/tspod-error.ts";
import type { PodSpec } from "../manifest/index.ts";
import { dottedSysctl } from "../manifest/rules/sysctls.ts";
import type { ContainerOp } from "../plan/container-op.ts";

/** What Kubernetes calls safe: of the pod's own namespace, and of no effect beyond it. */
export const safeSysctls = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
] as const;

const validName = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const ipcNames = /^(kernel\.(shm[a-z_]*|msg[a-z_]*|sem)|fs\.mqueue\.[a-z_]+)$/;

/** What containerd sets in a pod's own network namespace, so that no capability is needed for port 80 or ping. */
const defaults: Record<string, string> = {
  "net.ipv4.ip_unprivileged_port_start": "0",
  "net.ipv4.ping_group_range": "0 2147483647",
};

/**
 * Writes for the holder, once its namespaces are there and it has a detached procfs: the runtime's defaults and
 * the manifest's `sysctls`. Throws TS3311 for one that is not of a namespace the pod owns: it would change the
 * host (CVE-2022-0811).
 */
export function sysctlOps(spec: PodSpec): ContainerOp[] {
  const wanted = new Map<string, string>();
  if (spec.hostNetwork !== true)
    for (const [name, value] of Object.entries(defaults)) wanted.set(name, value);
  // Group ids of the range must be mapped in the pod's user namespace.
  if (spec.hostUsers === false) wanted.set("net.ipv4.ping_group_range", "0 65535");
  for (const [index, { name, value }] of (spec.securityContext?.sysctls ?? []).entries()) {
    const field = `spec.securityContext.sysctls[${index}]`;
    const dotted = dottedName(name, field);
    refuse(dotted, spec, field);
    if (/[\n\0]/.test(value)) throw invalid(field, name, "a value is one line");
    wanted.set(dotted, value);
  }
  return [...wanted].map(([name, value]) => ({ op: "proc-write", path: `sys/${pathOf(name)}`, data: value }));
}

/** sysctl.d(5): when the first separator is a slash, dots are part of names (`net/ipv4/conf/eth0.1/forwarding`). */
function dottedName(name: string, field: string): string {
  if (!validName.test(name) || name.length > 253) {
    throw invalid(field, name, `must match ${validName.source.slice(1, -1)}`);
  }
  return dottedSysctl(name);
}

/**
 * Inside, names have dots as separators and a slash for a dot within a component; paths have it the other way
 * round.
 */
function pathOf(dotted: string): string {
  return dotted.replace(/[./]/g, (separator) => (separator === "." ? "/" : "."));
}

function refuse(name: string, spec: PodSpec, field: string): void {
  if (name.startsWith("net.")) {
    if (spec.hostNetwork === true)
      throw forbidden(field, `${JSON.stringify(name)} not allowed with host net enabled`);
    return;
  }
  if (ipcNames.test(name)) {
    if (spec.hostIPC === true)
      throw forbidden(field, `${JSON.stringify(name)} not allowed with host ipc enabled`);
    return;
  }
  throw forbidden(field, `${JSON.stringify(name)} is not of a namespace: it would change the host`);
}

function forbidden(field: string, why: string): TspodError {
  return new TspodError({
    code: "TS3311",
    message: `${field}: forbidden sysctl: ${why}`,
    hint: `allowed are net.*, kernel.shm*, kernel.msg*, kernel.sem and fs.mqueue.*; Kubernetes itself allows without configuration only ${safeSysctls.join(", ")}`,
    exitCode: 2,
  });
}

function invalid(field: string, name: string, why: string): TspodError {
  return new TspodError({
    code: "TS3312",
    message: `${field}.name: Invalid value: ${JSON.stringify(name)}: ${why}`,
    exitCode: 2,
  });
}
