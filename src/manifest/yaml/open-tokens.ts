/** A quote or bracket and where it stands. */
export interface Token {
  character: string;
  at: number;
}

/**
 * The quote or bracket of a text that is most likely the one left open: a quoted text that runs over a line which
 * looks like a key of its own, else one without an end, else the innermost bracket open at `until`.
 */
export function findOpenToken(text: string, from: number, until: number): Token | undefined {
  const brackets: Token[] = [];
  let at = from;
  while (at < text.length) {
    const character = text[at] as string;
    const before = text[at - 1] ?? "\n";
    if (character === "#" && /\s/.test(before)) {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
    } else if ((character === '"' || character === "'") && /[\s[{,:(]/.test(before)) {
      const end = closingQuote(text, at, character);
      const inside = text.slice(at, end < 0 ? undefined : end);
      if (end < 0 || /\n\s*(- )?[\w./-]+:(\s|$)/.test(inside)) return { character, at };
      at = end + 1;
    } else {
      if (at <= until && (character === "[" || character === "{")) brackets.push({ character, at });
      if (at < until && (character === "]" || character === "}")) brackets.pop();
      at++;
    }
  }
  return brackets.at(-1);
}

function closingQuote(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\" && quote === '"') at++;
    else if (text[at] === quote) {
      if (quote === "'" && text[at + 1] === "'") at++;
      else return at;
    }
  }
  return -1;
}
