import { TspodError } from "../errors/tspod-error.ts";

const decimal: Record<string, number> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const binary: Record<string, bigint> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };
const form = /^([+-]?)(\d*)(?:\.(\d*))?(?:(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)|[eE]([+-]?\d{1,3}))?$/;

/**
 * A Kubernetes quantity in 10⁻⁹ units, rounded up as the API server rounds (apimachinery's resource.Quantity).
 * Throws TS3101 for what is not a quantity.
 */
export function quantityNano(text: string): bigint {
  const parts = form.exec(text);
  const whole = parts?.[2] ?? "";
  const fraction = parts?.[3] ?? "";
  if (parts === null || whole + fraction === "") {
    throw new TspodError({
      code: "TS3101",
      message: `${JSON.stringify(text)} is not a quantity`,
      hint: "write a number with an optional suffix: 250m, 0.5, 64Mi, 1Gi, 2G",
      exitCode: 2,
    });
  }
  const suffix = parts[4] ?? "";
  const power = binary[suffix];
  const exponent = 9 - fraction.length + (parts[5] === undefined ? (decimal[suffix] ?? 0) : Number(parts[5]));
  const digits = BigInt(whole + fraction) << (power ?? 0n);
  const value = exponent >= 0 ? digits * 10n ** BigInt(exponent) : divideUp(digits, 10n ** BigInt(-exponent));
  return parts[1] === "-" ? -value : value;
}

/** CPU quantity in thousandths of a CPU, rounded up. */
export function milliCpu(text: string): number {
  return Number(divideUp(quantityNano(text), 1_000_000n));
}

/** Memory quantity in bytes, rounded up. */
export function bytes(text: string): number {
  return Number(divideUp(quantityNano(text), 1_000_000_000n));
}

function divideUp(value: bigint, by: bigint): bigint {
  return value > 0n ? (value + by - 1n) / by : value / by;
}
