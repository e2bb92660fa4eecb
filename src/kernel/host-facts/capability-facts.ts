import { allCapabilities, capabilityBit, namesOf } from "../../security/capabilities.ts";
import type { HostFact } from "./fact.ts";
import type { FactSource } from "./source.ts";

/** Without one of these no pod can be set up. */
const needed = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "KILL",
  "MKNOD",
  "NET_ADMIN",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_ADMIN",
  "SYS_CHROOT",
];

/** Whether we are root, and what of root this host's root lacks. */
export function capabilityFacts(source: FactSource): HostFact[] {
  const status = source.read("/proc/self/status") ?? "";
  const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1];
  const root: HostFact = {
    id: "user.root",
    ok: uid === "0",
    level: "error",
    title: "root",
    detail: uid === "0" ? "yes" : `user ${uid ?? "unknown"}`,
    hint: uid === "0" ? "" : "run it with sudo",
  };
  const permitted = BigInt(`0x${/^CapPrm:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  const last = Number(source.read("/proc/sys/kernel/cap_last_cap") ?? 40);
  const missing = allCapabilities & ((1n << BigInt(last + 1)) - 1n) & ~permitted;
  const fatal = needed.filter((name) => ((capabilityBit(name) ?? 0n) & missing) !== 0n);
  const capabilities: HostFact = {
    id: "user.capabilities",
    ok: missing === 0n,
    level: fatal.length > 0 ? "error" : "warning",
    title: "capabilities of root",
    detail: missing === 0n ? "all" : `all but ${namesOf(missing).join(", ")}`,
    hint: consequence(missing, fatal, openFiles(source)),
  };
  return [root, capabilities];
}

/** How many files a container can have open where limits cannot be raised: the hard limit of this very process. */
function openFiles(source: FactSource): string {
  return /^Max open files +\S+ +(\S+)/m.exec(source.read("/proc/self/limits") ?? "")?.[1] ?? "unknown";
}

function consequence(missing: bigint, fatal: readonly string[], files: string): string {
  if (missing === 0n) return "";
  if (fatal.length > 0) return `pods cannot be set up without ${fatal.join(", ")}`;
  const resource = (missing & (capabilityBit("SYS_RESOURCE") ?? 0n)) !== 0n;
  const effect = resource
    ? `hard limits cannot be raised (open files: ${files}) and oom_score_adj cannot be lowered; `
    : "";
  return `${effect}privileged containers lack what root lacks`;
}
