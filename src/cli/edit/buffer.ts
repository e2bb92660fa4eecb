/** The lines above what is edited, in kubectl's words. */
const HEADER = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;

/** The file a person edits; `failure` is what was wrong with it before. */
export function bufferOf(content: string, failure?: { what: string; problems: readonly string[] }): string {
  const errors = failure
    ? [`${failure.what} was not valid:`, ...failure.problems.flatMap((one) => `* ${one}`.split("\n"))]
    : [];
  return `${HEADER}${errors.map((line) => `# ${line}\n`).join("")}${failure ? "#\n" : ""}${content}`;
}

/**
 * What a person has left in the file: all but the comments we have put on top. A `#` further down may be part of a
 * script in a block of text.
 */
export function contentOf(buffer: string): string {
  const lines = buffer.split("\n");
  const first = lines.findIndex((line) => !line.startsWith("#"));
  return first < 0 ? "" : lines.slice(first).join("\n");
}
