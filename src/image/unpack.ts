import { spawn } from "node:child_process";
import { closeSync, constants, mkdirSync, openSync } from "node:fs";
import { getSystemErrorName } from "node:util";
import { imageError } from "./errors.ts";
import { isHostReason, reasonSentence } from "./unpack-reasons.ts";
import { readRecords, type UnpackRecord } from "./unpack-report.ts";

export interface UnpackSpec {
  /** The program that unpacks: dist/tspod-unpack. */
  program: string;
  /** The blob's file. */
  blob: string;
  /** Its digest, for messages. */
  digest: string;
  /** The digest of the uncompressed layer, which the content must have. */
  diffId: string;
  /** A folder that is not there yet and becomes the layer's root. */
  into: string;
  limits: UnpackLimits;
}

export interface UnpackLimits {
  /** Bytes of one layer, uncompressed. */
  bytes: number;
  entries: number;
  /** Bytes of the store's file system that stay free. */
  reserve: number;
}

export const DEFAULT_LIMITS: UnpackLimits = { bytes: 2 ** 40, entries: 5_000_000, reserve: 64 << 20 };

export interface Unpacked {
  /** Bytes of the uncompressed layer. */
  bytes: number;
  entries: number;
  /** Folders that hide what lower layers have beneath them, as `/a/b`. */
  opaque: string[];
  /** What must be taken from the layers beneath, for `completeLayer`. */
  fromLower: UnpackRecord[];
}

/** Unpacks a layer into a folder of its own and proves that it was the layer that the image names. Throws TS6011. */
export async function unpackLayer(spec: UnpackSpec): Promise<Unpacked> {
  mkdirSync(spec.into, { mode: 0o755 });
  const { bytes, entries, reserve } = spec.limits;
  const blob = openSync(spec.blob, constants.O_RDONLY);
  const into = openSync(spec.into, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  let records: UnpackRecord[];
  try {
    records = await runUnpacker(spec.program, ["extract", `${bytes}`, `${entries}`, `${reserve}`], blob, [
      into,
    ]);
  } finally {
    closeSync(blob);
    closeSync(into);
  }
  return checked(spec, records);
}

/** Takes from finished layers beneath (TOP FIRST) what the layer in `folder` left to them. */
export async function completeLayer(
  program: string,
  digest: string,
  folder: string,
  lowers: string[],
  records: UnpackRecord[],
): Promise<void> {
  // With nothing beneath there is nothing to take, but a hardlink to nothing is an error all the same.
  if (lowers.length === 0 && !records.some(({ kind }) => kind === "lower-link")) return;
  if (records.length === 0) return;
  const input = Buffer.concat(
    records.map(({ fields }) => Buffer.concat([...fields, Buffer.alloc(0)].map(ended))),
  );
  const answer = await runUnpacker(program, ["complete", folder, ...lowers], input, []);
  const failure = answer.find(({ kind }) => kind === "fail");
  if (failure !== undefined) throw layerError(digest, failure);
}

/** The digest of a blob's uncompressed bytes, whatever its compression. */
export async function plainDigest(program: string, file: string): Promise<string> {
  const blob = openSync(file, constants.O_RDONLY);
  try {
    const end = (await runUnpacker(program, ["digest"], blob, [])).at(-1);
    if (end === undefined || end.kind === "fail") throw layerError(file, end);
    return `sha256:${end.fields[1]}`;
  } finally {
    closeSync(blob);
  }
}

/** One digest of a tree with all that a container could see of it. */
export async function fingerprint(program: string, folder: string): Promise<string> {
  const end = (await runUnpacker(program, ["fingerprint", folder], Buffer.alloc(0), [])).at(-1);
  return String(end?.fields[1]);
}

function checked(spec: UnpackSpec, records: UnpackRecord[]): Unpacked {
  const end = records.at(-1);
  if (end === undefined || end.kind === "fail") throw layerError(spec.digest, end);
  const [, digest, bytes, entries] = end.fields.map(String);
  if (`sha256:${digest}` !== spec.diffId)
    throw imageError(
      "brokenLayer",
      `layer ${spec.digest} unpacks to sha256:${digest}; the image's config says ${spec.diffId}`,
    );
  return {
    bytes: Number(bytes),
    entries: Number(entries),
    opaque: records.filter(({ kind }) => kind === "opaque").map(({ fields }) => String(fields[1])),
    fromLower: records.filter(({ kind }) => kind === "implied" || kind === "lower-link"),
  };
}

function layerError(digest: string, failure: UnpackRecord | undefined): Error {
  if (failure === undefined)
    return imageError(
      "brokenLayer",
      `layer ${digest} could not be unpacked: the unpacker ended without a word`,
    );
  const [, reason, path, number] = failure.fields.map(String) as [string, string, string, string];
  const errno = Number(number);
  const name = errno === 0 ? "" : ` (${getSystemErrorName(-errno)})`;
  const where = path === "/" || path === "" ? "" : `, at ${JSON.stringify(path)}`;
  const isFull = errno === 28 || errno === 122;
  return imageError(
    isHostReason(reason, errno) ? "storeWrite" : "brokenLayer",
    `layer ${digest} cannot be unpacked: ${reasonSentence(reason)}${name}${where}`,
    {
      ...(isFull ? { hint: "make room with `tspod image prune`, or move the store with --root" } : {}),
    },
  );
}

function ended(field: Buffer): Buffer {
  return Buffer.concat([field, Buffer.from([0])]);
}

/** Runs the unpacker with an empty environment; its report comes back once it has ended. */
function runUnpacker(
  program: string,
  args: string[],
  input: number | Buffer,
  more: number[],
): Promise<UnpackRecord[]> {
  return new Promise((resolve, reject) => {
    const stdin = typeof input === "number" ? input : "pipe";
    const child = spawn(program, args, { env: {}, cwd: "/", stdio: [stdin, "pipe", "inherit", ...more] });
    const pieces: Buffer[] = [];
    child.stdout!.on("data", (piece: Buffer) => pieces.push(piece));
    child.on("error", (cause) =>
      reject(
        imageError("storeWrite", `the unpacker ${program} cannot be run`, {
          cause,
          path: program,
          hint: "run `make build`",
        }),
      ),
    );
    child.on("close", (code, signal) => {
      const records = readRecords(Buffer.concat(pieces));
      if (signal !== null) reject(imageError("brokenLayer", `the unpacker was ended by ${signal}`));
      else if (code !== 0 && records.at(-1)?.kind !== "fail")
        reject(imageError("brokenLayer", `the unpacker ended with code ${code}`));
      else resolve(records);
    });
    if (typeof input !== "number") child.stdin!.on("error", () => {}).end(input);
  });
}
