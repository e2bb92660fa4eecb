import { isUtf8 } from "node:buffer";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { codeOf } from "../../errors/errno.ts";
import { ExitCode, TspodError } from "../../errors/tspod-error.ts";

/** kubectl's flags for where content comes from. */
export interface SourceFlags {
  fromFile?: string[];
  fromLiteral?: string[];
  fromEnvFile?: string[];
}

/** Key and content of each source, in the order files, literals, environment files. @throws TspodError TS3435 */
export function readSources(flags: SourceFlags, env: NodeJS.ProcessEnv): Map<string, Buffer> {
  const { fromFile = [], fromLiteral = [], fromEnvFile = [] } = flags;
  if (fromEnvFile.length > 0 && fromFile.length + fromLiteral.length > 0)
    throw bad("from-env-file cannot be combined with from-file or from-literal");
  const content = new Map<string, Buffer>();
  const add = (key: string, data: Buffer) => {
    if (content.has(key)) throw bad(`cannot add key ${key}, another key by that name already exists`);
    content.set(key, data);
  };
  for (const source of fromFile) for (const [key, path] of filesOf(source)) add(key, read(path));
  for (const literal of fromLiteral) {
    const at = literal.indexOf("=");
    if (at < 1) throw bad(`invalid literal source ${literal}, expected key=value`);
    add(literal.slice(0, at), Buffer.from(unquoted(literal.slice(at + 1))));
  }
  for (const path of fromEnvFile)
    for (const [key, value] of variables(textOf(path), env)) add(key, Buffer.from(value));
  return content;
}

/** `FILE`, `KEY=FILE` or a folder: its plain files whose names can be keys. */
function filesOf(source: string): [key: string, path: string][] {
  const at = source.indexOf("=");
  if (at === 0) throw bad(`key name for file path ${source.slice(1)} missing`);
  const path = source.slice(at + 1);
  if (path === "") throw bad(`file path for key name ${source.slice(0, at)} missing`);
  if (!look(path).isDirectory()) return [[at > 0 ? source.slice(0, at) : basename(path), path]];
  if (at > 0) throw bad("cannot give a key name for a directory path");
  return readdirSync(path)
    .sort()
    .map((name): [string, string] => [name, join(path, name)])
    .filter(([name, file]) => /^[-._a-zA-Z0-9]+$/.test(name) && look(file).isFile());
}

/** kubectl strips one pair of quotes: what a shell did not. */
function unquoted(text: string): string {
  return /^(["']).*\1$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}

/** `KEY=VALUE` a line, `#` begins a comment; a KEY alone has the value of our own environment, if any. */
function variables(text: string, env: NodeJS.ProcessEnv): [string, string][] {
  return text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .map((line) => line.trimStart())
    .flatMap((line): [string, string][] => {
      if (line === "" || line.startsWith("#")) return [];
      const at = line.indexOf("=");
      if (at >= 0) return [[line.slice(0, at), line.slice(at + 1)]];
      const own = env[line];
      return own === undefined ? [] : [[line, own]];
    });
}

function look(path: string) {
  try {
    return statSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Variables are text. */
function textOf(path: string): string {
  const bytes = read(path);
  if (isUtf8(bytes)) return bytes.toString("utf8");
  const lines = bytes.toString("latin1").split("\n");
  const line = lines.findIndex((one) => !isUtf8(Buffer.from(one, "latin1")));
  throw bad(`env file ${path} contains invalid utf-8 bytes at line ${line + 1}`);
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): TspodError {
  const code = codeOf(error) ?? "unknown error";
  return bad(`error reading ${path}: ${code === "ENOENT" ? "no such file or directory" : code}`);
}

function bad(message: string): TspodError {
  return new TspodError({
    code: "TS3435",
    message,
    hint: "nothing was created",
    exitCode: ExitCode.invalid,
  });
}
