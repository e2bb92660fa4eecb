import { type Document, isMap, isScalar } from "yaml";

/** What may end a JSON string, open or close an object or a list; a string is passed over as a whole. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]]/gs;

/**
 * Where objects begin that follow one another without a separator, from the second one on, whose place the parser
 * found. All in one pass: each by itself would be a pass over all that is left.
 */
export function joinedObjects(text: string, second: number): number[] {
  const starts: number[] = [];
  let depth = 0;
  for (const { 0: token, index } of text.slice(second).matchAll(TOKEN)) {
    if (token === "{" && depth === 0) starts.push(second + index);
    if (token === "{" || token === "[") depth++;
    if (token === "}" || token === "]") depth--;
    // No JSON: the parser will say where.
    if (depth < 0) break;
  }
  return starts;
}

/** Where objects begin, from the second one on, in a document that has apiVersion and kind more than once. */
export function objectsInOne({ contents }: Document.Parsed): number[] {
  if (!isMap(contents) || contents.flow) return [];
  const placesOf = (name: string) =>
    contents.items.flatMap(({ key }) => (isScalar(key) && key.value === name ? [key.range?.[0] ?? 0] : []));
  const [apiVersions, kinds] = [placesOf("apiVersion"), placesOf("kind")];
  return apiVersions.slice(1, kinds.length).map((place, i) => Math.min(place, kinds[i + 1] ?? place));
}
