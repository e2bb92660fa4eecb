import { ExitCode, TspodError } from "../../errors/tspod-error.ts";

/** One end of a copy: `[[NAMESPACE/]POD:]PATH`, or "-" for a tar stream. */
export type FileSpec =
  | { kind: "local"; path: string }
  | { kind: "stream" }
  | { kind: "pod"; pod: string; namespace?: string; path: string };

/**
 * Reads kubectl's file spec. A word that begins with `/` or `.` is a local path even with a colon in it. @throws
 * TspodError TS3442
 */
export function fileSpec(text: string): FileSpec {
  if (text === "-") return { kind: "stream" };
  const colon = text.indexOf(":");
  if (colon === 0) throw malformed(text);
  if (colon < 0 || /^[./]/.test(text)) return { kind: "local", path: nonEmpty(text) };
  const parts = text.slice(0, colon).split("/");
  const path = nonEmpty(text.slice(colon + 1));
  const [first = "", second] = parts;
  if (parts.length > 2 || parts.includes("")) throw malformed(text);
  return second === undefined
    ? { kind: "pod", pod: first, path }
    : { kind: "pod", namespace: first, pod: second, path };
}

/** Source and destination, one of them in a pod. @throws TspodError TS3442 with kubectl's words */
export function copyEnds(source: string, destination: string): { from: FileSpec; to: FileSpec } {
  const [from, to] = [fileSpec(source), fileSpec(destination)];
  if (from.kind === "pod" && to.kind === "pod")
    throw usage("one of src or dest must be a local file specification");
  if (from.kind !== "pod" && to.kind !== "pod")
    throw usage("one of src or dest must be a remote file specification");
  return { from, to };
}

/** Folder and last component of a path in a container; both as tar's `-C` and a member's name take them. */
export function splitRemote(path: string): { folder: string; name: string } {
  const clean = normalized(path);
  if (clean === "/") return { folder: "/", name: "." };
  const at = clean.lastIndexOf("/");
  const name = clean.slice(at + 1);
  // A path that ends in ".." names a folder that only the container can tell.
  if (name === ".." || name === ".") return { folder: clean, name: "." };
  return { folder: at < 0 ? "." : clean.slice(0, at) || "/", name };
}

/** As Go's path.Clean, but for ".." after a name, which a symlink may give another meaning. */
function normalized(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return (path.startsWith("/") ? "/" : "") + parts.join("/") || ".";
}

function nonEmpty(path: string): string {
  if (path === "") throw usage("filepath can not be empty");
  return path;
}

function malformed(text: string): TspodError {
  return usage(
    `filespec must match the canonical format: [[namespace/]pod:]file/path, not ${JSON.stringify(text)}`,
  );
}

function usage(message: string): TspodError {
  return new TspodError({
    code: "TS3442",
    message,
    hint: "tspod cp POD:/path/in/container ./here, or the other way round",
    exitCode: ExitCode.invalid,
  });
}
