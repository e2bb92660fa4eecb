import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { Pod } from "../manifest/index.ts";

const ANNOTATION = "kubectl.kubernetes.io/default-container";

export interface Choice {
  container: string;
  /** To be printed to standard error when nobody asked for this container by name. */
  notice?: string;
}

/** All container names as kubectl lists them: app containers, then ephemeral and init containers marked so. */
export function containerList(pod: Pod): string[] {
  const apps = (pod.spec?.containers ?? []).map(({ name }) => name);
  const inits = (pod.spec?.initContainers ?? []).map(({ name }) => `${name} (init)`);
  const added = (pod.spec?.ephemeralContainers ?? []).map(({ name }) => `${name} (ephem)`);
  return [...apps, ...added, ...inits];
}

/**
 * The container that `-c` names, the one the annotation names, or the first. @throws TspodError TS3404 (exit 4), with
 * `hint` as the way out
 */
export function chooseContainer(pod: Pod, wanted: string | undefined, hint?: string): Choice {
  const all = containerList(pod);
  const names = all.map((name) => name.replace(/ \((init|ephem)\)$/, ""));
  const annotated = pod.metadata?.annotations?.[ANNOTATION];
  if (wanted !== undefined) {
    if (names.includes(wanted)) return { container: wanted };
    throw new TspodError({
      code: "TS3404",
      message: `container ${wanted} is not valid for pod ${pod.metadata?.name}; choose one of: ${all.join(", ")}`,
      ...(hint === undefined ? {} : { hint }),
      exitCode: ExitCode.notFound,
    });
  }
  if (annotated !== undefined && names.includes(annotated)) return { container: annotated };
  const container = names[0] ?? "";
  if (all.length === 1) return { container };
  const lost =
    annotated === undefined ? "" : `Default container "${annotated}" (annotation) is not in the pod. `;
  return { container, notice: `${lost}Defaulted container "${container}" out of: ${all.join(", ")}\n` };
}
