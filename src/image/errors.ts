import { ExitCode, TspodError } from "../errors/tspod-error.ts";

/** Codes of what can go wrong with images (docs/images.md lists them with the way out). */
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
