import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { uidMap } from "../kernel/namespaces.ts";
import { type IdPoolFacts, type IdRange, pickIdRange, RANGE_SIZE } from "../security/index.ts";
import type { Host } from "./host.ts";

/** Where the ranges in use are kept: a file each, named after its first id, holding the pod's uid; beside them `last`. */
export function idRangeDirectory(host: Host): string {
  return join(host.paths.run, "ids");
}

/**
 * The range of a pod with `hostUsers: false`: the one it has, else the next that is free. `id-range-hold` takes it by
 * creating its file exclusively.
 */
export function idRangeFor(host: Host, uid: string): IdRange {
  const directory = idRangeDirectory(host);
  const names = readable(() => host.kernel.listDirectory(directory), []).filter((name) => /^\d+$/.test(name));
  const facts = readIdPool();
  const own = names.find((name) => host.kernel.readFile(join(directory, name)) === uid);
  if (own !== undefined) return { first: Number(own), size: RANGE_SIZE };
  const last = readable(() => host.kernel.readFile(join(directory, "last")), undefined);
  return pickIdRange(facts, {
    taken: new Set([...names.map(Number), ...mapsInUse()]),
    last: last === undefined ? undefined : Number(last),
    start: hash(host.paths.rootId),
  });
}

/** Without root, for a look ahead, the folder may be out of reach; then it counts as empty. */
function readable<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    return otherwise;
  }
}

/** What of the host decides about ranges. */
export function readIdPool(): IdPoolFacts {
  const subuid = subordinate("/etc/subuid");
  const subgid = subordinate("/etc/subgid");
  const ofTspod = ({ name }: Subordinate) => name === "tspod";
  const gids = subgid.filter(ofTspod);
  return {
    own: subuid
      .filter(ofTspod)
      .filter((range) => gids.some(({ first, size }) => first === range.first && size === range.size)),
    others: [
      ...[...subuid, ...subgid].filter((range) => !ofTspod(range)),
      ...[...ids("/etc/passwd"), ...ids("/etc/group")].map((first) => ({ first, size: 1 })),
    ],
    mapped: uidMap("self").map(({ inside, size }) => ({ first: inside, size })),
    maxUserNamespaces: Number(readIfThere("/proc/sys/user/max_user_namespaces") || "0"),
  };
}

interface Subordinate extends IdRange {
  name: string;
}

/** subuid(5): `name:first:count`. */
function subordinate(file: string): Subordinate[] {
  return fields(file).flatMap(([name = "", first, size]) =>
    /^\d+$/.test(first ?? "") && /^\d+$/.test(size ?? "")
      ? [{ name, first: Number(first), size: Number(size) }]
      : [],
  );
}

function ids(file: string): number[] {
  return fields(file).map((line) => Number(line[2]));
}

function fields(file: string): string[][] {
  return readIfThere(file)
    .split("\n")
    .map((line) => line.split(":"));
}

/** Of pods of other roots, and of other programs that forgot to say so in /etc/subuid. */
function mapsInUse(): number[] {
  return (
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => uidMap(Number(pid)))
      .map(({ outside, size }) => ({ first: outside, size }))
      // Whole machines (tspod's own namespace, others' with all ids) are no ranges.
      .filter(({ first, size }) => first > 0 && size <= 1 << 24)
      .flatMap(({ first, size }) => {
        const from = Math.floor(first / RANGE_SIZE);
        const to = Math.floor((first + size - 1) / RANGE_SIZE);
        return Array.from({ length: to - from + 1 }, (_, index) => (from + index) * RANGE_SIZE);
      })
  );
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

/** FNV-1a: which range is first tried matters little, but roots should differ. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) {
    value = Math.imul(value ^ character.charCodeAt(0), 0x01000193) >>> 0;
  }
  return value;
}
