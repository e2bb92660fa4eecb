import { createHash } from "node:crypto";

/** NAME_MAX (255), and room for what a temporary name has more (`.<pid>.tmp`), in bytes. */
const LONGEST = 255 - 20;

/**
 * A file's name for what Kubernetes names: up to 253 characters, which leave too little room for what goes with them. A
 * name that does not fit is cut, and a hash of the whole makes it one of a kind; `~` occurs in no name. Applied to what
 * it returned, it changes nothing.
 */
export function fileName(name: string, { before = "", after = "" } = {}): string {
  const room = LONGEST - before.length - after.length;
  if (name.length <= room) return `${before}${name}${after}`;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 16);
  return `${before}${name.slice(0, room - hash.length - 1)}~${hash}${after}`;
}
