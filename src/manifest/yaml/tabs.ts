import type { Repair } from "./draft.ts";
import { parseText } from "./parse-text.ts";

/** How many spaces a tab may have been meant to be; none if it only follows them. */
const WIDTHS = [2, 4, 8, 0];

const TABBED = /^ *\t[ \t]*/gm;

/** Replaces each tab that begins a line by the number of spaces with which the document makes most sense. */
export function tabRepairs(text: string, base: number): Repair[] {
  const misfits = WIDTHS.map((width) => {
    const spaced = text.replace(TABBED, (run) => widened(run, width));
    return parseText(spaced).errors.length * 1000 + misplaced(text, spaced);
  });
  const width = WIDTHS[misfits.indexOf(Math.min(...misfits))] as number;
  return [...text.matchAll(TABBED)].map(({ index, 0: run }) => ({
    start: base + index,
    end: base + index + run.length,
    text: widened(run, width),
  }));
}

const widened = (run: string, width: number) => run.replaceAll("\t", " ".repeat(width));

/** How many of the lines with tabs would stand neither where the line above does nor just inside it. */
function misplaced(text: string, spaced: string): number {
  const before = text.split("\n");
  let above = 0;
  let count = 0;
  for (const [i, line] of spaced.split("\n").entries()) {
    const indent = line.search(/\S/);
    if (indent < 0) continue;
    const step = indent - above;
    if (/^ *\t/.test(before[i] as string) && step > 0 && step !== 2) count++;
    if (/^ *\t/.test(before[i] as string) && step < 0) count += 0.5;
    above = indent;
  }
  return count;
}
