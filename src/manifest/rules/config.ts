import { configKeyFaults, dnsSubdomainFaults } from "../formats.ts";
import type { ConfigMap, PersistentVolumeClaim, Secret } from "../gen/types.ts";
import { parseQuantity } from "../quantity.ts";
import type { Check } from "./check.ts";
import { checkLabelSelector } from "./label-selector.ts";

/** 1 MiB: what etcd takes, and what everyone relies on. */
const MAX_BYTES = 1024 * 1024;

export function checkConfigMap(check: Check, { data = {}, binaryData = {} }: ConfigMap): void {
  let size = 0;
  for (const [key, value] of Object.entries(data)) {
    check.invalidAll(`data[${key}]`, key, configKeyFaults(key), { key: true });
    if (Object.hasOwn(binaryData, key))
      check.invalid(`data[${key}]`, key, "duplicate of key present in binaryData");
    size += Buffer.byteLength(value);
  }
  for (const [key, value] of Object.entries(binaryData)) {
    check.invalidAll(`binaryData[${key}]`, key, configKeyFaults(key), { key: true });
    size += Buffer.byteLength(value, "base64");
  }
  if (size > MAX_BYTES) check.tooLong("data", MAX_BYTES);
}

/** Keys that a type of secret must have, and whether they hold JSON. */
const TYPES: Record<string, { keys: string[]; json?: boolean; any?: boolean }> = {
  "kubernetes.io/dockercfg": { keys: [".dockercfg"], json: true },
  "kubernetes.io/dockerconfigjson": { keys: [".dockerconfigjson"], json: true },
  "kubernetes.io/basic-auth": { keys: ["username", "password"], any: true },
  "kubernetes.io/ssh-auth": { keys: ["ssh-privatekey"] },
  "kubernetes.io/tls": { keys: ["tls.crt", "tls.key"] },
};

const TOKEN = "kubernetes.io/service-account-token";
const ACCOUNT = "kubernetes.io/service-account.name";

/** Rules for a Secret whose stringData is merged into data. */
export function checkSecret(check: Check, { metadata, data = {}, type = "Opaque" }: Secret): void {
  let size = 0;
  for (const [key, value] of Object.entries(data)) {
    check.invalidAll(`data[${key}]`, key, configKeyFaults(key), { key: true });
    size += Buffer.byteLength(value, "base64");
  }
  if (size > MAX_BYTES) check.tooLong("data", MAX_BYTES);
  if (type === TOKEN && !metadata?.annotations?.[ACCOUNT])
    check.required(`metadata.annotations[${ACCOUNT}]`, "", { at: "type" });
  const rule = TYPES[type];
  if (rule === undefined) return;
  const missing = rule.keys.filter((key) => !Object.hasOwn(data, key));
  if (rule.any !== true || missing.length === rule.keys.length)
    for (const key of missing) check.required(`data[${key}]`, "", { at: "type" });
  if (rule.json)
    for (const key of rule.keys)
      if (data[key] !== undefined && !isJsonObject(data[key]))
        check.invalid(`data[${key}]`, "<secret contents redacted>", "must be a JSON object");
}

function isJsonObject(base64: string): boolean {
  try {
    const value: unknown = JSON.parse(Buffer.from(base64, "base64").toString());
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

export function checkClaim(check: Check, { spec }: PersistentVolumeClaim): void {
  if (spec === undefined) {
    check.required("spec");
    return;
  }
  if (!spec.accessModes?.length) check.required("spec.accessModes", "at least 1 access mode is required");
  for (const [i, mode] of (spec.accessModes ?? []).entries())
    check.oneOf("spec.accessModes", mode, ACCESS_MODES, { at: `spec.accessModes[${i}]` });
  if (spec.accessModes?.includes("ReadWriteOncePod") && spec.accessModes.length > 1)
    check.forbidden("spec.accessModes", "may not use ReadWriteOncePod with other access modes");
  const storage = spec.resources?.requests?.storage;
  if (storage === undefined)
    check.required("spec.resources[storage]", "", {
      at: "spec.resources",
      help: "how much it is to hold: resources: {requests: {storage: 1Gi}}",
    });
  else if (parseQuantity(storage).nano <= 0n)
    check.invalid("spec.resources[storage]", storage, "must be greater than zero", {
      at: "spec.resources.requests.storage",
    });
  checkLabelSelector(check, "spec.selector", spec.selector);
  for (const field of ["storageClassName", "volumeAttributesClassName"] as const) {
    const name = spec[field];
    if (name) check.invalidAll(`spec.${field}`, name, dnsSubdomainFaults(name));
  }
  check.oneOf("spec.volumeMode", spec.volumeMode, ["Block", "Filesystem"]);
}
