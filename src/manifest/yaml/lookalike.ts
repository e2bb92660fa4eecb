import { INVISIBLE } from "./lines.ts";
import { invisibleName } from "./stray.ts";

const BEGINS = new RegExp(`^[${INVISIBLE}]`);
const ENDS = new RegExp(`[${INVISIBLE}]$`);
const QUOTED = /^([“”„‟«‘’‚‛])(.*)([“”‟»‘’])$/s;

export interface Lookalike {
  message: string;
  help: string;
  /** What was meant. */
  meant: string;
}

/** A text without quotes that has characters which only look like YAML's: they are a part of it. */
export function lookalike(text: string): Lookalike | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: nearly all texts are ASCII.
  if (/^[\x00-\x7f]*$/.test(text)) return undefined;
  const quoted = QUOTED.exec(text);
  if (quoted !== null) {
    const [, open, inner = "", close] = quoted;
    return {
      message: `${open} and ${close} are no quotes to YAML: they become part of the text`,
      help: `type the quotes anew: "${inner}"`,
      meant: inner,
    };
  }
  const found = BEGINS.exec(text)?.[0] ?? ENDS.exec(text)?.[0];
  if (found === undefined) return undefined;
  const place = BEGINS.test(text) ? "begins" : "ends";
  const meant = text.replace(new RegExp(`^[${INVISIBLE}]+|[${INVISIBLE}]+$`, "g"), "");
  return {
    message: `the text ${place} with ${invisibleName(found)}, which becomes part of it`,
    help: `remove it, so that only ${meant === "" ? "nothing" : meant} is left`,
    meant,
  };
}
