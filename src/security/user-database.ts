/** A line of /etc/passwd. */
export interface PasswdEntry {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

/** A line of /etc/group. */
export interface GroupEntry {
  name: string;
  gid: number;
  members: string[];
}

/** Largest id the OCI runtimes accept; 2³²-1 would mean "leave as it is" to the kernel. */
export const maxId = 2 ** 31 - 1;

/**
 * Entries of an image's /etc/passwd. Lines that are not entries are passed over: reading a broken number as 0,
 * as some do, would make its user root.
 */
export function parsePasswd(text: string): PasswdEntry[] {
  return lines(text, 4).flatMap(([name = "", , uid = "", gid = "", , home = ""]) => {
    const ids = [number(uid), number(gid)];
    return ids[0] === undefined || ids[1] === undefined ? [] : [{ name, uid: ids[0], gid: ids[1], home }];
  });
}

/** Entries of an image's /etc/group. */
export function parseGroup(text: string): GroupEntry[] {
  return lines(text, 3).flatMap(([name = "", , id = "", members = ""]) => {
    const gid = number(id);
    return gid === undefined
      ? []
      : [{ name, gid, members: members.split(",").filter((each) => each !== "") }];
  });
}

function lines(text: string, least: number): string[][] {
  return text
    .split("\n")
    .map((line) => line.trim().split(":"))
    .filter((fields) => fields.length >= least && fields[0] !== "" && !fields[0]?.startsWith("#"));
}

/** A plain decimal id within bounds. */
function number(text: string): number | undefined {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value <= maxId ? value : undefined;
}
