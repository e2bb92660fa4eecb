import { readFileSync } from "node:fs";
import { availableParallelism, hostname, totalmem } from "node:os";
import { type CgroupLayout, v1Roots } from "../cgroup/index.ts";
import {
  appArmorEnabled,
  appArmorProfiles,
  detectCgroups,
  hostDevices,
  swapCanBeAvoided,
  throttleFolders,
} from "../kernel/host-facts/index.ts";
import type { MachineFacts } from "../plan/machine-facts.ts";
import type { CgroupMounts } from "../plan/root-mounts.ts";
import { type Rlimit, rlimitNames, unlimited } from "../security/index.ts";
import { readBootId } from "./boot.ts";

/** What plans need to know of this machine, read from /proc and /sys. */
export function readMachineFacts(): MachineFacts {
  const layout = detectCgroups();
  const memory = totalmem();
  const capabilities = permittedCapabilities();
  return {
    nodeName: hostname(),
    bootId: readBootId(),
    layout,
    cgroupMounts: cgroupMounts(layout),
    cgroupHost: {
      memoryBytes: memory,
      processLimit: Math.min(
        readNumber("/proc/sys/kernel/pid_max"),
        readNumber("/proc/sys/kernel/threads-max"),
      ),
      oomScoreAdj: readNumber("/proc/self/oom_score_adj"),
      sysResource: (capabilities & (1n << 24n)) !== 0n,
    },
    cpuMilli: BigInt(availableParallelism()) * 1000n,
    memoryBytes: BigInt(memory),
    capabilities,
    rlimits: ownRlimits(),
    throttleFolders: throttleFolders(),
    devices: () => hostDevices(),
    noSwap: () => swapCanBeAvoided(),
    appArmor: { enabled: appArmorEnabled(), loaded: () => appArmorProfiles() },
  };
}

/** Containers see the hierarchies that hold them, each from its own cgroup down. */
function cgroupMounts(layout: CgroupLayout): CgroupMounts {
  const mounts = new Map<string, string[]>();
  const roots = v1Roots(layout, []);
  for (const [controller, root] of Object.entries(layout.v1)) {
    // Where a container has no leaf it is in the host's own cgroup, and that it must not see.
    if (!roots.includes(root)) continue;
    mounts.set(root, [...(mounts.get(root) ?? []), controller]);
  }
  if (mounts.size === 0) return { mode: "v2" };
  return {
    mode: "v1",
    controllers: [...mounts.values()].map((names) => names.join(",")),
    unified: layout.unified !== "",
  };
}

function permittedCapabilities(): bigint {
  const line = /^CapPrm:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "latin1"));
  return BigInt(`0x${line?.[1] ?? "0"}`);
}

function readNumber(file: string): number {
  return Number(readFileSync(file, "latin1"));
}

/** /proc/self/limits: name, soft, hard, units, in columns. */
function ownRlimits(): (Rlimit | undefined)[] {
  const lines = readFileSync("/proc/self/limits", "latin1").split("\n");
  return rlimitNames.map((name) => {
    const line = lines.find((each) => each.startsWith(name));
    const values = line?.slice(26).trim().split(/\s+/);
    return values && { soft: readLimit(values[0]), hard: readLimit(values[1]) };
  });
}

function readLimit(text = "unlimited"): bigint {
  return text === "unlimited" ? unlimited : BigInt(text);
}
