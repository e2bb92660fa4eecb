import { readlinkSync } from "node:fs";
import { join } from "node:path";
import { TspodError } from "../errors/tspod-error.ts";
import type { ContainerOp } from "../plan/container-op.ts";

type Bind = Extract<ContainerOp, { op: "bind" }>;

/** A folder of the host that the container sees, and the way in it that could not be gone. */
interface Way {
  source: string;
  /** Where the container has it; "" for a volume that is not mounted yet. */
  at: string;
  parts: string[];
}

const ERRNOS = ["ELOOP", "EXDEV", "ENOTDIR"];

/**
 * What stands in the way of a mount: a symbolic link that a volume holds, because a neighbour, an earlier pod or
 * whoever filled the volume has made it (CVE-2021-30465 is the class). Undefined when no link is found.
 */
export function linkInWay(
  who: string,
  ops: readonly ContainerOp[],
  failure: { step: number; errno: string; syscall: string },
  readLink = linkAt,
): TspodError | undefined {
  const op = ops[failure.step];
  if (op?.op !== "bind" || !ERRNOS.includes(failure.errno)) return undefined;
  const way = [subPathOf(op, ops), targetOf(op, ops.slice(0, failure.step))].find(
    (each) => each !== undefined && firstLink(each, readLink) !== undefined,
  );
  const link = way && firstLink(way, readLink);
  if (way === undefined || link === undefined) return undefined;
  const { volume, inside } = nameOf(way.source);
  const name = `${[...inside, ...link.path].join("/")} of ${volume}${way.at === "" ? "" : `, mounted on ${way.at},`}`;
  const failed =
    way.at === ""
      ? `the subPath ${JSON.stringify(op.subPath)} cannot be mounted on ${op.target}`
      : `nothing can be mounted on ${op.target}`;
  return new TspodError({
    code: "TS5108",
    message: `${who}: ${failed}: ${name} is a symbolic link to ${JSON.stringify(link.target)}, ${REASON[failure.errno]} (${failure.errno})`,
    hint: "a container of this pod, an earlier pod or whoever filled the volume has made the link: remove it, or mount elsewhere",
    errno: failure.errno,
    syscall: failure.syscall,
    path: op.target,
  });
}

const REASON: Record<string, string> = {
  ELOOP: "which leads round in a circle or through /proc",
  EXDEV: "which leads out of the volume",
  ENOTDIR: "where a folder must be",
};

function subPathOf(op: Bind, ops: readonly ContainerOp[]): Way | undefined {
  const tree = ops.find((each) => each.op === "tree" && each.fd === op.tree);
  const { source, subPath } = tree?.op === "tree" ? tree : op;
  return subPath === "" ? undefined : { source, at: "", parts: partsOf(subPath) };
}

/** The volume that the target lies in: of those mounted before it, the last one above it. */
function targetOf({ target }: Bind, before: readonly ContainerOp[]): Way | undefined {
  const above = before.findLast(
    (each): each is Bind => each.op === "bind" && target.startsWith(`${each.target.replace(/\/$/, "")}/`),
  );
  if (above === undefined) return undefined;
  return {
    source: join(above.source, above.subPath),
    at: above.target,
    parts: partsOf(target.slice(above.target.length)),
  };
}

function firstLink({ source, parts }: Way, readLink: typeof linkAt) {
  for (let length = 1; length <= parts.length; length++) {
    const path = parts.slice(0, length);
    const target = readLink(join(source, ...path));
    if (target !== undefined) return { path, target };
  }
  return undefined;
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

/** `…/volumes/empty-dir~conf/sub` is folder sub of volume "conf"; what else is bound is the host's. */
export function nameOf(source: string): { volume: string; inside: string[] } {
  const own = /\/volumes\/[a-zA-Z-]+~([^/]+)(?:\/(.*))?$/.exec(source);
  return own
    ? { volume: `volume ${JSON.stringify(own[1])}`, inside: partsOf(own[2] ?? "") }
    : { volume: source, inside: [] };
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
