import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { describeField, fieldsBelow } from "../manifest/describe-field.ts";
import { type FoundField, findField, type NoField } from "../manifest/field-path.ts";
import type { Context } from "./context.ts";
import { readExplainTexts } from "./explain-texts.ts";
import { explainedField, fieldTree } from "./render/explain-field.ts";

interface Flags {
  output: string;
  recursive?: boolean;
}

/** Whether an argument of `explain` is a code of tspod's messages. */
export const isCode = (word: string): boolean => /^TS\d{4}$/i.test(word);

/** `tspod explain pod.spec…` and `tspod explain TS2001`: what a field is and what tspod does with it; what a code means. */
export function explainWords(context: Context, words: readonly string[], flags: Flags): number {
  if (flags.output !== "text" && flags.output !== "json")
    throw new TspodError({
      code: "TS1005",
      message: `-o ${flags.output} is a form of a pod's steps, not of a field`,
      hint: "fields are explained as text or json",
      exitCode: ExitCode.invalid,
    });
  const { types, codes } = readExplainTexts();
  const answers = words.map((word) => {
    if (isCode(word)) return meaningOf(word.toUpperCase(), codes);
    const found = findField(word);
    if ("word" in found) throw noSuchField(found);
    return { found, described: describeField(found, types) };
  });
  if (flags.output === "json") {
    const values = answers.map((answer) => ("code" in answer ? answer : answer.described));
    context.out(`${JSON.stringify(values.length === 1 ? values[0] : values, null, 4)}\n`);
    return ExitCode.ok;
  }
  const form = { width: Math.min(process.stdout.columns ?? 80, 100), style: context.outStyle };
  const tree = (found: FoundField) => (flags.recursive ? fieldTree(fieldsBelow(found)) : undefined);
  const texts = answers.map((answer) =>
    "code" in answer
      ? `${answer.code}: ${answer.meaning}\n`
      : explainedField(answer.described, form, tree(answer.found)),
  );
  context.out(texts.join("\n"));
  return ExitCode.ok;
}

function meaningOf(code: string, codes: Record<string, string>): { code: string; meaning: string } {
  const meaning = codes[code];
  if (meaning !== undefined) return { code, meaning };
  throw new TspodError({
    code: "TS1004",
    message: `tspod has no message with the code ${code}`,
    hint: "docs/error-codes.md lists them",
    exitCode: ExitCode.invalid,
  });
}

function noSuchField({ parent, word, meant, known, reason }: NoField): TspodError {
  if (reason !== undefined)
    return new TspodError({
      code: "TS1004",
      message: `${word} has no fields here: ${reason}`,
      exitCode: ExitCode.invalid,
    });
  const inside = parent.join(".");
  const list = known.length === 0 ? `${inside} has no fields` : `its fields are ${known.join(", ")}`;
  return new TspodError({
    code: "TS1004",
    message: `field "${word}" does not exist in ${inside}`,
    hint: meant === undefined ? list : `did you mean ${inside}.${meant}?`,
    exitCode: ExitCode.invalid,
  });
}
