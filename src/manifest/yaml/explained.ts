import type { Fault } from "../fault.ts";
import type { Repair } from "./draft.ts";

/** What the YAML parser said: the document's stretch, its code and text, and the offset. */
export interface ParseFailure {
  base: number;
  end: number;
  code: string;
  at: number;
  text: string;
}

/** A problem, and what to put there so that the rest can be read; without that, the document is left here. */
export interface Explained {
  fault: Fault;
  repairs?: Repair[];
  /** Where things stand was guessed: what seems to be missing may have been meant to be there. */
  guess?: true;
}

/** A problem of the YAML itself, with its way out and, where that is certain enough, the repair. */
export function explained(
  code: string,
  span: { start: number; end: number },
  message: string,
  help: string | undefined,
  repair?: Repair,
): Explained {
  const fault: Fault = { severity: "error", code, path: "", span, message, before: true };
  if (help !== undefined) fault.help = help;
  return repair === undefined ? { fault } : { fault, repairs: [repair] };
}

/** How many spaces a line begins with. */
export const indentOf = (line: string) => line.search(/\S|$/);
