import { readFileSync } from "node:fs";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { ManifestObject, ManifestText, ParseResult, PodObject, Problem } from "../manifest/index.ts";
import type { Context } from "./context.ts";
import { renderProblem } from "./render/problem.ts";
import { phase, type Timings } from "./timings.ts";

type OfKind<K extends ManifestObject["kind"]> = Extract<ManifestObject, { kind: K }>;

/** What the manifest files hold, sorted by kind. */
export interface Manifests {
  pods: OfKind<"Pod">[];
  configMaps: OfKind<"ConfigMap">["object"][];
  secrets: OfKind<"Secret">["object"][];
  claims: OfKind<"PersistentVolumeClaim">["object"][];
}

export interface ReadOptions {
  strict?: boolean;
}

/**
 * Parses the files ("-": standard input) and fills in the defaults, as the API server would store them. @throws
 * TspodError TS1001 for a file that cannot be read, TS1002 for none.
 */
export async function readManifestFiles(
  files: readonly string[],
  { strict = false, timings }: ReadOptions & { timings?: Timings | undefined },
): Promise<ParseResult> {
  if (files.length === 0) {
    throw new TspodError({
      code: "TS1002",
      message: "no manifest file given",
      hint: "name a file, or - for standard input",
      exitCode: ExitCode.invalid,
    });
  }
  const texts = files.map(readText);
  const [{ applyDefaults }, { parseManifests }] = await Promise.all([
    import("../manifest/index.ts"),
    import("../manifest/parse.ts"),
  ]);
  return phase(timings, "manifest", () => {
    const result = parseManifests(texts, { strict });
    const objects = result.objects.map((one) =>
      one.kind === "Pod" ? { ...one, object: applyDefaults(one.object) } : one,
    );
    return { ...result, objects };
  });
}

/** The same, with problems and warnings printed. `nothingDone` ends the message when there are problems. */
export async function readManifests(
  context: Context,
  files: readonly string[],
  options: ReadOptions & { nothingDone: string },
): Promise<Manifests> {
  const { objects, problems, warnings } = await readManifestFiles(files, {
    ...options,
    timings: context.timings,
  });
  printProblems(context, [...problems, ...warnings]);
  if (problems.length > 0) {
    const count = problems.length === 1 ? "1 error" : `${problems.length} errors`;
    throw new TspodError({
      code: "TS1000",
      message: `${count} in ${files.map(shown).join(", ")}. ${options.nothingDone}`,
      exitCode: ExitCode.invalid,
    });
  }
  const of = <K extends ManifestObject["kind"]>(kind: K) =>
    objects.filter((one): one is OfKind<K> => one.kind === kind);
  for (const { object, source } of of("Pod")) adoptNamespace(object, source.file, context.global.namespace);
  return {
    pods: of("Pod"),
    configMaps: of("ConfigMap").map(({ object }) => object),
    secrets: of("Secret").map(({ object }) => object),
    claims: of("PersistentVolumeClaim").map(({ object }) => object),
  };
}

/** To standard error, source lines cut to the width of the terminal. */
export function printProblems(context: Context, problems: readonly Problem[]): void {
  for (const problem of problems)
    context.err(renderProblem(problem, context.errStyle, process.stderr.columns));
}

function shown(file: string): string {
  return file === "-" ? "standard input" : file;
}

function readText(file: string): ManifestText {
  try {
    return { name: file, text: readFileSync(file === "-" ? 0 : file, "utf8") };
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    throw new TspodError({
      code: "TS1001",
      message: `cannot read ${shown(file)}: ${reasonOf(code)}`,
      ...(code ? { errno: code } : {}),
      ...(syscall ? { syscall } : {}),
      path: file,
      hint: "nothing was created",
      exitCode: ExitCode.invalid,
      cause: error,
    });
  }
}

function reasonOf(errno: string | undefined): string {
  if (errno === "ENOENT") return "there is no such file (ENOENT)";
  if (errno === "EISDIR") return "it is a folder, not a file (EISDIR)";
  if (errno === "EACCES") return "permission denied (EACCES)";
  return errno ?? "unknown error";
}

/** `-n` gives a namespace to pods that name none, and must agree with those that do, as in kubectl. */
function adoptNamespace({ metadata }: PodObject, file: string, wanted: string | undefined): void {
  if (wanted === undefined || metadata.namespace === wanted) return;
  if (metadata.namespace !== "default") {
    throw new TspodError({
      code: "TS3403",
      message: `the namespace of pod "${metadata.name}" in ${shown(file)} is "${metadata.namespace}", not "${wanted}"`,
      hint: `leave -n away, or say -n ${metadata.namespace}`,
      exitCode: ExitCode.invalid,
    });
  }
  metadata.namespace = wanted;
}

export function noPods(files: readonly string[]): TspodError {
  return new TspodError({
    code: "TS3409",
    message: `there is no Pod in ${files.map(shown).join(", ")}. Nothing was created.`,
    hint: "kind: Pod is what run starts; ConfigMaps and Secrets go along with it",
    exitCode: ExitCode.invalid,
  });
}
