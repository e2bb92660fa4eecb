import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import {
  containerCgroupOps,
  containerCgroupRemovalOps,
  podCgroupOps,
  podCgroupRemovalOps,
} from "../../../src/cgroup/index.ts";
import { planResize } from "../../../src/cgroup/resize.ts";
import {
  createCgroup,
  removeCgroup,
  removeCgroupIfEmpty,
  writeCgroup,
} from "../../../src/kernel/cgroup-fs.ts";
import { cgroupUsage, oomKillCount } from "../../../src/kernel/cgroup-usage.ts";
import { detectCgroups } from "../../../src/kernel/host-facts/cgroups.ts";
import type { Container, PodSpec } from "../../../src/manifest/index.ts";
import type { HostOp } from "../../../src/plan/host-op.ts";

// Runs in a guest kernel (guest.test.ts) and prints what happened there, as one line of JSON.

const layout = detectCgroups();
const host = { memoryBytes: 5e8, processLimit: 32_768, oomScoreAdj: 0, sysResource: true };
const one = (name: string, cpu: string, memory: string) => ({ name, resources: { limits: { cpu, memory } } });
const spec: PodSpec = { containers: [one("a", "200m", "32Mi"), one("b", "500m", "64Mi")] };
const base = { layout, name: "tspod", uid: "u1", spec };

function carryOut(ops: readonly HostOp[]): void {
  for (const op of ops) {
    if (op.op === "cgroup-create") createCgroup(op.path, op.shared);
    if (op.op === "cgroup-set") writeCgroup(op.path, op.value);
    if (op.op === "cgroup-remove") removeCgroup(op.path);
    if (op.op === "cgroup-remove-if-empty") removeCgroupIfEmpty(op.path);
  }
}

const pod = podCgroupOps({ ...base, host });
carryOut(pod.hostOps);
const [a, b] = spec.containers.map((container) => {
  const leaf = containerCgroupOps({ ...base, container, attempt: 0 });
  carryOut(leaf.hostOps);
  return leaf;
});
if (a === undefined || b === undefined) throw new Error("no containers");

const within = (leaf: typeof a, script: string): string[] => {
  const files = [
    ...leaf.enter.tasks,
    ...(leaf.enter.directory === "" ? [] : [`${leaf.enter.directory}/cgroup.procs`]),
  ];
  return ["sh", "-c", `${files.map((file) => `echo 0 > ${file}`).join(" && ")} || exit 99; ${script}`];
};

const hog = "dd if=/dev/zero of=/dev/null bs=64M count=1; echo survived";
const killed = spawnSync("/bin/busybox", within(a, hog), { encoding: "utf8" });
const busy = spawn("/bin/busybox", within(b, "while :; do :; done"), { stdio: "ignore" });
await new Promise((resolve) => setTimeout(resolve, 2000));
const oomKills = oomKillCount(a.oomFile);
const usage = cgroupUsage(layout, "tspod/podu1/b-0");
const read = (file: string) => {
  try {
    return readFileSync(`${layout.unified}/tspod/podu1/${file}`, "utf8").trim();
  } catch {
    return "";
  }
};
const files = Object.fromEntries(
  ["cpu.weight", "cpu.max", "memory.max", "pids.max", "cgroup.subtree_control"].map((file) => [
    file,
    read(file),
  ]),
);
/** What the kernel has after `b` was given other limits while it runs; a write that it refuses ends the program. */
function resized(cpu: string, memory: string): Record<string, number[]> {
  const after: PodSpec = { containers: [spec.containers[0] as Container, one("b", cpu, memory)] };
  const from = { before: current, after, running: new Map([["b", 0]]), usage: { containers: new Map() } };
  carryOut(planResize({ ...base, host, ...from }).ops);
  current = after;
  const amount = (path: string) => cgroupUsage(layout, path).memoryLimitBytes ?? 0;
  return { pod: [amount("tspod/podu1")], b: [amount("tspod/podu1/b-0")] };
}
let current = spec;
const resizes = [resized("1", "128Mi"), resized("300m", "48Mi"), resized("300m", "80Mi")];
const container = spec.containers[0];
if (container !== undefined) carryOut(containerCgroupRemovalOps({ ...base, container, attempt: 0 }));
const ended = new Promise((resolve) => busy.on("exit", (_code, signal) => resolve(signal)));
carryOut(podCgroupRemovalOps(layout, "tspod", "u1"));

const report = {
  layout,
  warnings: [...pod.warnings, ...a.warnings],
  survived: killed.stdout.includes("survived"),
  signal: killed.signal,
  oomKills,
  throttled: (usage.throttledPeriods ?? 0) > 0,
  cpu: Number(usage.cpuNanoseconds ?? 0n) / 1e9,
  limit: usage.memoryLimitBytes,
  pids: usage.pids,
  files,
  resizes,
  ended: await ended,
  left: [layout.unified, ...Object.values(layout.v1)].filter(
    (root) => root !== "" && existsSync(`${root}/tspod`),
  ),
};
process.stdout.write(`\nREPORT ${JSON.stringify(report)}\n`);
