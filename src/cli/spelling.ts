/**
 * Spellings that commander has no way to say. `--wait` stands alone and takes a value only after `=`: an option whose
 * value may be left out takes the word that follows, which here is a file. `help COMMAND` is `COMMAND --help`, so that
 * the command is loaded. No command at all is a call for help. `images` alone is docker's and podman's word for the list.
 */
export function spelled([node = "", tspod = "", ...words]: string[]): string[] {
  const at = commandIndex(words);
  const flags = words.slice(0, at);
  const [first, ...rest] = words.slice(at);
  if (words.length === 0) return [node, tspod, "help"];
  if (first === "help" && rest.length > 0) return [node, tspod, ...flags, ...rest, "--help"];
  if (first === "images" && (rest.length === 0 || /^-(?!h$|-help$)/.test(rest[0] ?? ""))) {
    return [node, tspod, ...flags, "image", "ls", ...rest];
  }
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  const own =
    first === "run"
      ? words.slice(0, end).map((word) => word.replace(/^--wait=/, "--wait-for="))
      : words.slice(0, end);
  return [node, tspod, ...own, ...words.slice(end)];
}

/** Where the command stands among the words, behind flags of tspod's own. */
export function commandIndex(words: readonly string[]): number {
  let at = 0;
  while (words[at]?.startsWith("-"))
    at += /^(-n|--(namespace|root|timings|color))$/.test(words[at] ?? "") ? 2 : 1;
  return at;
}
