import { formatQuantity, readQuantity } from "../quantity.ts";
import type { ScalarType } from "../schema.ts";
import type { ScalarNode, TreeNode } from "../yaml/tree.ts";

/** What is wrong with a value, ready to be put after `path: `. */
export interface Mismatch {
  message: string;
  help?: string;
}

export type Decoded = { ok: true; value: unknown } | ({ ok: false } & Mismatch);

const WANTED: Record<ScalarType, string> = {
  s: "a string",
  b: "true or false",
  i: "an integer",
  l: "an integer",
  q: "a quantity (a number with an optional suffix: 250m, 0.5, 64Mi)",
  p: "a port number or a port's name",
  t: "a time (2006-01-02T15:04:05Z)",
  y: "base64 text",
  x: "anything",
};

export const wanted = (scalar: ScalarType): string => WANTED[scalar];

const good = (value: unknown): Decoded => ({ ok: true, value });
const bad = (shown: string, rule: string, help?: string): Decoded => ({
  ok: false,
  message: `Invalid value: ${shown}: ${rule}`,
  ...(help === undefined ? {} : { help }),
});

/** The value as it is shown in messages: quoted as in JSON if it is a string. */
export function showScalar(node: ScalarNode): string {
  if (typeof node.value === "string") return JSON.stringify(node.text);
  return node.text === "" ? "null" : node.text;
}

/** What a value is, in YAML's words. */
export function kindOf(node: TreeNode): string {
  if (node.kind !== "scalar") return node.kind === "map" ? "a map" : "a list";
  if (node.value === null) return "empty";
  switch (typeof node.value) {
    case "string":
      return "a string";
    case "boolean":
      return /^(true|false)$/i.test(node.text) ? "a boolean" : `a word YAML reads as ${node.value}`;
    default:
      return Number.isInteger(Number(node.value)) ? "an integer" : "a number";
  }
}

/** Reads a scalar as the API's decoder would, strictly. */
export function decodeScalar(type: ScalarType, node: ScalarNode): Decoded {
  const { value, text } = node;
  const shown = showScalar(node);
  switch (type) {
    case "s":
    case "t":
      if (typeof value === "string") return good(value);
      return bad(shown, `must be a string, not ${kindOf(node)}`, `quote it: "${text}"`);
    case "y":
      return decodeBytes(node, shown);
    case "b":
      if (typeof value === "boolean") return good(value);
      if (typeof value === "string" && /^(true|false)$/i.test(value))
        return bad(shown, "must be true or false, not a string", `remove the quotes: ${value.toLowerCase()}`);
      return bad(shown, `must be true or false, not ${kindOf(node)}`, booleanHelp(node));
    case "i":
    case "l":
      return decodeInteger(type, node, shown);
    case "p":
      if (typeof value === "string") return good(value);
      return decodeInteger("i", node, shown);
    case "q":
      return decodeQuantity(node, shown);
    case "x":
      return good(value);
  }
}

/** What a text that stands for a boolean elsewhere is here. */
function booleanHelp({ text }: ScalarNode): string | undefined {
  const word = text.toLowerCase().replace(/[;,]$/, "");
  if (["true", "yes", "on", "1", "enabled"].includes(word)) return "write true";
  return ["false", "no", "off", "0", "disabled"].includes(word) ? "write false" : undefined;
}

/** `rw-r--r--` in octal digits. */
const modeOf = (text: string): string =>
  [0, 3, 6]
    .map((at) => [...text.slice(at, at + 3)].reduce((sum, bit, i) => sum + (bit === "-" ? 0 : 4 >> i), 0))
    .join("");

function decodeInteger(type: "i" | "l", node: ScalarNode, shown: string): Decoded {
  const { value, text } = node;
  if (typeof value === "string" && !node.quoted && /^[-+]?\d+[;,]$/.test(value))
    return bad(shown, "must be an integer, not a string", `remove the ${text.at(-1)}: ${text.slice(0, -1)}`);
  if (typeof value === "string" && /^[-r][-w][-xsStT]([-r][-w][-xsStT]){2}$/.test(value))
    return bad(shown, "must be an integer, not a string", `write the mode as a number: 0${modeOf(value)}`);
  if (typeof value === "string" && /^[-+]?\d+$/.test(value))
    return bad(shown, "must be an integer, not a string", `remove the quotes: ${text}`);
  if (typeof value === "number" && Number.isFinite(value) && !Number.isInteger(value))
    return bad(shown, "must be a whole number");
  if (typeof value !== "bigint" && !(typeof value === "number" && Number.isInteger(value)))
    return bad(shown, `must be an integer, not ${kindOf(node)}`);
  const bits = type === "i" ? 32n : 64n;
  const limit = 2n ** (bits - 1n);
  const integer = BigInt(value);
  if (integer < -limit || integer >= limit) return bad(shown, `must fit in ${bits} bits`);
  return good(Number(integer));
}

function decodeQuantity(node: ScalarNode, shown: string): Decoded {
  const { value } = node;
  if (value === null || typeof value === "boolean") return bad(shown, `must be ${WANTED.q}`);
  const quantity = readQuantity(String(value));
  if (typeof quantity !== "string") return good(formatQuantity(quantity));
  return bad(shown, quantity, unitHelp(String(value)));
}

/** The usual slips: 64MB, 64mb, 64 Mi, 1 core. */
function unitHelp(text: string): string {
  const bare = text.replace(/[\s,]+/g, "");
  if (bare !== text && typeof readQuantity(bare) !== "string")
    return `did you mean ${bare}? A quantity is one word`;
  const percent = /^([0-9.]+)%$/.exec(text);
  if (percent !== null) return `a quantity is no share: ${Number(percent[1]) * 10}m is ${text} of one cpu`;
  const match = /^([0-9.]+)\s*([a-z]+)$/i.exec(text.trim());
  const suffix = match?.[2]?.toLowerCase().replace(/b(ytes?)?$/, "") ?? "";
  const unit: Record<string, string> = {
    k: "k",
    m: "M",
    g: "G",
    t: "T",
    ki: "Ki",
    mi: "Mi",
    gi: "Gi",
    ti: "Ti",
    "": "",
    mega: "M",
    giga: "G",
    kilo: "k",
    cpu: "",
    cpus: "",
    core: "",
    cores: "",
  };
  const meant = match === null ? undefined : unit[suffix];
  const example = "write for example 250m, 0.5 or 2 for cpu, 64Mi or 1Gi for memory";
  return meant === undefined
    ? example
    : `did you mean ${match?.[1]}${meant}? Suffixes are m, k, M, G, T and Ki, Mi, Gi, Ti`;
}

function decodeBytes(node: ScalarNode, shown: string): Decoded {
  if (node.value === null) return good("");
  if (typeof node.value !== "string")
    return bad(shown, `must be base64 text, not ${kindOf(node)}`, `quote it: "${node.text}"`);
  const text = node.value.replace(/[\r\n]/g, "");
  const wrong = text.search(/[^A-Za-z0-9+/=]/);
  const padding = /^[^=]*={0,2}$/.test(text) && text.length % 4 === 0;
  if (wrong < 0 && padding) return good(text);
  const help =
    "encode it (printf %s 'text' | base64), or write the text itself under stringData (Secret) or data (ConfigMap)";
  // The value may be a secret: it is not repeated.
  return {
    ok: false,
    message: `Invalid value: illegal base64 data at input byte ${wrong < 0 ? text.length : wrong}`,
    help,
  };
}
