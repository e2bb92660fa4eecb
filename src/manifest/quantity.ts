import { TspodError } from "../errors/tspod-error.ts";

/**
 * A resource quantity, exact, in billionths of its unit (1n). Source: resource.Quantity of the Kubernetes API.
 * Values finer than 1n are rounded up, away from zero; binary quantities end at 2⁶³-1 units.
 */
export interface Quantity {
  nano: bigint;
  /** The notation it was written in, kept when it is written again. */
  format: "decimal" | "binary" | "exponent";
}

const NANO = 1_000_000_000n;
const MAX_BINARY = (2n ** 63n - 1n) * NANO;
const DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const GRAMMAR = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;

/** The API's own words for what is wrong with a quantity. */
const WRONG_FORMAT =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_NUMBER = "unable to parse numeric part of quantity";
const WRONG_SUFFIX = "unable to parse quantity's suffix";

/** Reads `500m`, `1.5Gi`, `2e3`; for text that is none, the rule it breaks, in the API's words. */
export function readQuantity(text: string): Quantity | string {
  const match = GRAMMAR.exec(text.trim());
  if (match === null) return WRONG_FORMAT;
  const [, sign = "", whole = "", fraction = "", suffix = ""] = match;
  if (whole === "" && fraction === "") return WRONG_FORMAT;
  const scale = readSuffix(suffix);
  if (typeof scale === "string") return scale;

  const digits = BigInt(whole + fraction);
  let exponent = 9 - fraction.length;
  let value = digits;
  if (scale.format === "binary") value *= 1024n ** BigInt(scale.power);
  else exponent += scale.power;
  let nano = exponent >= 0 ? value * 10n ** BigInt(exponent) : divideUp(value, 10n ** BigInt(-exponent));
  if (scale.format === "binary" && nano > MAX_BINARY) nano = MAX_BINARY;
  return { nano: sign === "-" ? -nano : nano, format: scale.format };
}

/** Like readQuantity. Throws TspodError TS3001 for text that is no quantity. */
export function parseQuantity(text: string): Quantity {
  const quantity = readQuantity(text);
  if (typeof quantity === "string")
    throw new TspodError({ code: "TS3001", message: `Invalid value: "${text}": ${quantity}`, exitCode: 2 });
  return quantity;
}

function readSuffix(suffix: string): { format: Quantity["format"]; power: number } | string {
  const decimal = DECIMAL.indexOf(suffix);
  if (decimal >= 0) return { format: "decimal", power: (decimal - 3) * 3 };
  const binary = BINARY.indexOf(suffix);
  if (binary > 0) return { format: "binary", power: binary };
  if (!/^[eE][-+]?[0-9]+$/.test(suffix)) return WRONG_SUFFIX;
  const power = Number(suffix.slice(1));
  // No machine has 10¹⁰⁰⁰ of anything: the bound keeps a hostile exponent from filling memory with digits.
  return Math.abs(power) > 1000 ? WRONG_NUMBER : { format: "exponent", power };
}

/** The canonical text: no fraction, the largest suffix that loses nothing (`1.5` → `1500m`, `1024Mi` → `1Gi`). */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return "0";
  const whole = nano % NANO === 0n;
  const small = nano > -1024n * NANO && nano < 1024n * NANO;
  if (format === "binary" && whole && !small) {
    let mantissa = nano / NANO;
    let power = 0;
    while (mantissa % 1024n === 0n && power < BINARY.length - 1) {
      mantissa /= 1024n;
      power++;
    }
    return `${mantissa}${BINARY[power]}`;
  }
  let mantissa = nano;
  let thousands = 0;
  while (mantissa % 1000n === 0n) {
    mantissa /= 1000n;
    thousands++;
  }
  const exponent = thousands * 3 - 9;
  const suffix = format === "exponent" ? undefined : DECIMAL[thousands];
  if (suffix !== undefined) return `${mantissa}${suffix}`;
  return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
}

/** Exact, whatever the notations: `1024Mi` is `1Gi`. For Array.sort. */
export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0;
}

/** The sum, in the notation of `a` unless `a` is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format };
}

/** Whole units (bytes, cores), rounded up. */
export const wholeUnits = (quantity: Quantity): bigint => divideUp(quantity.nano, NANO);

/** Thousandths of a unit (millicores), rounded up. */
export const milliUnits = (quantity: Quantity): bigint => divideUp(quantity.nano, NANO / 1000n);

/** A quantity's text in whole units ("one") or thousandths ("milli"), rounded up. Throws TspodError TS3001. */
export function quantityInUnits(text: string, unit: "one" | "milli"): bigint {
  const quantity = parseQuantity(text);
  return unit === "one" ? wholeUnits(quantity) : milliUnits(quantity);
}

/** Rounded up to thousandths, as the API stores resource lists. */
export function roundUpToMilli({ nano, format }: Quantity): Quantity {
  return { nano: divideUp(nano, NANO / 1000n) * (NANO / 1000n), format };
}

function divideUp(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  if (value % by === 0n) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}
