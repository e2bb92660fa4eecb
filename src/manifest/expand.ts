/**
 * Expands `$(NAME)` as Kubernetes does in command, args and env values: `$$` is a plain `$`, so `$$(NAME)` stays
 * text; a name that is not among `variables`, an unclosed `$(` and any other `$` stay as they are.
 */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return replaceReferences(text, (name) => variables.get(name));
}

function replaceReferences(text: string, lookup: (name: string) => string | undefined): string {
  let out = "";
  let at = 0;
  for (;;) {
    const dollar = text.indexOf("$", at);
    if (dollar < 0 || dollar === text.length - 1) return out + text.slice(at);
    out += text.slice(at, dollar);
    const next = text[dollar + 1];
    at = dollar + 2;
    if (next === "$") out += "$";
    else if (next !== "(") out += `$${next}`;
    else {
      const close = text.indexOf(")", at);
      if (close < 0) out += "$(";
      else {
        const name = text.slice(at, close);
        out += lookup(name) ?? `$(${name})`;
        at = close + 1;
      }
    }
  }
}

/**
 * The names that `$(NAME)` in the text refers to, in order, each once (for subPathExpr, where a missing one is an
 * error).
 */
export function references(text: string): string[] {
  const names = new Set<string>();
  replaceReferences(text, (name) => {
    names.add(name);
    return "";
  });
  return [...names];
}
