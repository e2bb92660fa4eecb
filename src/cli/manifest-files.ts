import { isUtf8 } from "node:buffer";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { type ManifestText, markForeignByte } from "../manifest/index.ts";

/** What kubectl takes from a folder. */
const IS_MANIFEST = /\.(ya?ml|json)$/i;

/**
 * The texts of manifest files. "-" is standard input; a folder stands for the manifests directly in it, by name.
 * @throws TspodError TS1001 for what cannot be read, TS1002 for nothing, TS1003 for a folder without manifests.
 */
export function readTexts(files: readonly string[]): ManifestText[] {
  if (files.length === 0) {
    throw new TspodError({
      code: "TS1002",
      message: "no manifest file given",
      hint: "name a file or folder, or - for standard input",
      exitCode: ExitCode.invalid,
    });
  }
  const names = files.flatMap((file) => (file === "-" ? [file] : expandFolder(file)));
  // Standard input can be read once; the same file twice would only repeat itself.
  return [...new Set(names)].map((name) => ({ name, text: read(name) }));
}

function expandFolder(file: string): string[] {
  let names: string[];
  try {
    if (!statSync(file).isDirectory()) return [file];
    names = readdirSync(file, { withFileTypes: true }).flatMap((entry) =>
      IS_MANIFEST.test(entry.name) && !entry.isDirectory() ? [entry.name] : [],
    );
  } catch (error) {
    throw unreadable(file, error as NodeJS.ErrnoException);
  }
  if (names.length > 0) return names.sort().map((name) => join(file, name));
  throw new TspodError({
    code: "TS1003",
    message: `there is no manifest in the folder ${file}`,
    hint: "a folder's manifests end in .yaml, .yml or .json; folders inside it are not looked at. Nothing was done",
    path: file,
    exitCode: ExitCode.invalid,
  });
}

function read(file: string): string {
  try {
    return decode(readFileSync(file === "-" ? 0 : file));
  } catch (error) {
    throw unreadable(file, error as NodeJS.ErrnoException);
  }
}

/** UTF-8, or UTF-16 with its byte order mark, as Windows' PowerShell redirects output into a file. */
function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString("utf16le");
  if (bytes[0] === 0xfe && bytes[1] === 0xff && bytes.length % 2 === 0)
    return bytes.swap16().toString("utf16le");
  return isUtf8(bytes) ? bytes.toString("utf8") : markForeignByte(bytes);
}

function unreadable(file: string, error: NodeJS.ErrnoException): TspodError {
  const { code, syscall } = error;
  return new TspodError({
    code: "TS1001",
    message: `cannot read ${shown(file) || '""'}: ${reasonOf(code)}`,
    ...(code ? { errno: code } : {}),
    ...(syscall ? { syscall } : {}),
    path: file,
    hint: /^https?:\/\//.test(file)
      ? `tspod reads files: curl -fsSL ${file} | tspod … -`
      : "nothing was done",
    exitCode: ExitCode.invalid,
    cause: error,
  });
}

function reasonOf(errno: string | undefined): string {
  if (errno === "ENOENT") return "there is no such file (ENOENT)";
  if (errno === "ENOTDIR") return "a part of the path is a file, not a folder (ENOTDIR)";
  if (errno === "EACCES") return "permission denied (EACCES)";
  return errno ?? "unknown error";
}

/** A file's name in a sentence. */
export const shown = (file: string): string => (file === "-" ? "standard input" : file);

/** `3 errors in a.yaml, b.yaml`; many files by their number. */
export function sumOfErrors(errors: number, files: readonly string[]): string {
  const count = errors === 1 ? "1 error" : `${errors} errors`;
  return `${count} in ${files.length > 5 ? `${files.length} files` : files.map(shown).join(", ")}`;
}
