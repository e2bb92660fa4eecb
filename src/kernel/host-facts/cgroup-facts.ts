import { type CgroupLayout, type Controller, controllerHome } from "../../cgroup/layout.ts";
import { detectCgroups } from "./cgroups.ts";
import type { HostFact } from "./fact.ts";
import type { FactSource } from "./source.ts";

const modes: Record<CgroupLayout["mode"], string> = {
  v2: "v2",
  v1: "v1: pods are tracked and killed by signals",
  hybrid: "hybrid: the v2 tree tracks and kills, v1 controllers limit",
  none: "not mounted",
};

const effects: [Controller, string][] = [
  ["cpu", "CPU limits and requests"],
  ["memory", "memory limits"],
  ["pids", "limits of processes"],
];

/** How cgroups are mounted here, and which limits can be enforced. */
export function cgroupFacts(source: FactSource): HostFact[] {
  const layout = detectCgroups(source);
  const facts: HostFact[] = [
    {
      id: "cgroup.mode",
      ok: layout.mode !== "none",
      level: "error",
      title: "cgroups",
      detail: modes[layout.mode] + (layout.unified === "" ? "" : ` (v2 at ${layout.unified})`),
      hint: layout.mode === "none" ? "mount them: mount -t cgroup2 none /sys/fs/cgroup" : "",
    },
  ];
  for (const [controller, effect] of effects) facts.push(controllerFact(layout, controller, effect));
  facts.push(deviceFact(layout), swapFact(layout));
  const inner = innerProcesses(source, layout);
  return inner === undefined ? facts : [...facts, inner];
}

function controllerFact(layout: CgroupLayout, controller: Controller, effect: string): HostFact {
  const home = controllerHome(layout, controller);
  return {
    id: `cgroup.${controller}`,
    ok: home !== undefined,
    level: "warning",
    title: `cgroup controller ${controller}`,
    detail: home === undefined ? "not there" : `v${home.version} at ${home.root}`,
    hint: home === undefined ? `${effect} are not enforced (each pod that has some says so)` : "",
  };
}

function deviceFact(layout: CgroupLayout): HostFact {
  const ok = layout.v1.devices !== undefined || layout.unified !== "";
  return {
    id: "cgroup.devices",
    ok,
    level: "warning",
    title: "access to devices",
    detail:
      layout.v1.devices === undefined
        ? ok
          ? "by a BPF program on v2"
          : "cannot be limited"
        : `v1 at ${layout.v1.devices}`,
    hint: ok ? "" : "a container that may make device nodes may open any device of this host",
  };
}

function swapFact(layout: CgroupLayout): HostFact {
  return {
    id: "cgroup.swap",
    ok: layout.swapLimit,
    level: "info",
    title: "swap accounting",
    detail: layout.swapLimit ? "on: pods do not swap" : "off",
    hint: layout.swapLimit ? "" : "where this host has swap, pods may use it beyond their memory limit",
  };
}

/** In a container of its own, tspod may sit in the root of its v2 tree, and then controllers cannot be handed down. */
function innerProcesses(source: FactSource, layout: CgroupLayout): HostFact | undefined {
  if (layout.mode !== "v2") return undefined;
  // Only the true root has no cgroup.type, and only it may have processes beside children with controllers.
  const folder = layout.unified;
  if (!source.exists(`${folder}/cgroup.type`) || !source.read(`${folder}/cgroup.procs`)?.trim())
    return undefined;
  return {
    id: "cgroup.root",
    ok: false,
    level: "error",
    title: "root of the cgroup tree",
    detail: `${folder} is not the host's root and has processes in it`,
    hint: `move them to a child first: mkdir ${folder}/init && xargs -n1 < ${folder}/cgroup.procs > ${folder}/init/cgroup.procs`,
  };
}
