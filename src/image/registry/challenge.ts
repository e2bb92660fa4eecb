/** What a registry asks for with a 401 (RFC 9110, section 11.6.1; distribution spec, "Token Authentication"). */
export type Challenge =
  | { scheme: "basic" }
  | { scheme: "bearer"; realm: string; service?: string; scope?: string };

/** The challenges of a WWW-Authenticate header, in its order; schemes that are not known are left out. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  // A scheme, then its parameters: token or quoted text.
  const schemes = header.matchAll(
    /([A-Za-z][\w-]*)\s+((?:[\w-]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s,"]+)\s*,?\s*)*)/g,
  );
  for (const [, scheme = "", text = ""] of schemes) {
    const parameters = parseParameters(text);
    if (/^basic$/i.test(scheme)) challenges.push({ scheme: "basic" });
    else if (/^bearer$/i.test(scheme) && parameters.realm !== undefined) {
      const { realm, service, scope } = parameters;
      challenges.push({
        scheme: "bearer",
        realm,
        ...(service !== undefined && { service }),
        ...(scope !== undefined && { scope }),
      });
    }
  }
  return challenges;
}

function parseParameters(text: string): Record<string, string | undefined> {
  const parameters: Record<string, string> = {};
  for (const [, name = "", quoted, plain] of text.matchAll(
    /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g,
  ))
    parameters[name.toLowerCase()] = quoted === undefined ? plain! : quoted.replace(/\\(.)/g, "$1");
  return parameters;
}
