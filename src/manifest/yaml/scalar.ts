/** What a scalar stands for: integers exact as bigint, other numbers as number. */
export type PlainValue = null | boolean | bigint | number | string;

const WORDS = new Map<string, PlainValue>();
const define = (value: PlainValue, ...words: string[]) => {
  for (const word of words) WORDS.set(word, value);
};
define(true, "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON");
define(false, "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF");
define(null, "", "~", "null", "Null", "NULL");
define(Number.NaN, ".nan", ".NaN", ".NAN");
define(Number.POSITIVE_INFINITY, ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF");
define(Number.NEGATIVE_INFINITY, "-.inf", "-.Inf", "-.INF");

const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))$/;

/**
 * The value of an unquoted scalar by the rules of kubectl and the API server (sigs.k8s.io/yaml over go-yaml 2):
 * YAML 1.1 booleans, `0644` octal, `1_000` a thousand; `2222:22` and dates are strings.
 */
export function resolvePlain(text: string): PlainValue {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(text)) return text;
  if (text.startsWith(".")) return FLOAT.test(text) ? Number(text) : text;
  const plain = text.replaceAll("_", "");
  const integer = readInteger(plain);
  if (integer !== undefined && integer >= -(2n ** 63n) && integer < 2n ** 64n) return integer;
  // go-yaml reads decimals beyond 64 bits, and 08 or 09, as floating point.
  if (FLOAT.test(plain)) return Number(plain);
  return integer ?? text;
}

function readInteger(text: string): bigint | undefined {
  const match = INTEGER.exec(text);
  if (match === null) return undefined;
  const [, sign, hex, binary, octal, decimal] = match;
  const digits = hex ? `0x${hex}` : binary ? `0b${binary}` : octal ? `0o${octal}` : (decimal as string);
  return sign === "-" ? -BigInt(digits) : BigInt(digits);
}

/** A non-string key as Kubernetes turns it into one: `on: x` has the key "true". */
export function keyText(value: PlainValue): string {
  if (typeof value === "number" && !Number.isFinite(value))
    return Number.isNaN(value) ? ".nan" : value > 0 ? ".inf" : "-.inf";
  return String(value);
}
