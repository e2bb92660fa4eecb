import { TspodError } from "../errors/tspod-error.ts";
import { type GroupEntry, maxId, type PasswdEntry, parseGroup, parsePasswd } from "./user-database.ts";

export interface UserRequest {
  /** securityContext of the container, else of the pod. */
  runAsUser?: number | undefined;
  runAsGroup?: number | undefined;
  /** Of the pod. */
  supplementalGroups?: readonly number[] | undefined;
  fsGroup?: number | undefined;
  /** Strict: the image's /etc/group does not count. */
  supplementalGroupsPolicy?: string | undefined;
  /** `User` of the image's config, or "". */
  imageUser: string;
  /** Content of the image's /etc/passwd and /etc/group, "" where there is none. */
  passwd: string;
  group: string;
}

export interface ResolvedUser {
  uid: number;
  gid: number;
  /** Supplementary groups, the primary one first (CVE-2022-36109), each once. */
  groups: number[];
  /** Home from /etc/passwd, "/" for a user it does not know. */
  home: string;
  /** Name from /etc/passwd, or "". */
  name: string;
}

/**
 * Who a container runs as, by the kubelet's and containerd's rules: `runAsUser` before the image's user; a
 * user without a group has the one of its line in /etc/passwd, and 0 without such a line; groups that
 * /etc/group puts the user in, then `supplementalGroups` and `fsGroup`. Throws TS5201 for a user or group
 * that cannot be resolved, never guessing 0.
 */
export function resolveUser(request: UserRequest): ResolvedUser {
  if (request.runAsUser !== undefined) checkId(request.runAsUser, "user");
  const users = parsePasswd(request.passwd);
  const groups = parseGroup(request.group);
  const { user, group } = splitUser(request);
  const { uid, entry } = findUser(user, users, request.imageUser);
  const gid =
    request.runAsGroup ??
    (group === undefined ? (entry?.gid ?? 0) : findGroup(group, groups, request.imageUser));
  checkId(uid, "user");
  checkId(gid, "group");
  const listed =
    entry === undefined || request.supplementalGroupsPolicy === "Strict"
      ? []
      : groups.filter(({ members }) => members.includes(entry.name)).map((each) => each.gid);
  const extra = [
    ...(request.supplementalGroups ?? []),
    ...(request.fsGroup === undefined ? [] : [request.fsGroup]),
  ];
  for (const id of extra) checkId(id, "group");
  return {
    uid,
    gid,
    groups: [...new Set([gid, ...listed, ...extra])],
    home: entry === undefined || !entry.home.startsWith("/") ? "/" : entry.home,
    name: entry?.name ?? "",
  };
}

/** The user, and the group where the image names one. A `runAsUser` replaces both: it is another user. */
function splitUser(request: UserRequest): { user: string; group: string | undefined } {
  if (request.runAsUser !== undefined) return { user: String(request.runAsUser), group: undefined };
  if (request.imageUser === "") return { user: "0", group: undefined };
  const [user = "", group, ...rest] = request.imageUser.split(":");
  if (user === "" || group === "" || rest.length > 0) {
    throw unknown(request.imageUser, "expected user or user:group, by name or by number");
  }
  return { user, group };
}

function findUser(
  user: string,
  users: readonly PasswdEntry[],
  imageUser: string,
): { uid: number; entry: PasswdEntry | undefined } {
  // What can be read as a number is one, even if a user is named so: else an image could rename 1000 to root.
  if (/^\d+$/.test(user)) {
    const uid = Number(user);
    return { uid, entry: users.find((each) => each.uid === uid) };
  }
  const entry = users.find((each) => each.name === user);
  if (entry === undefined)
    throw unknown(imageUser, `no user ${JSON.stringify(user)} in the image's /etc/passwd`);
  return { uid: entry.uid, entry };
}

function findGroup(group: string, groups: readonly GroupEntry[], imageUser: string): number {
  if (/^\d+$/.test(group)) return Number(group);
  const entry = groups.find((each) => each.name === group);
  if (entry === undefined)
    throw unknown(imageUser, `no group ${JSON.stringify(group)} in the image's /etc/group`);
  return entry.gid;
}

function checkId(id: number, what: string): void {
  if (Number.isInteger(id) && id >= 0 && id <= maxId) return;
  throw new TspodError({
    code: "TS5201",
    message: `${what} id ${id} is out of range: 0 to ${maxId}`,
    exitCode: 2,
  });
}

function unknown(text: string, why: string): TspodError {
  return new TspodError({
    code: "TS5201",
    message: `the user ${JSON.stringify(text)} cannot be resolved: ${why}`,
    hint: "set securityContext.runAsUser (and runAsGroup) to numbers",
  });
}

/**
 * A user as `exec --user` takes it, by the same rules: `user`, `user:group`, names or numbers. The container's
 * own groups do not count for another user.
 */
export function resolveExecUser(text: string, passwd: string, group: string): ResolvedUser {
  if (text === "") throw unknown(text, "it is empty");
  return resolveUser({ imageUser: text, passwd, group });
}
