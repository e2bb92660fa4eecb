/**
 * The value of a variable in an env file (KEP-3721): `NAME='value'`, a part of the shell's syntax. Between the quotes
 * everything counts as it stands, line ends too; before a name there may be blanks, after the value a comment. Blank lines
 * and those that begin with `#` count nothing. Undefined when the file does not have it.
 * @throws Error that names the line, when the file is not of that form up to where the variable stands.
 */
export function valueInEnvFile(text: string, key: string): string | undefined {
  let rest = text.replaceAll("\r\n", "\n");
  for (let line = 1; rest !== ""; ) {
    const assignment = /^[ \t]*(?:#[^\n]*)?(?:\n|$)/.exec(rest) ?? assignmentAt(rest, line);
    if (assignment[1] === key) return assignment[2] ?? "";
    line += assignment[0].split("\n").length - 1;
    rest = rest.slice(assignment[0].length);
  }
  return undefined;
}

const ASSIGNMENT = /^[ \t]*([^\s=]+)=(?:'([^']*)')?[ \t]*(?:(?<=[\s'=])#[^\n]*)?(?:\n|$)/;
/** `VAR= 'value'` gives the shell's empty variable; what follows counts nothing. */
const EMPTY = /^[ \t]*([^\s=]+)=[ \t][^\n]*(?:\n|$)/;

function assignmentAt(rest: string, line: number): RegExpExecArray {
  const found = ASSIGNMENT.exec(rest) ?? EMPTY.exec(rest);
  if (found) return found;
  const [first = ""] = rest.split("\n", 1);
  throw new Error(`invalid environment variable format at line ${line}: ${faultOf(first, rest)}`);
}

function faultOf(line: string, rest: string): string {
  const equals = line.indexOf("=");
  if (equals < 0) return "missing '='";
  const name = line.slice(0, equals).replace(/^[ \t]+/, "");
  if (name === "") return "empty variable name";
  if (/\s$/.test(name)) return "whitespace before '=' is not allowed";
  if (/\s/.test(name)) return "whitespace in the variable name is not allowed";
  if (line[equals + 1] !== "'") return "value must be enclosed in single quotes";
  const value = rest.slice(rest.indexOf("'") + 1);
  return value.includes("'") ? "unexpected content after closing quote" : "unclosed single quote";
}
