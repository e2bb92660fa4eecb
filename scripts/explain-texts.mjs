// The texts of `tspod explain pod.spec…` and `tspod explain TS2001`. Only the build calls this, and writes them beside
// the bundle: those of fields are the Kubernetes API's own, from its published models, and no command but one reads them.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @param {string} root the checkout
 * @returns {{types: Record<string, {text: string, fields: Record<string, string>}>, codes: Record<string, string>}}
 */
export function explainTexts(root) {
  const models = join(root, "node_modules/@kubernetes/client-node/dist/gen/models");
  const table = readFileSync(join(root, "src/manifest/gen/table.ts"), "utf8");
  const types = {};
  for (const [, type] of table.matchAll(/^ {2}(\w+):/gm)) types[type] = typeTexts(readModel(models, type));
  const page = readFileSync(join(root, "docs/error-codes.md"), "utf8");
  const codes = {};
  for (const [, code, meaning] of page.matchAll(/^\| (TS\d{4}) \| (.+) \| .+ \|$/gm)) codes[code] = meaning;
  return { types, codes };
}

function typeTexts(code) {
  const fields = {};
  for (const [, comment, name] of code.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*'([\w$]+)'\??: /g))
    fields[name] = plain(comment);
  const own = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export declare class/.exec(code);
  return { text: own === null ? "" : plain(own[1]), fields };
}

/** A comment's text on one line, with the escapes of the generated models taken out. */
const plain = (comment) =>
  comment
    .replace(/^\s*\*?\s?/gm, " ")
    .replace(/\\(['"`])/g, "$1")
    .replace(/\s+/g, " ")
    .trim();

function readModel(models, type) {
  for (const prefix of ["V1", "CoreV1"]) {
    try {
      return readFileSync(join(models, `${prefix}${type}.d.ts`), "utf8");
    } catch {}
  }
  throw new Error(`the API's models have no ${type}`);
}
