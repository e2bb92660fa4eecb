/**
 * Kubernetes' rules for names, labels, ports and the like. Each function gives the broken rules in the API's
 * words (so that a search for the text finds its explanation), and nothing for a good value.
 * Source: k8s.io/apimachinery/pkg/util/validation and pkg/api/validate/content.
 */
export type Faults = string[];

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const LABEL_ = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const SUBDOMAIN_ = `${LABEL_}(\\.${LABEL_})*`;
const KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const ALNUM_ENDS = "must start and end with an alphanumeric character";

const matches = (format: string, value: string) => new RegExp(`^(?:${format})$`).test(value);
const tooLong = (limit: number) => `must be no more than ${limit} characters`;

/** Adds the example and the expression, spaced as the API prints them. */
function withRegex(rule: string, format: string, ...examples: string[]): string {
  const list = examples.map((example) => `'${example}', `).join(" or ");
  return `${rule} (e.g. ${list}regex used for validation is '${format}')`;
}

export const between = (low: number, high: number) => `must be between ${low} and ${high}, inclusive`;

const byteLength = (value: string) => Buffer.byteLength(value);

export function dnsLabelFaults(value: string): Faults {
  const faults = byteLength(value) > 63 ? [tooLong(63)] : [];
  if (matches(LABEL, value)) return faults;
  if (matches(SUBDOMAIN, value)) return [...faults, "must not contain dots"];
  const rule = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and ${ALNUM_ENDS}`;
  return [...faults, withRegex(rule, LABEL, "my-name", "123-abc")];
}

export function dnsSubdomainFaults(value: string, underscores = false): Faults {
  const faults = byteLength(value) > 253 ? [tooLong(253)] : [];
  const format = underscores ? SUBDOMAIN_ : SUBDOMAIN;
  if (matches(format, value)) return faults;
  const characters = underscores ? "'_', '-' or '.'" : "'-' or '.'";
  const rule = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, ${characters}, and ${ALNUM_ENDS}`;
  return [...faults, withRegex(rule, format, "example.com")];
}

export function labelKeyFaults(value: string): Faults {
  const rule = `must consist of alphanumeric characters, '-', '_' or '.', and ${ALNUM_ENDS}`;
  const form = withRegex(rule, KEY, "MyName", "my.name", "123-abc");
  const parts = value.split("/");
  if (parts.length > 2)
    return [
      `a valid label key ${form} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  const name = parts.at(-1) as string;
  const prefix = parts.length === 2 ? (parts[0] as string) : undefined;
  const faults: Faults = [];
  if (prefix === "") faults.push("prefix part must be non-empty");
  else if (prefix !== undefined)
    faults.push(...dnsSubdomainFaults(prefix).map((fault) => `prefix part ${fault}`));
  if (name === "") faults.push("name part must be non-empty");
  else if (name.length > 63) faults.push(`name part ${tooLong(63)}`);
  if (!matches(KEY, name)) faults.push(`name part ${form}`);
  return faults;
}

export function labelValueFaults(value: string): Faults {
  const format = `(${KEY})?`;
  const faults = byteLength(value) > 63 ? [tooLong(63)] : [];
  if (matches(format, value)) return faults;
  const rule = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and ${ALNUM_ENDS}`;
  return [...faults, withRegex(rule, format, "MyValue", "my_value", "12345")];
}

export const portNumberFaults = (port: number): Faults =>
  port >= 1 && port <= 65535 ? [] : [between(1, 65535)];

export function portNameFaults(name: string): Faults {
  const faults: Faults = [];
  if (byteLength(name) > 15) faults.push(tooLong(15));
  if (!/^[-a-z0-9]+$/.test(name))
    faults.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(name)) faults.push("must contain at least one letter (a-z)");
  if (name.includes("--")) faults.push("must not contain consecutive hyphens");
  if (/^-|-$/.test(name)) faults.push("must not begin or end with a hyphen");
  return faults;
}

/** Names of environment variables, in the relaxed form Kubernetes has used since 1.30. */
export function envNameFaults(name: string): Faults {
  if (name === "") return ["environment variable name must be non-empty"];
  if (/^[\x20-\x3c\x3e-\x7e]+$/.test(name)) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

export function configKeyFaults(key: string): Faults {
  const format = "[-._a-zA-Z0-9]+";
  const faults = byteLength(key) > 253 ? [tooLong(253)] : [];
  if (!matches(format, key)) {
    const rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
    faults.push(withRegex(rule, format, "key.name", "KEY_NAME", "key-name"));
  }
  if (key === ".") faults.push("must not be '.'");
  else if (key === "..") faults.push("must not be '..'");
  else if (key.startsWith("..")) faults.push("must not start with '..'");
  return faults;
}

export function headerNameFaults(name: string): Faults {
  const format = "[-A-Za-z0-9]+";
  if (matches(format, name)) return [];
  return [
    withRegex("a valid HTTP header must consist of alphanumeric characters or '-'", format, "X-Header-Name"),
  ];
}

/** Ids of users and groups (runAsUser, fsGroup): 0 to 2³¹-1. */
export const idFaults = (id: number): Faults => (id >= 0 && id <= 2147483647 ? [] : [between(0, 2147483647)]);

/** IPv4 in dotted decimals without leading zeros, or IPv6 without a zone. (node:net would cost 2 ms of start-up.) */
export function ipFaults(address: string): Faults {
  if (isIpv4(address) || isIpv6(address)) return [];
  if (/^\d+(\.\d+){3}$/.test(address) && isIpv4(address.replace(/\b0+(?=\d)/g, "")))
    return ["must not have leading 0s"];
  return ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"];
}

const isIpv4 = (text: string) =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(text) &&
  text.split(".").every((part) => part === String(Number(part)) && Number(part) < 256);

function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1);
  const embedded = last !== undefined && isIpv4(last);
  if (embedded) groups.pop();
  const length = groups.length + (embedded ? 2 : 0);
  return (
    groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) &&
    (halves.length === 2 ? length < 8 : length === 8)
  );
}
