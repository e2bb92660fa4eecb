/** Five characters of generated names. */
export type Random = () => string;

/** No vowels, and nothing that looks like another: names spell no words and can be read out. */
const SAFE = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH = 5;
/** A pod's name is its hostname as well. */
const MAX_NAME = 63;

export const randomSuffix: Random = () =>
  Array.from({ length: SUFFIX_LENGTH }, () => SAFE[Math.floor(Math.random() * SAFE.length)]).join("");

/** `base` cut so that the suffix fits, as the API server does for generateName. */
export const generatedName = (base: string, random: Random): string =>
  base.slice(0, MAX_NAME - SUFFIX_LENGTH) + random();

/** Several names of one base, none of them taken. */
export function generatedNames(
  base: string,
  count: number,
  random: Random,
  taken: Iterable<string>,
): string[] {
  const used = new Set(taken);
  return Array.from({ length: count }, () => {
    let name = generatedName(base, random);
    while (used.has(name)) name = generatedName(base, random);
    used.add(name);
    return name;
  });
}
