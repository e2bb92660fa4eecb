import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { labelKeyFaults, labelValueFaults } from "../../manifest/formats.ts";
import type { MetadataChange, MetadataField } from "../../pod/metadata.ts";

const WORD: Record<MetadataField, "label" | "annotation"> = { labels: "label", annotations: "annotation" };

/** Splits `pod web app=x tier-` into what is named and what is changed; a name has no `=` and does not end in `-`. */
export function splitWords(words: readonly string[]): { named: string[]; specs: string[] } {
  const isSpec = (word: string) => word.includes("=") || word.endsWith("-");
  const first = words.findIndex(isSpec);
  return first < 0
    ? { named: [...words], specs: [] }
    : { named: words.slice(0, first), specs: words.slice(first) };
}

/** `KEY=VALUE` sets, `KEY-` removes. @throws TspodError TS3451 in kubectl's words */
export function metadataChange(field: MetadataField, specs: readonly string[]): MetadataChange {
  const word = WORD[field];
  if (specs.length === 0) throw bad(`at least one ${word} update is required`);
  const set: Record<string, string> = {};
  const remove: string[] = [];
  for (const spec of specs) {
    const at = spec.indexOf("=");
    if (at < 0 && spec.endsWith("-")) remove.push(checkedKey(field, spec.slice(0, -1)));
    else if (at < 0) throw bad(`unknown ${word} spec: ${spec}`);
    else set[checkedKey(field, spec.slice(0, at))] = checkedValue(field, spec, spec.slice(at + 1));
  }
  if (remove.some((key) => key in set))
    throw bad(`can not both modify and remove a ${word} in the same command`);
  return { set, remove };
}

/** @throws TspodError TS3452 for a value that is there and would become another, without `--overwrite` */
export function refuseOverwrite(
  field: MetadataField,
  map: Record<string, string>,
  { set }: MetadataChange,
): void {
  const clashes = Object.entries(set).filter(([key, value]) => map[key] !== undefined && map[key] !== value);
  if (clashes.length === 0) return;
  const [first] = clashes.map(([key]) => `'${key}' already has a value (${map[key]})`);
  throw new TspodError({
    code: "TS3452",
    message:
      field === "labels"
        ? `${first}, and --overwrite is false`
        : `--overwrite is false but found the following declared annotation(s): ${clashes.map(([key]) => `'${key}' already has a value (${map[key]})`).join("; ")}`,
    hint: "--overwrite changes it",
    exitCode: ExitCode.conflict,
  });
}

/** What became of an object, in kubectl's word. */
export function outcome(
  field: MetadataField,
  before: Record<string, string> = {},
  change: MetadataChange,
): string {
  const removed = change.remove.some((key) => key in before);
  const set = Object.entries(change.set).some(([key, value]) => before[key] !== value);
  if (field === "annotations") return "annotated";
  if (!set && !removed) return "not labeled";
  return set ? "labeled" : "unlabeled";
}

function checkedKey(field: MetadataField, key: string): string {
  const [fault] = labelKeyFaults(field === "labels" ? key : key.toLowerCase());
  if (fault) throw bad(`metadata.${field}: Invalid value: ${JSON.stringify(key)}: ${fault}`);
  return key;
}

function checkedValue(field: MetadataField, spec: string, value: string): string {
  const [fault] = field === "labels" ? labelValueFaults(value) : [];
  if (fault) throw bad(`invalid label value: ${JSON.stringify(spec)}: ${fault}`);
  return value;
}

function bad(message: string): TspodError {
  return new TspodError({
    code: "TS3451",
    message,
    hint: "KEY=VALUE sets, KEY- removes",
    exitCode: ExitCode.invalid,
  });
}
