/** One rule of device access. -1 for major or minor means any. */
export interface DeviceRule {
  type: "c" | "b";
  major: number;
  minor: number;
  /** Of r(ead), w(rite) and m(knod). */
  access: string;
}

/**
 * What the OCI runtimes allow by default: making any node (opening it is another matter), and using null,
 * zero, full, random, urandom, tty, ptmx and the container's own terminals.
 */
export const defaultDeviceRules: readonly DeviceRule[] = [
  { type: "c", major: -1, minor: -1, access: "m" },
  { type: "b", major: -1, minor: -1, access: "m" },
  { type: "c", major: 1, minor: 3, access: "rwm" },
  { type: "c", major: 1, minor: 5, access: "rwm" },
  { type: "c", major: 1, minor: 7, access: "rwm" },
  { type: "c", major: 1, minor: 8, access: "rwm" },
  { type: "c", major: 1, minor: 9, access: "rwm" },
  { type: "c", major: 5, minor: 0, access: "rwm" },
  { type: "c", major: 5, minor: 2, access: "rwm" },
  { type: "c", major: 136, minor: -1, access: "rwm" },
];

/** A rule as v1's `devices.allow` reads it: `c 136:* rwm`. */
export function v1DeviceLine(rule: DeviceRule): string {
  const number = (value: number) => (value === -1 ? "*" : String(value));
  return `${rule.type} ${number(rule.major)}:${number(rule.minor)} ${rule.access}`;
}
