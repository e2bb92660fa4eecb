import { ExitCode, TspodError } from "../errors/tspod-error.ts";

/** Codes of what can go wrong with images (docs/error-codes.md). */
export const ImageErrorCode = {
  invalidReference: "TS6001",
  notPresent: "TS6002",
  neverPull: "TS6003",
  pullFailed: "TS6004",
  registryDenied: "TS6005",
  notInRegistry: "TS6006",
  brokenBlob: "TS6010",
  brokenLayer: "TS6011",
  brokenManifest: "TS6012",
  brokenConfig: "TS6013",
  noPlatform: "TS6014",
  badSource: "TS6020",
  storeDamaged: "TS6030",
  storeWrite: "TS6031",
  inUse: "TS6032",
  ambiguous: "TS6033",
} as const;

export type ImageErrorName = keyof typeof ImageErrorCode;

const EXIT: Partial<Record<ImageErrorName, number>> = {
  invalidReference: ExitCode.invalid,
  notPresent: ExitCode.notFound,
  neverPull: ExitCode.notFound,
  notInRegistry: ExitCode.notFound,
  inUse: ExitCode.conflict,
};

const STORE_ERRNOS: Record<string, string> = {
  ENOSPC: "no space left on device",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EIO: "the disk reports an error",
};

/** Runs what writes to the store; what the file system refuses becomes TS6031 with the way out. */
export async function writingStore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code = "", path, syscall } = cause as NodeJS.ErrnoException;
    const meaning = syscall === undefined || cause instanceof TspodError ? undefined : STORE_ERRNOS[code];
    if (meaning === undefined) throw cause;
    const isFull = code === "ENOSPC" || code === "EDQUOT";
    throw imageError("storeWrite", `the image store cannot be written: ${meaning} (${code})`, {
      cause,
      ...(path !== undefined && { path }),
      ...(isFull && { hint: "make room with `tspod image prune`, or move the store with --root" }),
    });
  }
}

/** An error about an image, with the exit code that its kind has. */
export function imageError(
  name: ImageErrorName,
  message: string,
  more: { hint?: string; path?: string; cause?: unknown } = {},
): TspodError {
  return new TspodError({
    code: ImageErrorCode[name],
    message,
    exitCode: EXIT[name] ?? ExitCode.failure,
    ...more,
  });
}
