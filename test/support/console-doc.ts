/** One command of a document and what it says the command prints. */
export interface DocumentedCommand {
  /** Line of the `$ ` in the document, from 1. */
  line: number;
  command: string;
  expected: string[];
}

/**
 * The commands of a document's blocks fenced as `console`: lines that begin with `$ `, continued after a
 * backslash, each followed by what it prints.
 */
export function documentedCommands(markdown: string): DocumentedCommand[] {
  const commands: DocumentedCommand[] = [];
  let inBlock = false;
  let current: DocumentedCommand | undefined;
  let continues = false;
  for (const [index, text] of markdown.split("\n").entries()) {
    if (/^\s*```/.test(text)) {
      inBlock = !inBlock && /^\s*```console\b/.test(text);
      current = undefined;
      continues = false;
    } else if (!inBlock) {
      // prose
    } else if (text.startsWith("$ ")) {
      current = { line: index + 1, command: text.slice(2), expected: [] };
      commands.push(current);
      continues = text.endsWith("\\");
    } else if (current && continues) {
      current.command += `\n${text}`;
      continues = text.endsWith("\\");
    } else {
      current?.expected.push(text);
    }
  }
  return commands;
}

/**
 * A pattern for what a document shows. Documents show real output; what differs from run to run matches any of
 * its kind: uids, addresses, namespace inodes, ages, times, and numbers of three digits and more that stand alone
 * (pids), though not an exit code or a port. `…` in a line is any text, a line of it alone any lines.
 */
export function outputPattern(lines: string[]): RegExp {
  const body = [...lines];
  while (body.at(-1)?.trim() === "") body.pop();
  const patterns = body.map((line) => (line.trim() === "…" ? "(?:.*\n)*?" : `${linePattern(line)}\n`));
  return new RegExp(`^${patterns.join("")}$`);
}

const placeholders: [RegExp, string][] = [
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/, "[0-9a-f-]{36}"],
  [
    /\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?/,
    "\\d{4}-\\d\\d-\\d\\d[T ][\\d:.]+(?:Z|[+-]\\d\\d:?\\d\\d)?",
  ],
  [
    /[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]+ [+-]\d{4}/,
    "[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} [\\d:]+ [+-]\\d{4}",
  ],
  [/sha256:[0-9a-f]+/, "sha256:[0-9a-f]+"],
  [/(?<![\d.])10\.\d+\.\d+\.\d+/, "10\\.\\d+\\.\\d+\\.\\d+"],
  [/\[402653\d{4}\]/, "\\[\\d+\\]"],
  [/(?<=^|\s)(?:\d+[dhms]|\d+m\d+s|\d+h\d+m)(?=\s|$)/, "(?:\\d+[dhms]\\d*[ms]?)"],
  [/(?<=^|[\s/])(?<!code )\d{3,}(?=$|[\s/,)])/, "\\d+"],
  [/ {2,}/, " +"],
  [/…/, ".*"],
];

function linePattern(line: string): string {
  const all = new RegExp(placeholders.map(([find]) => `(${find.source})`).join("|"), "g");
  let pattern = "";
  let at = 0;
  for (const match of line.matchAll(all)) {
    const kind = match.slice(1).findIndex((group) => group !== undefined);
    pattern += escapeRegExp(line.slice(at, match.index)) + (placeholders[kind]?.[1] ?? "");
    at = match.index + match[0].length;
  }
  return `${pattern}${escapeRegExp(line.slice(at))}[ \\t]*`;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
