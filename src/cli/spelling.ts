/**
 * Spellings that commander has no way to say. `--wait` stands alone and takes a value only after `=`: an option whose
 * value may be left out takes the word that follows, which here is a file. `help COMMAND` is `COMMAND --help`, so that
 * the command is loaded. No command at all is a call for help. `images` alone is docker's and podman's word for the list.
 */
export function spelled([node = "", tspod = "", ...words]: string[]): string[] {
  const [first, ...rest] = words;
  if (first === undefined) return [node, tspod, "help"];
  if (first === "help" && rest.length > 0) return [node, tspod, ...rest, "--help"];
  if (first === "images" && (rest.length === 0 || /^-(?!h$|-help$)/.test(rest[0] ?? ""))) {
    return [node, tspod, "image", "ls", ...rest];
  }
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  const own = words.slice(0, end).map((word) => word.replace(/^--wait=/, "--wait-for="));
  return [node, tspod, ...own, ...words.slice(end)];
}
