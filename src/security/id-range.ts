import { ExitCode, TspodError } from "../errors/tspod-error.ts";

/** Ids of one pod: what Kubernetes gives each, and what images can be expected to stay within. */
export const RANGE_SIZE = 65536;

/** Ids `first` to `first + size - 1`. */
export interface IdRange {
  first: number;
  size: number;
}

export interface IdPoolFacts {
  /** Ranges that /etc/subuid and /etc/subgid both give to the user `tspod`. */
  own: readonly IdRange[];
  /** What others have there, and the host's users and groups. */
  others: readonly IdRange[];
  /** Ids that exist in the user namespace of tspod itself (/proc/self/uid_map). */
  mapped: readonly IdRange[];
  /** /proc/sys/user/max_user_namespaces */
  maxUserNamespaces: number;
}

/** The ids that systemd leaves to containers (UIDS-GIDS.md): 524288 to 1879048191. */
const CONTAINERS: IdRange = { first: 0x80000, size: 0x70000000 - 0x80000 };

/**
 * The range of a new pod: the next one free after `last`, going round, so that a range is not given again at once; files
 * that somebody forgot would be its next owner's. Ranges are whole multiples of their size, so two are equal or apart.
 *
 * @param taken first ids of the ranges in use
 * @param start where a pool that nothing was taken of yet begins, any number: so that tspods with other roots differ
 * @throws TspodError TS3331 when this host has no user namespaces, TS3332 when no range is free
 */
export function pickIdRange(
  facts: IdPoolFacts,
  { taken, last, start }: { taken: ReadonlySet<number>; last: number | undefined; start: number },
): IdRange {
  if (facts.maxUserNamespaces === 0) {
    throw new TspodError({
      code: "TS3331",
      message:
        "hostUsers: false needs user namespaces, and this host allows none (user.max_user_namespaces is 0)",
      hint: "sysctl user.max_user_namespaces=15000 allows them; or leave hostUsers out",
      exitCode: ExitCode.hostNotAble,
    });
  }
  const firsts = (facts.own.length > 0 ? facts.own : [CONTAINERS]).flatMap(starts);
  const previous = last === undefined ? -1 : firsts.indexOf(last);
  const begin = previous === -1 ? start : previous + 1;
  for (let tried = 0; tried < firsts.length; tried++) {
    const first = firsts[(begin + tried) % firsts.length] as number;
    if (!taken.has(first) && isFree({ first, size: RANGE_SIZE }, facts)) return { first, size: RANGE_SIZE };
  }
  throw new TspodError({
    code: "TS3332",
    message: `no range of ${RANGE_SIZE} ids is free for a pod with hostUsers: false`,
    hint:
      facts.own.length > 0
        ? "give the user tspod more in /etc/subuid and /etc/subgid, the same in both, from a multiple of 65536 on"
        : "remove pods, or give ids to the user tspod in /etc/subuid and /etc/subgid, the same in both",
    exitCode: ExitCode.hostNotAble,
  });
}

/** Where the whole ranges within a pool begin. */
function starts({ first, size }: IdRange): number[] {
  const from = Math.ceil(first / RANGE_SIZE);
  const count = Math.max(0, Math.floor((first + size) / RANGE_SIZE) - from);
  return Array.from({ length: count }, (_, index) => (from + index) * RANGE_SIZE);
}

function isFree(range: IdRange, { others, mapped }: IdPoolFacts): boolean {
  const within = mapped.some(
    ({ first, size }) => first <= range.first && range.first + range.size <= first + size,
  );
  return within && !others.some((other) => overlap(range, other));
}

function overlap(a: IdRange, b: IdRange): boolean {
  return a.first < b.first + b.size && b.first < a.first + a.size;
}

/** A user or a group that may have no place in the pod's user namespace. @throws TspodError TS5203 */
export function refuseUnmapped(
  container: string,
  ids: { uid: number; gid: number; groups: readonly number[] },
  { size }: { size: number },
): void {
  const wrong: [string, number][] = [
    ["user", ids.uid],
    ["group", ids.gid],
    ...ids.groups.map((gid): [string, number] => ["supplementary group", gid]),
  ];
  const found = wrong.find(([, id]) => id >= size);
  if (!found) return;
  throw new TspodError({
    code: "TS5203",
    message: `container ${container}: ${found[0]} ${found[1]} is not among the ids of a pod with hostUsers: false: 0 to ${size - 1}`,
    hint: "choose a smaller id, or leave hostUsers out",
    exitCode: ExitCode.invalid,
  });
}
