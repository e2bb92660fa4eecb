import { byPosition, type Fault, severityOf, toProblem, type Weights } from "./fault.ts";
import { identify } from "./identify.ts";
import type { ManifestObject } from "./object.ts";
import type { Problem } from "./problem.ts";
import { type ReadContext, readObject } from "./read-object.ts";
import { readDocuments } from "./yaml/read.ts";
import { SourceText } from "./yaml/source-text.ts";

export interface ManifestText {
  /** As shown in messages: the path the person typed, or "-" for standard input. */
  name: string;
  text: string;
}

export interface ParseOptions extends Weights {
  /** The name of this machine as a node: a Pod with another spec.nodeName is refused. */
  nodeName?: string;
  /** Five characters for metadata.generateName; random if not given. */
  randomSuffix?: () => string;
}

export interface ParseResult {
  /** The objects without errors, in the order of the files. */
  objects: ManifestObject[];
  /** Every error of every document, by file, line and column. */
  problems: Problem[];
  warnings: Problem[];
}

/** Problems that say that something is not there. */
const ABSENT = new Set(["TS2003", "TS3005"]);

/**
 * Reads YAML or JSON manifests strictly and offline, reporting all problems in one pass. Does not throw on bad
 * input.
 */
export function parseManifests(sources: ManifestText[], options: ParseOptions = {}): ParseResult {
  const result: ParseResult = { objects: [], problems: [], warnings: [] };
  const seen = new Map<string, string>();
  for (const { name, text } of sources) {
    const source = new SourceText(name, text);
    const found: Problem[] = [];
    const report = (fault: Fault) => {
      found.push(toProblem(source, { ...fault, severity: severityOf(fault, options) }));
    };
    const objects = readSource(source, { options, report, seen });
    result.objects.push(...objects);
    if (objects.length === 0 && found.every(({ code }) => code === "TS1111"))
      report({
        severity: "error",
        code: "TS2011",
        path: "",
        span: { start: 0, end: 1 },
        message: "there is no object in this file",
      });
    const told = merged(found.sort(byPosition));
    result.problems.push(...told.filter(({ severity }) => severity === "error"));
    result.warnings.push(...told.filter(({ severity }) => severity === "warning"));
  }
  return result;
}

/** The good objects of one text; those with a slip of the YAML in them are read for their other problems only. */
function readSource(
  source: SourceText,
  { options, report, seen }: Pick<ReadContext, "options" | "report" | "seen">,
): ManifestObject[] {
  const objects: ManifestObject[] = [];
  const slips: number[] = [];
  const documents = readDocuments(source, (fault) => {
    if (severityOf(fault, options) === "error") slips.push(fault.span.start);
    report(fault);
  });
  const present = (fault: Fault) => (ABSENT.has(fault.code) ? undefined : report(fault));
  for (const root of documents) {
    const guessed = root.kind === "map" && root.guessed === true;
    for (const identified of identify(root, guessed ? present : report)) {
      const { node, misnamed = false } = identified;
      const object = readObject(identified, {
        source,
        options,
        report: guessed || misnamed ? present : report,
        // It is none of those that would be made.
        seen: misnamed ? new Map() : seen,
      });
      const slipped = slips.some((at) => at >= node.start && at <= node.end);
      if (object !== undefined && !misnamed && !slipped) objects.push(object);
    }
  }
  return objects;
}

/** A text that is suspect and, for that reason, wrong gives one problem, with the way out of the suspicion. */
function merged(sorted: Problem[]): Problem[] {
  const isSuspicion = ({ code, severity }: Problem) => code === "TS1111" && severity === "warning";
  const placeOf = ({ position: { line, column } }: Problem) => `${line}:${column}`;
  const suspicions = new Map<string, Problem>();
  const wrong = new Set<string>();
  for (const one of sorted) {
    const place = placeOf(one);
    if (!isSuspicion(one)) wrong.add(place);
    else if (!suspicions.has(place)) suspicions.set(place, one);
  }
  if (suspicions.size === 0) return sorted;
  return sorted
    .filter((one) => !isSuspicion(one) || !wrong.has(placeOf(one)))
    .map((one) => {
      const suspicion = suspicions.get(placeOf(one));
      if (suspicion === undefined || suspicion === one) return one;
      const help = `${suspicion.message}; ${suspicion.help ?? ""}`;
      const { excerpt } = one;
      if (excerpt === undefined) return { ...one, help };
      const { note, ...plain } = excerpt;
      return { ...one, help, excerpt: plain };
    });
}
