import { hostname } from "node:os";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import {
  type ManifestObject,
  type ObjectSource,
  type ParseResult,
  type PodObject,
  type Problem,
  type Weights,
  WORKLOAD_KINDS,
  type WorkloadObject,
} from "../manifest/index.ts";
import type { Context } from "./context.ts";
import { readTexts, shown, sumOfErrors } from "./manifest-files.ts";
import { renderProblem } from "./render/problem.ts";
import { phase, type Timings } from "./timings.ts";

type OfKind<K extends ManifestObject["kind"]> = Extract<ManifestObject, { kind: K }>;

/** What the manifest files hold, sorted by kind. */
export interface Manifests {
  pods: OfKind<"Pod">[];
  configMaps: OfKind<"ConfigMap">["object"][];
  secrets: OfKind<"Secret">["object"][];
  claims: OfKind<"PersistentVolumeClaim">["object"][];
  services: OfKind<"Service">["object"][];
  /** As they were written: their defaults are filled in when they are stored, and depend on what is there. */
  workloads: { object: WorkloadObject; source: ObjectSource }[];
}

/** `strict`, `strictSingleNode`, `skipUnsupported`: the flags of the same names. */
export type ReadOptions = Weights;

/**
 * Parses the files ("-": standard input) and folders, and fills in the defaults, as the API server would store them.
 * @throws TspodError as `readTexts`.
 */
export async function readManifestFiles(
  files: readonly string[],
  { timings, ...flags }: ReadOptions & { timings?: Timings | undefined },
): Promise<ParseResult> {
  const texts = readTexts(files);
  const [{ applyDefaults }, { parseManifests }] = await Promise.all([
    import("../manifest/index.ts"),
    import("../manifest/parse.ts"),
  ]);
  return phase(timings, "manifest", () => {
    const result = parseManifests(texts, { ...flags, nodeName: hostname() });
    const objects = result.objects.map((one) =>
      one.kind === "Pod" ? { ...one, object: applyDefaults(one.object) } : one,
    );
    return { ...result, objects };
  });
}

/** The flags of a command that are about its manifests. */
export const weights = ({ strict, strictSingleNode, skipUnsupported }: ReadOptions): ReadOptions => ({
  strict: strict ?? false,
  strictSingleNode: strictSingleNode ?? false,
  skipUnsupported: skipUnsupported ?? false,
});

/** The same, with problems and warnings printed. `nothingDone` ends the message when there are problems. */
export async function readManifests(
  context: Context,
  files: readonly string[],
  options: ReadOptions & { nothingDone: string; silentWarnings?: boolean },
): Promise<Manifests> {
  const { objects, problems, warnings } = await readManifestFiles(files, {
    ...weights(options),
    timings: context.timings,
  });
  printProblems(context, options.silentWarnings ? problems : [...problems, ...warnings]);
  if (problems.length > 0) {
    throw new TspodError({
      code: "TS1000",
      message: `${sumOfErrors(problems.length, files)}. ${options.nothingDone}`,
      exitCode: ExitCode.invalid,
    });
  }
  const of = <K extends ManifestObject["kind"]>(kind: K) =>
    objects.filter((one): one is OfKind<K> => one.kind === kind);
  const workloads = WORKLOAD_KINDS.flatMap((kind) => of(kind));
  for (const { object, source } of [...of("Pod"), ...workloads])
    adoptNamespace(object, source.file, context.global.namespace);
  return {
    pods: of("Pod"),
    configMaps: of("ConfigMap").map(({ object }) => object),
    secrets: of("Secret").map(({ object }) => object),
    claims: of("PersistentVolumeClaim").map(({ object }) => object),
    services: of("Service").map(({ object }) => object),
    workloads,
  };
}

/**
 * For commands that take away what files name: what cannot be used here was never made, and what is ignored does not
 * matter any more.
 */
export function readForRemoval(context: Context, files: readonly string[]): Promise<Manifests> {
  return readManifests(context, files, {
    nothingDone: "Nothing was removed.",
    skipUnsupported: true,
    silentWarnings: true,
  });
}

/** To standard error, source lines cut to the width of the terminal. */
export function printProblems(context: Context, problems: readonly Problem[]): void {
  for (const problem of problems)
    context.err(renderProblem(problem, context.errStyle, process.stderr.columns));
}

/** `-n` gives a namespace to pods that name none, and must agree with those that do, as in kubectl. */
function adoptNamespace(
  { kind, metadata }: PodObject | WorkloadObject,
  file: string,
  wanted: string | undefined,
): void {
  if (wanted === undefined || metadata.namespace === wanted) return;
  if (metadata.namespace !== "default") {
    throw new TspodError({
      code: "TS3403",
      message: `the namespace of ${kind.toLowerCase()} "${metadata.name}" in ${shown(file)} is "${metadata.namespace}", not "${wanted}"`,
      hint: `leave -n away, or say -n ${metadata.namespace}`,
      exitCode: ExitCode.invalid,
    });
  }
  metadata.namespace = wanted;
}

export function noPods(files: readonly string[]): TspodError {
  return new TspodError({
    code: "TS3409",
    message: `there is no Pod or workload in ${files.map(shown).join(", ")}. Nothing was created.`,
    hint: "kind: Pod (or Deployment, Job …) is what run starts; ConfigMaps and Secrets go along with it",
    exitCode: ExitCode.invalid,
  });
}
