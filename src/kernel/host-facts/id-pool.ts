import { type IdPoolFacts, type IdRange, RANGE_SIZE } from "../../security/id-range.ts";
import { parseIdMap } from "../namespaces.ts";
import { type FactSource, hostSource } from "./source.ts";

/** What of the host decides which ids pods with `hostUsers: false` get. */
export function readIdPool(source: FactSource = hostSource): IdPoolFacts {
  const subuid = subordinate(source, "/etc/subuid");
  const subgid = subordinate(source, "/etc/subgid");
  const ofTspod = ({ name }: Subordinate) => name === "tspod";
  const gids = subgid.filter(ofTspod);
  return {
    own: subuid
      .filter(ofTspod)
      .filter((range) => gids.some(({ first, size }) => first === range.first && size === range.size))
      .map(({ first, size }) => ({ first, size })),
    others: [
      ...[...subuid, ...subgid].filter((range) => !ofTspod(range)),
      ...["/etc/passwd", "/etc/group"].flatMap((file) => ids(source, file)),
    ].map(({ first, size }) => ({ first, size })),
    mapped: parseIdMap(source.read("/proc/self/uid_map") ?? "").map(({ inside, size }) => ({
      first: inside,
      size,
    })),
    maxUserNamespaces: Number(source.read("/proc/sys/user/max_user_namespaces") ?? "0"),
  };
}

/**
 * First ids of the ranges that processes have: of pods of other roots, and of other programs that forgot to say so in
 * /etc/subuid.
 */
export function idRangesInUse(source: FactSource = hostSource): number[] {
  return (
    source
      .list("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => parseIdMap(source.read(`/proc/${pid}/uid_map`) ?? ""))
      // Whole machines (tspod's own namespace, others' with all ids) are no ranges.
      .filter(({ outside, size }) => outside > 0 && size <= 1 << 24)
      .flatMap(({ outside, size }) => {
        const from = Math.floor(outside / RANGE_SIZE);
        const to = Math.floor((outside + size - 1) / RANGE_SIZE);
        return Array.from({ length: to - from + 1 }, (_, index) => (from + index) * RANGE_SIZE);
      })
  );
}

interface Subordinate extends IdRange {
  name: string;
}

/** subuid(5): `name:first:count`. */
function subordinate(source: FactSource, file: string): Subordinate[] {
  return fields(source, file).flatMap(([name = "", first, size]) =>
    isNumber(first) && isNumber(size) ? [{ name, first: Number(first), size: Number(size) }] : [],
  );
}

/** passwd(5), group(5): the third field. */
function ids(source: FactSource, file: string): IdRange[] {
  return fields(source, file).flatMap(([, , id]) => (isNumber(id) ? [{ first: Number(id), size: 1 }] : []));
}

function isNumber(text: string | undefined): boolean {
  return /^\d+$/.test(text ?? "");
}

function fields(source: FactSource, file: string): string[][] {
  return (source.read(file) ?? "").split("\n").map((line) => line.split(":"));
}
