import type { HostFact } from "../../kernel/host-facts/index.ts";
import type { Colour, Style } from "./style.ts";
import { table } from "./table.ts";

const MARKS: Record<HostFact["level"], [mark: string, colour: Colour]> = {
  error: ["✗", "red"],
  warning: ["!", "yellow"],
  info: ["-", "dim"],
};

/** One line for each fact; what is lacking is followed by the way out. */
export function factsTable(facts: readonly HostFact[], style: Style): string {
  const rows = facts.map(({ ok, level, title, detail, hint }) => {
    const [mark, colour]: [string, Colour] = ok ? ["✓", "green"] : MARKS[level];
    return [`${style(colour, mark)} ${title}`, hint === "" ? detail : `${detail}; ${hint}`];
  });
  return table(rows);
}

/** What it comes to, in one sentence. */
export function factsVerdict(facts: readonly HostFact[]): string {
  const lacking = (level: HostFact["level"]) =>
    facts.filter((fact) => !fact.ok && fact.level === level).length;
  if (lacking("error") > 0) return "Pods cannot run here: see the lines with ✗.\n";
  return lacking("warning") > 0 ? "Pods run here, but for what the lines with ! say.\n" : "Pods run here.\n";
}
