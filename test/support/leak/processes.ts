import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Fact } from "./fact.ts";
import { ownerOf, type Scope } from "./scope.ts";

interface Process {
  pid: number;
  parent: number;
  /** With the pid, what names a process for good. */
  startTime: string;
  comm: string;
  cgroups: string[];
  exe: string;
}

const namespaceKinds = ["net", "ipc", "uts", "pid", "mnt", "user", "cgroup"];

/** The processes of the scope, and the namespaces they hold. */
export function processFacts(scope: Scope): Fact[] {
  const all = listProcesses();
  const byPid = new Map(all.map((process) => [process.pid, process]));
  const seenMounts = new Map<string, boolean>();
  const own = all.filter(
    (process) =>
      process.pid !== globalThis.process.pid &&
      (isTestsChild(process, byPid) || isOwn(scope, process) || mountsOwnFiles(scope, process, seenMounts)),
  );
  return [...own.map(processFact), ...namespaceFacts(own), ...descriptorFacts()];
}

function processFact({ pid, startTime, comm, exe, cgroups }: Process): Fact {
  return {
    kind: "process",
    id: `${pid}@${startTime}`,
    text: `${pid} ${comm} (${exe || "no executable"}; ${cgroups.at(-1) ?? "no cgroup"})`,
  };
}

function listProcesses(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        // The kernel's own threads are children of number 2.
        if (fields[0] === "Z" || name === "2" || fields[1] === "2") return [];
        return [
          {
            pid: Number(name),
            parent: Number(fields[1]),
            startTime: fields[19] as string,
            comm: stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")")),
            cgroups: readFileSync(`/proc/${name}/cgroup`, "utf8")
              .trim()
              .split("\n")
              .map((line) => line.split(":").slice(2).join(":")),
            exe: linkOr(`/proc/${name}/exe`),
          },
        ];
      } catch {
        return []; // it ended while we looked
      }
    });
}

function linkOr(path: string, otherwise = ""): string {
  try {
    return readlinkSync(path);
  } catch {
    return otherwise;
  }
}

/** A command the test started, or what came of it, as long as the chain of parents holds. */
function isTestsChild(process: Process, byPid: Map<number, Process>): boolean {
  let at: Process | undefined = process;
  for (let depth = 0; at !== undefined && depth < 64; depth++) {
    if (at.parent === globalThis.process.pid) return !isOfTheRunner(process);
    at = byPid.get(at.parent);
  }
  return false;
}

/** The test runner's own helpers live as long as it does. */
function isOfTheRunner(process: Process): boolean {
  return process.comm.startsWith("esbuild");
}

/** In a cgroup of the scope, marked by the environment of `TspodRoot`, or tspod's helper in no root's cgroup. */
function isOwn(scope: Scope, process: Process): boolean {
  const owners = process.cgroups.flatMap((path) => path.split("/").map((name) => ownerOf(scope, name)));
  if (owners.includes("mine")) return true;
  if (owners.includes("other")) return false;
  return (
    hasMark(scope, process.pid) || (process.exe.startsWith("/memfd:tspod") && isEscapedHelper(scope, process))
  );
}

/**
 * tspod's helper in no root's cgroup: ours when it has files of ours open. Where nobody else is at work (CI), any.
 */
function isEscapedHelper(scope: Scope, process: Process): boolean {
  if (globalThis.process.env.CI !== undefined) return true;
  return openFiles(process.pid).some(
    (path) => path.startsWith(`${scope.run}/`) || path.startsWith(`${scope.logs}/`),
  );
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => linkOr(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

/** The environment variable that marks every command run through `TspodRoot`. */
export const markVariable = "TSPOD_TEST_ROOT";

function hasMark(scope: Scope, pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").includes(`${markVariable}=${scope.root}\0`);
  } catch {
    return false;
  }
}

const ownMounts = readlinkSync("/proc/self/ns/mnt");

/** In a mount namespace of its own whose mounts come from the scope's folders: a container, whatever its cgroup. */
function mountsOwnFiles(scope: Scope, process: Process, seen: Map<string, boolean>): boolean {
  const namespace = linkOr(`/proc/${process.pid}/ns/mnt`);
  if (namespace === "" || namespace === ownMounts) return false;
  const known = seen.get(namespace);
  if (known !== undefined) return known;
  let mounts = "";
  try {
    mounts = readFileSync(`/proc/${process.pid}/mountinfo`, "utf8");
  } catch {}
  const found = [scope.lib, scope.run].some((folder) => isMounted(mounts, folder));
  seen.set(namespace, found);
  return found;
}

/** Whether a mountinfo shows something of a folder: by its path, or by its place in its file system, as for binds. */
function isMounted(mountinfo: string, folder: string): boolean {
  if (mountinfo.includes(`${folder}/`)) return true;
  const { device, path } = placeOf(folder);
  return mountinfo.split("\n").some((line) => {
    const [, , from, root = ""] = line.split(" ");
    return from === device && root.startsWith(`${path}/`);
  });
}

/** Device and path within it of a path: /tmp may be a file system of its own. */
function placeOf(path: string): { device: string; path: string } {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" "))
    .map(([, , device = "", root = "", point = ""]) => ({ device, root, point: point.replace(/\/$/, "") }))
    .filter(({ point }) => path.startsWith(`${point}/`));
  // Later mounts cover earlier ones of the same point.
  const { device, root, point } = mounts.reduce(
    (best, each) => (each.point.length >= best.point.length ? each : best),
    { device: "", root: "/", point: "" },
  );
  return { device, path: `${root.replace(/\/$/, "")}${path.slice(point.length)}` };
}

function namespaceFacts(processes: Process[]): Fact[] {
  const holders = new Map<string, number[]>();
  for (const { pid } of processes) {
    for (const kind of namespaceKinds) {
      const link = linkOr(`/proc/${pid}/ns/${kind}`);
      if (link === "" || link === linkOr(`/proc/self/ns/${kind}`)) continue;
      holders.set(link, [...(holders.get(link) ?? []), pid]);
    }
  }
  return [...holders].map(([link, pids]) => ({
    kind: "namespace",
    id: link,
    text: `${link} of ${pids.join(", ")}`,
  }));
}

/** Namespaces that this very process keeps alive through a descriptor. */
function descriptorFacts(): Fact[] {
  return readdirSync("/proc/self/fd")
    .map((fd) => ({ fd, target: linkOr(`/proc/self/fd/${fd}`) }))
    .filter(({ target }) => /^(net|ipc|uts|pid|mnt|user|cgroup|time):\[/.test(target))
    .map(({ fd, target }) => ({
      kind: "namespace",
      id: `fd ${target}`,
      text: `${target} held by descriptor ${fd} of the test`,
    }));
}
