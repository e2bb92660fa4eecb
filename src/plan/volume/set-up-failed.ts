import { ExitCode, TspodError } from "../../errors/tspod-error.ts";

/**
 * The kubelet's words for a volume that cannot be made; `code` TS3202 for a missing object, TS3204 for a missing
 * key.
 */
export function setUpFailed(
  volume: string,
  reason: string,
  { code, hint }: { code: string; hint?: string },
): TspodError {
  return new TspodError({
    code,
    message: `${setUpOf(volume)}${reason}`,
    ...(hint === undefined ? {} : { hint }),
    exitCode: ExitCode.invalid,
  });
}

/** How all that is said of a volume begins: by it the volume's place in the manifest is found. */
export const setUpOf = (volume: string): string =>
  `MountVolume.SetUp failed for volume ${JSON.stringify(volume)} : `;

export function notFound(volume: string, kind: string, name: string): TspodError {
  const [lower, api] = [kind.toLowerCase(), kind];
  return setUpFailed(volume, `${lower} ${JSON.stringify(name)} not found`, {
    code: "TS3202",
    hint: `add the ${api} as another document of the file, or store it: \`tspod apply -f FILE\``,
  });
}
