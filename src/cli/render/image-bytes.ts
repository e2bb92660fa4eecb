const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** A size as `docker image ls` writes it: three digits, powers of a thousand. */
export function humanBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))}${UNITS[unit]}`;
}
