import type { IdMapping } from "../kernel/namespaces.ts";

/** Kinds of namespaces in the order of the table. */
export const KINDS = ["net", "ipc", "uts", "pid", "mnt", "user", "cgroup", "time"] as const;
export type Kind = (typeof KINDS)[number];

/** A process and the namespaces it is in, as `readlink /proc/<pid>/ns/<kind>` prints them. */
export interface NsProcess {
  name: string;
  pid: number;
  links: Record<string, string>;
}

export interface NsCell {
  kind: Kind;
  /** `net:[4026532177]`, or "" when it could not be read. */
  link: string;
  /** One letter for each namespace of a column; the host's is always A. */
  letter: string;
  /** The host's own namespace. */
  host: boolean;
  /** Another process of the pod is in it too. */
  shared: boolean;
}

export interface NsRow {
  name: string;
  pid: number;
  cells: NsCell[];
}

export interface NsMatrix {
  host: NsRow;
  rows: NsRow[];
  /** Of the pod's user namespace, unless it is the host's. */
  ids: IdMapping[];
  /** Whether all processes of the pod are in one namespace, for each kind. */
  sharedByAll: Record<Kind, boolean>;
}

/** Which process is in which namespace. `host` is any process outside of all pods. */
export function nsMatrix(
  host: NsProcess,
  processes: readonly NsProcess[],
  ids: readonly IdMapping[] = [],
): NsMatrix {
  const letters = new Map<Kind, string[]>(
    KINDS.map((kind) => [kind, distinct([host, ...processes].map(({ links }) => links[kind] ?? ""))]),
  );
  const rowOf = ({ name, pid, links }: NsProcess): NsRow => ({
    name,
    pid,
    cells: KINDS.map((kind) => {
      const link = links[kind] ?? "";
      return {
        kind,
        link,
        letter: link === "" ? "?" : String.fromCharCode(65 + (letters.get(kind) ?? []).indexOf(link)),
        host: link !== "" && link === host.links[kind],
        shared: processes.filter((other) => other.links[kind] === link).length > 1,
      };
    }),
  });
  return {
    host: rowOf(host),
    rows: processes.map(rowOf),
    ids: processes.some(({ links }) => links.user !== undefined && links.user !== host.links.user)
      ? [...ids]
      : [],
    sharedByAll: Object.fromEntries(
      KINDS.map((kind) => {
        const links = distinct(processes.map(({ links: all }) => all[kind] ?? "?"));
        return [kind, links.length === 1 && links[0] !== "?"];
      }),
    ) as Record<Kind, boolean>,
  };
}

function distinct(links: readonly string[]): string[] {
  return [...new Set(links)].filter((link) => link !== "");
}
