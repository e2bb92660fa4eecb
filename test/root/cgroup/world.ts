import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect } from "vitest";
import {
  type CgroupLayout,
  type ContainerCgroups,
  containerCgroupOps,
  type PodCgroups,
  podCgroup,
  podCgroupOps,
  podCgroupRemovalOps,
} from "../../../src/cgroup/index.ts";
import {
  createCgroup,
  removeCgroup,
  removeCgroupIfEmpty,
  writeCgroup,
} from "../../../src/kernel/cgroup-fs.ts";
import { detectCgroups } from "../../../src/kernel/host-facts/cgroups.ts";
import { loadAddon } from "../../../src/kernel/load-addon.ts";
import type { PodSpec } from "../../../src/manifest/index.ts";
import type { HostOp } from "../../../src/plan/host-op.ts";
import { eventually } from "../../support/tspod.ts";

export const layout = detectCgroups();
const host = { memoryBytes: 2 ** 34, processLimit: 32_768, oomScoreAdj: 0, sysResource: false };

/** Every root a cgroup of ours could be in. */
const roots = [...new Set([layout.unified, ...Object.values(layout.v1)])].filter((root) => root !== "");

const made: { layout: CgroupLayout; name: string; uid: string }[] = [];
const children: ChildProcess[] = [];

/** Carries cgroup ops out, as the engine does. */
export function carryOut(ops: readonly HostOp[]): void {
  for (const op of ops) {
    switch (op.op) {
      case "cgroup-create":
        createCgroup(op.path, op.shared);
        break;
      case "cgroup-set":
        writeCgroup(op.path, op.value);
        break;
      case "cgroup-devices-bpf":
        attach(op.path, op.program);
        break;
      case "cgroup-remove":
        removeCgroup(op.path);
        break;
      case "cgroup-remove-if-empty":
        removeCgroupIfEmpty(op.path);
        break;
      default:
        throw new Error(op.op);
    }
  }
}

function attach(path: string, program: string): void {
  const addon = loadAddon();
  const fd = openSync(path, "r");
  try {
    addon.bpfCgroupDevice(fd, Buffer.from(program, "hex"));
  } finally {
    closeSync(fd);
  }
}

export interface World {
  name: string;
  uid: string;
  pod: PodCgroups;
  path: string;
  container(index: number, attempt?: number): ContainerCgroups;
}

/** A pod's cgroups on this machine, in a top folder of the test's own. All gone after the test. */
export function pod(spec: PodSpec, of: CgroupLayout = layout): World {
  const name = `tspodtest${randomBytes(4).toString("hex")}`;
  const uid = "0f1e";
  made.push({ layout: of, name, uid });
  const input = { layout: of, name, uid, spec };
  const ops = podCgroupOps({ ...input, host });
  carryOut(ops.hostOps);
  return {
    name,
    uid,
    pod: ops,
    path: podCgroup(name, uid),
    container(index, attempt = 0) {
      const one = spec.containers[index];
      if (one === undefined) throw new Error(`container ${index}`);
      const leaf = containerCgroupOps({ ...input, container: one, attempt });
      carryOut(leaf.hostOps);
      return leaf;
    },
  };
}

/** Runs a shell program in a container's cgroups: it enters them itself, as the helper does. */
export function runIn({ enter }: ContainerCgroups, script: string): ChildProcess {
  const files = [...enter.tasks, ...(enter.directory === "" ? [] : [`${enter.directory}/cgroup.procs`])];
  const entering = files.map((file) => `echo 0 > ${file}`).join(" && ");
  const child = spawn("/bin/busybox", ["sh", "-c", `{ ${entering}; } || exit 99; ${script}`], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: "/bin:/usr/bin" },
  });
  children.push(child);
  return child;
}

/** Runs it to its end. */
export async function outcome(
  child: ChildProcess,
): Promise<{ code: number | null; signal: string | null; output: string }> {
  let output = "";
  child.stdout?.on("data", (data) => {
    output += data;
  });
  child.stderr?.on("data", (data) => {
    output += data;
  });
  return new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal, output })));
}

/** Waits for something, without a busy loop. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  await eventually(holds, { what });
}

export function read(path: string): string {
  return readFileSync(path, "utf8").trim();
}

/** Top folders of the test's own that are still there. */
export function left(name: string): string[] {
  return roots.map((root) => join(root, name)).filter(existsSync);
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const { layout: of, name, uid } of made.splice(0)) {
    carryOut(podCgroupRemovalOps(of, name, uid));
    for (const folder of left(name)) expect.fail(`left behind: ${folder}: ${readdirSync(folder).join(" ")}`);
  }
});
