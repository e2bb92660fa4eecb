import { TspodError } from "../errors/tspod-error.ts";
import type { Pod } from "../manifest/index.ts";
import { dottedSysctl } from "../manifest/rules/sysctls.ts";
import { setUpOf } from "../plan/volume/set-up-failed.ts";
import type { Locate } from "./locate.ts";

/** What of a container an error is about, by its code; the container as a whole otherwise. */
const FIELDS: Record<string, string> = { TS5101: "command", TS5102: "command", TS5103: "workingDir" };

/** Gives an error the manifest's place of the container it is about; one that has a place keeps it. */
export function placeError(
  error: unknown,
  where: { pod: Pod; locate: Locate; container: string; field?: string },
): unknown {
  if (!(error instanceof TspodError) || error.position) return error;
  const sysctls = where.pod.spec?.securityContext?.sysctls ?? [];
  const sysctl =
    error.code === "TS3313" ? sysctls.findIndex(({ name }) => dottedSysctl(name) === error.path) : -1;
  if (sysctl >= 0)
    return Object.assign(error, { position: where.locate(`spec.securityContext.sysctls[${sysctl}]`) });
  const field = where.field ?? FIELDS[error.code];
  for (const list of ["initContainers", "containers"] as const) {
    const index = (where.pod.spec?.[list] ?? []).findIndex(({ name }) => name === where.container);
    if (index < 0) continue;
    const path = `spec.${list}[${index}]${field ? `.${field}` : ""}`;
    return Object.assign(error, { position: where.locate(path) });
  }
  return error;
}

/** The same for what the sandbox of a pod fails with: the volume it is about. */
export function placeVolume(error: unknown, { pod, locate }: { pod: Pod; locate: Locate }): unknown {
  if (!(error instanceof TspodError) || error.position) return error;
  const volumes = pod.spec?.volumes ?? [];
  const index = volumes.findIndex(({ name }) => error.message.startsWith(setUpOf(name)));
  return index < 0 ? error : Object.assign(error, { position: locate(`spec.volumes[${index}]`) });
}
