/** What `env` printed. A value of several lines is cut at its first. */
export function variablesOf(text: string): Record<string, string> {
  const lines = text.split("\n").filter((line) => /^[^=]+=/.test(line));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}
