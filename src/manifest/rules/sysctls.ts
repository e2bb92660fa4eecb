import type { PodSpec } from "../gen/types.ts";
import type { Check } from "./check.ts";

const SEGMENT = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const NAME = `(${SEGMENT}[\\./])*${SEGMENT}`;

const IPC = ["kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"];

/** The namespace a sysctl belongs to; undefined for those of the whole machine. */
export function sysctlNamespace(name: string): "ipc" | "net" | undefined {
  if (IPC.includes(name) || name.startsWith("kernel.msg") || name.startsWith("fs.mqueue.")) return "ipc";
  return name.startsWith("net.") ? "net" : undefined;
}

/**
 * The dotted name of a sysctl. A slash may be written for a dot (`net/ipv4/ip_forward`); then dots belong to a name
 * itself (`net/ipv4/conf/eth0.1`), as in sysctl(8).
 */
export function dottedSysctl(name: string): string {
  const firstSeparator = /[./]/.exec(name)?.[0];
  if (firstSeparator !== "/") return name;
  return name.replace(/[./]/g, (character) => (character === "/" ? "." : "/"));
}

/**
 * Rules for securityContext.sysctls. Beyond the API's: only sysctls of namespaces that the pod owns, by names and
 * values that cannot be anything else, because the value is written to a file below /proc/sys (CVE-2022-0811).
 */
export function checkSysctls(check: Check, spec: PodSpec): void {
  const names = new Set<string>();
  for (const [i, { name, value }] of (spec.securityContext?.sysctls ?? []).entries()) {
    const path = `spec.securityContext.sysctls[${i}]`;
    if (value !== undefined && /[^\x20-\x7e\t]/.test(value))
      check.invalid(`${path}.value`, value, "must be one line of printable characters");
    if (name === "") check.required(`${path}.name`);
    if (!name) continue;
    if (name.length > 253 || !new RegExp(`^${NAME}$`).test(name)) {
      check.invalid(`${path}.name`, name, `must have at most 253 characters and match regex ^${NAME}$`);
      continue;
    }
    const dotted = dottedSysctl(name);
    if (names.has(dotted)) check.duplicate(`${path}.name`, name);
    names.add(dotted);
    if (value?.includes("+") && dotted.startsWith("kernel."))
      check.invalid(`${path}.value`, value, "must be a plain value; '+' would join a second sysctl to it");
    const namespace = sysctlNamespace(dotted);
    if (namespace === undefined)
      check.forbidden(
        `${path}.name`,
        `sysctl "${name}" is not namespaced: it would change the whole machine`,
        {
          help: "namespaced are kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.* and net.*; set others on the host with sysctl -w",
        },
      );
    else if (namespace === "net" && spec.hostNetwork === true)
      check.invalid(`${path}.name`, name, "may not be specified when 'hostNetwork' is true");
    else if (namespace === "ipc" && spec.hostIPC === true)
      check.invalid(`${path}.name`, name, "may not be specified when 'hostIPC' is true");
  }
}
