import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Fact } from "./fact.ts";
import { bridgesOfTspod, type Network } from "./network.ts";
import { isOwnPath, ownerOf, type Scope } from "./scope.ts";

/** Mounts that a pod of the scope could have left in this mount namespace. */
export function mountFacts(scope: Scope): Fact[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .trim()
    .split("\n")
    .flatMap((line): Fact[] => {
      const [front = "", back = ""] = line.split(" - ");
      const mountPoint = front.split(" ")[4] ?? "";
      const [type, source, options = ""] = back.split(" ");
      const own =
        isOwnPath(scope, mountPoint) ||
        options.includes(`=${scope.lib}/`) ||
        options.includes(`=${scope.run}/`);
      if (!own && isSomebodyElses(mountPoint)) return [];
      return [
        { kind: "mount", id: front.split(" ")[0] as string, text: `${type} ${source} on ${mountPoint}` },
      ];
    });
}

/** Where other programs, and tspods of other roots, mount things while a test runs. */
function isSomebodyElses(mountPoint: string): boolean {
  return /^\/(tmp|var\/tmp|media|mnt|snap|run\/(user|docker|containerd|containers|netns|snapd|credentials|tspod)|var\/lib\/(docker|containers|containerd|snapd|lxc|lxcfs|tspod))(\/|$)/.test(
    mountPoint,
  );
}

/** Cgroups of the scope, in every hierarchy. */
export function cgroupFacts(scope: Scope): Fact[] {
  const facts: Fact[] = [];
  const walk = (folder: string, own: boolean) => {
    let entries: string[];
    try {
      entries = readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name);
    } catch {
      return; // removed while we looked
    }
    for (const name of entries) {
      const isOwn = own || ownerOf(scope, name) === "mine";
      const path = join(folder, name);
      if (isOwn) facts.push({ kind: "cgroup", id: path, text: path });
      walk(path, isOwn);
    }
  };
  walk("/sys/fs/cgroup", false);
  return facts;
}

/** Images and layers stay: they are what a second run is fast by. */
const keptFolders = ["images", "layers"];

/** What a root keeps between pods: which address was given out last, so that the next pod gets another, and a lock. */
const standingFiles = ["network/lock", "network/addresses", "network/addresses/last"];

/** Files below the folders of the root; not those two folders' first level, which a first command makes. */
export function fileFacts(scope: Scope): Fact[] {
  return [scope.run, scope.lib, scope.logs].flatMap((top) => {
    let entries: { parentPath: string; name: string; isDirectory(): boolean }[] = [];
    try {
      entries = readdirSync(top, { recursive: true, withFileTypes: true });
    } catch {}
    return entries.flatMap((entry): Fact[] => {
      const path = join(entry.parentPath, entry.name);
      const [first, second] = relative(top, path).split("/");
      const kept = top === scope.lib && keptFolders.includes(first as string);
      const standing =
        (second === undefined && entry.isDirectory() && top !== scope.logs) ||
        (top === scope.run && standingFiles.includes(relative(top, path)));
      return kept || standing ? [] : [{ kind: "file", id: path, text: path }];
    });
  });
}

/** Settings of the host that tspod may change, with their values. */
export function sysctlFacts(network: Network): Fact[] {
  const interfaces = readdirSync("/proc/sys/net/ipv4/conf").filter((name) =>
    /^(lo|default|e(th|n)\w*)$/.test(name),
  );
  const keys = interfaces.flatMap((name) => [`conf/${name}/forwarding`, `conf/${name}/route_localnet`]);
  const facts = ["ip_forward", "conf/all/forwarding", "conf/all/route_localnet", ...keys].map((key): Fact => {
    const value = readFileSync(`/proc/sys/net/ipv4/${key}`, "utf8").trim();
    const name = `net.ipv4.${key.replaceAll("/", ".")}`;
    return { kind: "sysctl", id: `${name}=${value}`, text: `${name} = ${value}` };
  });
  // Forwarding is the host's, shared by all roots: only the last of them can put it back. One may have come since the
  // network was listed. Writing ip_forward writes every interface's forwarding too.
  const others = [...bridgesOfTspod(network), ...readdirSync("/sys/class/net").filter(isBridgeOfTspod)];
  const isShared = ({ text }: Fact) => /forward|conf\.all\./.test(text);
  return others.length === 0 ? facts : facts.filter((fact) => !isShared(fact));
}

const isBridgeOfTspod = (name: string) => name.startsWith("tspod");

/** System V shared memory of the host whose creator has ended: a pod's should be in its own IPC namespace. */
export function shmFacts(): Fact[] {
  return readFileSync("/proc/sysvipc/shm", "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => !isAlive(fields[4] as string))
    .map((fields) => ({
      kind: "shm",
      id: fields[1] as string,
      text: `segment ${fields[1]}, ${fields[3]} bytes`,
    }));
}

function isAlive(pid: string): boolean {
  try {
    readFileSync(`/proc/${pid}/stat`);
    return true;
  } catch {
    return false;
  }
}
