import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

/** The layers of src/, lowest first; folders of one row are of one height. docs/architecture.md draws them. */
export const layers: readonly (readonly string[])[] = [
  ["errors"],
  ["manifest"],
  ["plan", "net", "cgroup", "security"],
  ["kernel"],
  ["engine"],
  ["state"],
  ["image"],
  ["runtime"],
  ["pod"],
  ["workload"],
  ["daemon"],
  ["narrate"],
  ["cli"],
];

/** A source file: `path` from the top of the checkout. */
export interface Source {
  path: string;
  text: string;
}

/** All files below `folder` of the checkout with one of the endings. */
export function readSources(root: string, folder: string, endings: string[]): Source[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: relative(root, file), text: readFileSync(file, "utf8") }));
}

const importPattern = /(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']/g;

/** What a file imports, statically, dynamically or as a type: paths from the top of the checkout, or package names. */
export function importsOf(source: Source): string[] {
  return [...source.text.matchAll(importPattern)]
    .map((match) => match[1] as string)
    .map((name) => (name.startsWith(".") ? normalize(join(dirname(source.path), name)) : name));
}

const staticImport = /^(?:import|export)\s+(?!type\b)(?:[^"';]*?\bfrom\s+)?["']([^"']+)["']/gm;

/** The packages that are loaded with the file `entry`: by its static imports and theirs; types and `import()` cost nothing. */
export function packagesLoadedBy(sources: Source[], entry: string): string[] {
  const texts = new Map(sources.map(({ path, text }) => [path, text]));
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const [, name = ""] of (texts.get(path) ?? "").matchAll(staticImport)) {
      if (name.startsWith(".")) visit(normalize(join(dirname(path), name)));
      else packages.add(name);
    }
  };
  visit(entry);
  return [...packages].sort();
}

const layerOf = (path: string) => path.split("/")[1] as string;
/** Numbers of the kernel's ABI: no code, no imports, so a plan, whose flags are numeric, may use them. */
const constants = "src/kernel/constants.ts";

const heightOf = (path: string) =>
  path === constants ? 0 : layers.findIndex((row) => row.includes(layerOf(path)));

/** Sentences about imports that go up, and about files in no layer. */
export function upwardArrows(sources: Source[]): string[] {
  return sources.flatMap((source) => {
    const height = heightOf(source.path);
    if (height < 0) return [`${source.path} is in no layer of test/support/source-rules.ts`];
    return importsOf(source)
      .filter((target) => target.startsWith("src/") && heightOf(target) > height)
      .map((target) => `${source.path} (${layerOf(source.path)}) imports ${target} (${layerOf(target)})`);
  });
}

/** Sentences about files that write to the terminal and are not of the cli layer. */
export function terminalWriters(sources: Source[]): string[] {
  const writes =
    /\bconsole\.(?:log|info|warn|error|debug|trace|table|dir)\b|\bprocess\.std(?:out|err)\b|writeSync\(\s*[12]\s*,/g;
  return sources
    .filter((source) => layerOf(source.path) !== "cli")
    .flatMap((source) =>
      [...withoutComments(source.text).matchAll(writes)].map((match) => `${source.path}: ${match[0]}`),
    );
}

/** Blanks out comments, so that a rule about code is not broken by a sentence about it. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[^:"'`])\/\/.*$/gm, "$1");
}

/** Sentences about files of more than `limit` lines; generated folders (gen/) are left out. */
export function longFiles(sources: Source[], limit: number): string[] {
  return sources
    .filter((source) => !source.path.includes("/gen/"))
    .map((source) => ({ path: source.path, lines: source.text.replace(/\n$/, "").split("\n").length }))
    .filter(({ lines }) => lines > limit)
    .map(({ path, lines }) => `${path} has ${lines} lines, ${lines - limit} more than ${limit}`);
}

/**
 * Sentences about tests that are switched off, or that switch all others off. A test that depends on the host
 * (runIf, skipIf) needs a comment on the line above that says on what.
 */
export function unrunTests(sources: Source[]): string[] {
  const off = /\b(?:describe|it|test)\s*\.\s*(?:only|skip|todo|fails)\b|\b(?:xit|xdescribe)\s*\(/;
  const conditional = /\b(?:describe|it|test)\s*\.\s*(?:skipIf|runIf)\b/;
  return sources.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index, lines) => {
      const isBare = conditional.test(line) && !/^\s*(\/\/|\*)/.test(lines[index - 1] ?? "");
      return off.test(line) || isBare ? [`${path}:${index + 1}: ${line.trim()}`] : [];
    }),
  );
}
