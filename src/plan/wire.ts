import { TspodError } from "../errors/tspod-error.ts";
import type { ContainerOp } from "./container-op.ts";

/** What the helper accepts (native/include/tspod_wire.h). */
export const WIRE_LIMITS = { bytes: 8 << 20, records: 4096, numbers: 4096, texts: 1 << 20 } as const;

const VERSION = 1;
const HEADER_BYTES = 16;
const TRACE = 1;

type Field = string | number | bigint | boolean | readonly string[] | readonly number[];

/**
 * The plan as the helper reads it (docs/protocol.md). `trace` asks for an event after every op.
 * @throws TspodError TS5111 when a text holds a NUL, TS5112 when the plan exceeds a limit, TS5113 for a bad number.
 */
export function encodePlan(ops: readonly ContainerOp[], { trace }: { trace: boolean }): Uint8Array {
  if (ops.length > WIRE_LIMITS.records) throw tooLarge("operations", ops.length, WIRE_LIMITS.records);
  const texts: string[] = [];
  for (const [step, op] of ops.entries()) {
    texts.push(op.op);
    for (const field of fieldsOf(op)) pushField(texts, field, `step ${step}, ${op.op}`);
  }
  const records = Buffer.from(texts.length === 0 ? "" : `${texts.join("\0")}\0`);
  if (records.length > WIRE_LIMITS.bytes) throw tooLarge("bytes", records.length, WIRE_LIMITS.bytes);
  const header = Buffer.alloc(HEADER_BYTES);
  header.write("TSPD", 0, "latin1");
  header.writeUInt16LE(VERSION, 4);
  header.writeUInt16LE(trace ? TRACE : 0, 6);
  header.writeUInt32LE(ops.length, 8);
  header.writeUInt32LE(records.length, 12);
  return Buffer.concat([header, records]);
}

function pushField(texts: string[], field: Field, where: string): void {
  if (Array.isArray(field)) {
    const limit = typeof field[0] === "number" ? WIRE_LIMITS.numbers : WIRE_LIMITS.texts;
    if (field.length > limit) throw tooLarge(`entries in a list (${where})`, field.length, limit);
    texts.push(String(field.length));
    for (const item of field) pushField(texts, item, where);
    return;
  }
  if (typeof field === "boolean") {
    texts.push(field ? "1" : "0");
    return;
  }
  if (typeof field === "number" && !(Number.isSafeInteger(field) && field >= -1)) {
    throw new TspodError({ code: "TS5113", message: `${where}: ${field} is not a number the kernel takes` });
  }
  const text = String(field);
  if (text.includes("\0")) {
    throw new TspodError({
      code: "TS5111",
      message: `${where}: the text ${JSON.stringify(text)} contains a NUL character`,
      hint: "the kernel ends every text at the first NUL; remove it",
    });
  }
  texts.push(text);
}

function tooLarge(what: string, actual: number, limit: number): TspodError {
  return new TspodError({
    code: "TS5112",
    message: `the plan has ${actual} ${what}; at most ${limit} are possible`,
  });
}

/** The fields of an op in the order of container-op.ts, which native/include/tspod_ops.h repeats. */
function fieldsOf(op: ContainerOp): Field[] {
  switch (op.op) {
    case "setns":
      return [op.fd, op.flags];
    case "log":
      return [op.dirFd, op.name, op.maxBytes, op.maxFiles];
    case "exit-record":
      return [op.dirFd, op.name, op.oomFile, op.killFile];
    case "attach":
      return [op.dirFd, op.name, op.sizes, op.stdin, op.once];
    case "clone":
      return [op.flags, op.cgroupFd, op.stdio];
    case "aside":
      return [op.stdio, op.uid, op.gid];
    case "clone-mapped":
      return [op.flags, op.first, op.size];
    case "id-map":
      return [op.fd, op.by, op.of, op.volume];
    case "fs-user":
      return [op.uid, op.gid];
    case "unshare":
    case "propagation":
      return [op.flags];
    case "write-fd":
      return [op.fd, op.data];
    case "write":
    case "proc-write":
      return [op.path, op.data];
    case "sethostname":
    case "setdomainname":
      return [op.name];
    case "umask":
    case "caps-bound":
      return [op.mask];
    case "pdeathsig":
      return [op.signal];
    case "mount":
      return [op.source, op.target, op.fstype, op.flags, op.data];
    case "overlay":
      return [op.target, op.lowers, op.upper, op.work, op.options];
    case "tree":
      return [op.fd, op.source, op.subPath, op.createSubPath, op.recursive];
    case "root":
    case "mask":
    case "readonly":
      return [op.path];
    case "mkdir":
      return [op.path, op.mode];
    case "fs":
      return [op.fstype, op.target, op.attrs, op.options];
    case "bind":
      return [
        op.source,
        op.subPath,
        op.createSubPath,
        op.target,
        op.recursive,
        op.set,
        op.clear,
        op.propagation,
        op.attrsRecursive,
        op.tree,
      ];
    case "dev":
      return [op.path, op.mode, op.major, op.minor];
    case "symlink":
      return [op.path, op.target];
    case "root-attr":
      return [op.set];
    case "chdir":
      return [op.path, op.uid, op.gid];
    case "console":
      return [op.sockFd, op.bind, op.rows, op.columns];
    case "chown-stdio":
      return [op.uid, op.gid];
    case "rlimit":
      return [op.resource, op.soft, op.hard];
    case "user":
      return [op.uid, op.gid, op.groups];
    case "caps":
      return [op.effective, op.permitted, op.inheritable, op.ambient];
    case "seccomp":
      return [op.flags, op.filter];
    case "close-fds":
      return [op.from];
    case "execve":
      return [op.candidates, op.argv, op.env];
    case "gate":
    case "setsid":
    case "keyring":
    case "procfs":
    case "pivot":
    case "stdin-null":
    case "no-new-privs":
    case "pause":
      return [];
    default:
      return op satisfies never;
  }
}
