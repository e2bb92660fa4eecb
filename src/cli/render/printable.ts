/**
 * What a container has said, in a place where its terminal sequences would move ours (kubectl does the same, since
 * CVE-2021-25743): no control character but newline and tab reaches the terminal, and no space at the ends.
 */
export function printable(text: string): string {
  return withoutControls(text.trim());
}

/** The same, spaces and all. */
export function withoutControls(text: string): string {
  return text.replace(CONTROLS, (character) => {
    if (character === "\r") return "\\r";
    const code = character.charCodeAt(0);
    return code < 0x80 ? `^${String.fromCharCode(code ^ 0x40)}` : `\\x${code.toString(16)}`;
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
