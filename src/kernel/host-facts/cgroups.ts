import { join } from "node:path";
import type { CgroupLayout, Controller } from "../../cgroup/layout.ts";
import { type FactSource, hostSource } from "./source.ts";

const controllers: readonly Controller[] = ["cpu", "cpuacct", "memory", "pids", "devices", "hugetlb"];

/** Finds the cgroup hierarchies from /proc/self/mountinfo (proc(5)). */
export function detectCgroups(source: FactSource = hostSource): CgroupLayout {
  let unified = "";
  const v1: Partial<Record<Controller, string>> = {};
  for (const line of (source.read("/proc/self/mountinfo") ?? "").split("\n")) {
    const [left = "", right = ""] = line.split(" - ");
    const target = unescapeMount(left.split(" ")[4] ?? "");
    const [type, , options = ""] = right.split(" ");
    if (type === "cgroup2") unified ||= target;
    if (type !== "cgroup") continue;
    const mounted = options.split(",");
    for (const controller of controllers) {
      if (mounted.includes(controller)) v1[controller] ??= target;
    }
  }
  const unifiedControllers = words(
    unified === "" ? undefined : source.read(join(unified, "cgroup.controllers")),
  );
  const hasV1 = Object.keys(v1).length > 0;
  const mode = unified === "" ? (hasV1 ? "v1" : "none") : hasV1 ? "hybrid" : "v2";
  return {
    mode,
    unified,
    unifiedControllers,
    v1,
    swapLimit:
      v1.memory === undefined
        ? unifiedSwap(source, unified)
        : source.exists(join(v1.memory, "memory.memsw.limit_in_bytes")),
    hugePageSizes: hugePageSizes(source),
    kill: unified !== "" && killFile(source),
  };
}

/** mountinfo writes space, tab, newline and backslash as octal. */
function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function words(text: string | undefined): string[] {
  return (text ?? "").split(/\s+/).filter((word) => word !== "");
}

/** The root has no memory.swap.max; any child with the controller shows whether the kernel accounts swap. */
function unifiedSwap(source: FactSource, unified: string): boolean {
  if (unified === "") return false;
  for (const name of source.list(unified)) {
    const child = join(unified, name);
    if (source.exists(join(child, "memory.current"))) return source.exists(join(child, "memory.swap.max"));
  }
  return source.exists("/proc/swaps");
}

/** cgroup.kill came with Linux 5.14 and is not in the root folder. */
function killFile(source: FactSource): boolean {
  const [major = 0, minor = 0] = (source.read("/proc/sys/kernel/osrelease") ?? "")
    .split(".")
    .map(Number.parseFloat);
  return major > 5 || (major === 5 && minor >= 14);
}

/** `hugepages-2048kB` → `2MB`, as the controller's files are named. */
function hugePageSizes(source: FactSource): string[] {
  return source.list("/sys/kernel/mm/hugepages").map((name) => {
    const kilobytes = Number.parseInt(name.replace("hugepages-", ""), 10);
    if (kilobytes >= 1 << 20) return `${kilobytes >> 20}GB`;
    return kilobytes >= 1024 ? `${kilobytes >> 10}MB` : `${kilobytes}KB`;
  });
}
