import { dnsLabelFaults, dnsSubdomainFaults, labelKeyFaults, labelValueFaults } from "../formats.ts";
import type { ObjectMeta } from "../gen/types.ts";
import type { Check } from "./check.ts";

const ANNOTATIONS_LIMIT = 256 * 1024;

/** Rules for metadata of every kind (apimachinery ValidateObjectMeta). Names are DNS subdomains. */
export function checkMeta(check: Check, meta: ObjectMeta): void {
  if (meta.generateName)
    check.invalidAll("metadata.generateName", meta.generateName, prefixFaults(meta.generateName));
  if (meta.name)
    check.invalidAll("metadata.name", meta.name, dnsSubdomainFaults(meta.name), { ...lowerCase(meta.name) });
  else if (!meta.generateName)
    check.required("metadata.name", "name or generateName is required", {
      help: "for example metadata: {name: web}",
    });
  if (meta.namespace) check.invalidAll("metadata.namespace", meta.namespace, dnsLabelFaults(meta.namespace));
  checkLabels(check, "metadata.labels", meta.labels);
  checkAnnotations(check, "metadata.annotations", meta.annotations);
}

export function checkLabels(check: Check, path: string, labels: Record<string, string> = {}): void {
  for (const [key, value] of Object.entries(labels)) {
    const at = `${path}[${key}]`;
    check.invalidAll(path, key, labelKeyFaults(key), { at, key: true });
    check.invalidAll(path, value, labelValueFaults(value), { at, ...dashes(value) });
  }
}

export function checkAnnotations(check: Check, path: string, annotations: Record<string, string> = {}): void {
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    check.invalidAll(path, key, labelKeyFaults(key.toLowerCase()), { at: `${path}[${key}]`, key: true });
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > ANNOTATIONS_LIMIT) check.tooLong(path, ANNOTATIONS_LIMIT);
}

/** A prefix may end in a dash: the random suffix follows. */
const prefixFaults = (prefix: string) =>
  dnsSubdomainFaults(prefix.endsWith("-") ? `${prefix.slice(0, -1)}a` : prefix);

/** Spaces and slashes are what label values have most often that they may not. */
function dashes(value: string): { note?: string } {
  const good = value.trim().replace(/[\s/]+/g, "-");
  return labelValueFaults(good).length === 0 ? { note: `did you mean "${good}"?` } : {};
}

/** Most bad names are good ones written in another way. */
export function lowerCase(name: string): { note?: string } {
  const good = name
    .toLowerCase()
    .replace(/[_\s]+/g, "-")
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "");
  return good !== name && /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(good)
    ? { note: `did you mean "${good}"?` }
    : {};
}
