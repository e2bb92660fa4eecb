import { closeSync, openSync, readSync } from "node:fs";
import { codeOf } from "../errors/errno.ts";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { Pod } from "../manifest/index.ts";
import { INFRA_ANNOTATION, infraCommand } from "../plan/infra.ts";
import type { Locate } from "./locate.ts";

/**
 * Refuses a holder of the pod's own that could not run: its root is empty, so it must be a static ELF program.
 * @throws TspodError TS3109
 */
export function checkInfraProgram(pod: Pod, locate: Locate): void {
  const command = infraCommand(pod);
  if (!command) return;
  const [path] = command;
  const why = path.startsWith("/") ? problemOf(path) : "is not an absolute path";
  if (why === undefined) return;
  throw new TspodError({
    code: "TS3109",
    message: `annotation ${INFRA_ANNOTATION}: ${JSON.stringify(path)} ${why}`,
    hint: "name a statically linked program of this host, such as /bin/busybox of the package busybox-static",
    position: locate("metadata.annotations"),
    exitCode: ExitCode.invalid,
  });
}

function problemOf(path: string): string | undefined {
  let start: Buffer;
  try {
    start = readStart(path);
  } catch (error) {
    return `cannot be read: ${codeOf(error)}`;
  }
  if (start.readUInt32BE(0) !== ELF) return "is not an ELF program";
  return needsInterpreter(start)
    ? "is linked dynamically, and there are no libraries where it would run"
    : undefined;
}

const ELF = 0x7f454c46;
/** elf(5): a program header with the path of the dynamic linker. */
const PT_INTERP = 3;
/** Program headers stand at the beginning of a file. */
const ENOUGH = 8192;

function readStart(path: string): Buffer {
  const fd = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(ENOUGH);
    readSync(fd, bytes);
    return bytes;
  } finally {
    closeSync(fd);
  }
}

/** For 64-bit little-endian programs, as all that tspod runs on has. */
function needsInterpreter(bytes: Buffer): boolean {
  const offset = Number(bytes.readBigUInt64LE(32));
  const size = bytes.readUInt16LE(54);
  const count = bytes.readUInt16LE(56);
  return Array.from({ length: count }, (_, index) => offset + index * size)
    .filter((at) => at + 4 <= bytes.length)
    .some((at) => bytes.readUInt32LE(at) === PT_INTERP);
}
