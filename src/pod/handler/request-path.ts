/**
 * The request target for a handler's `path`, which may have a query; written as the kubelet's URL parser would: a
 * fragment, and a scheme and host in it, are dropped; what may not stand in a URL is escaped; `..` stays.
 */
export function requestPath(path: string): string {
  if (isBroken(path)) return withSlash(encodeURIComponent(path).replaceAll("%2F", "/"));
  const [whole = ""] = path.split("#", 1);
  return withSlash(escaped(whole.replace(/^(?:[a-z][a-z0-9+.-]*:)?\/\/[^/?]*/i, "")));
}

/** Control characters, and a `%` that begins no escape. */
function isBroken(path: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return /[\u0000-\u001f\u007f]/.test(path) || /%(?![0-9a-f]{2})/i.test(path.split(/[?#]/, 1)[0] ?? "");
}

function escaped(text: string): string {
  return text.replace(/[^\u0021-\u007e]|["<>\\^`{|}]/gu, (character) => encodeURIComponent(character));
}

function withSlash(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}
