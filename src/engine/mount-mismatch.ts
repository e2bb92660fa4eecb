import { existsSync } from "node:fs";
import { join } from "node:path";
import { TspodError } from "../errors/tspod-error.ts";
import type { ContainerOp } from "../plan/container-op.ts";
import { nameOf } from "./link-in-way.ts";

/** A mount that manifests often get wrong, said in words: a file upon a folder, a subPath that is not there. */
export function mountMismatch(
  who: string,
  op: ContainerOp | undefined,
  failure: { errno: string; syscall: string },
  exists: (path: string) => boolean = existsSync,
): TspodError | undefined {
  const said = wordsFor(op, failure.errno, exists);
  if (!op || !said) return undefined;
  const { text, hint } = said;
  const { errno, syscall } = failure;
  return new TspodError({ code: "TS5109", message: `${who}: ${text}`, hint, errno, syscall });
}

function wordsFor(
  op: ContainerOp | undefined,
  errno: string,
  exists: (path: string) => boolean,
): { text: string; hint: string } | undefined {
  if (op?.op === "mask" || op?.op === "stdin-null") {
    // A path that is not there needs no mask: what is missing is the mask.
    if (errno !== "ENOENT" && errno !== "ENODEV") return undefined;
    return {
      text: "/dev/null is not the null device, with which files of /proc are masked: something is mounted on it, or on /dev",
      hint: "mount the volume elsewhere, or on a folder of /dev",
    };
  }
  if (op?.op !== "bind" && op?.op !== "tree") return undefined;
  const { source, subPath } = op;
  const { volume, inside } = nameOf(source);
  const path = [...inside, subPath].filter((part) => part !== "").join("/");
  if (subPath !== "" && !exists(join(source, subPath)) && (errno === "ENOENT" || errno === "ENOTDIR")) {
    return {
      text: `subPath ${JSON.stringify(subPath)} is not in ${volume}`,
      hint: "of a ConfigMap or Secret, a subPath is one of its keys, or the path that items gives it",
    };
  }
  if (op.op !== "bind") return undefined;
  const what = isTerminationLog(source)
    ? "the termination log"
    : path === ""
      ? volume
      : `${path} of ${volume}`;
  if (errno === "EROFS") {
    return {
      text: `${what} cannot be mounted on ${op.target}: it lies in a volume that is read-only and has no such name`,
      hint: "choose another mountPath, or put something of that name into the volume",
    };
  }
  if (errno === "EISDIR") {
    return {
      text: `${what} is a file, and cannot be mounted on ${op.target}: a folder is there`,
      hint: "the mountPath of a file is its whole path in the container, name included",
    };
  }
  if (errno === "ENOTDIR") {
    return {
      text: `${what} is a folder, and cannot be mounted on ${op.target}: a file is there, or on the way`,
      hint: "to put a single file there, name it: `subPath: FILE`; or choose another mountPath",
    };
  }
  return undefined;
}

/** AttemptFolders.terminationLog */
function isTerminationLog(source: string): boolean {
  return source.endsWith("/termination-log");
}
