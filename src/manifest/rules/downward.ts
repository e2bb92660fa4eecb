import { labelKeyFaults } from "../formats.ts";
import type {
  DownwardAPIVolumeFile,
  ObjectFieldSelector,
  ProjectedVolumeSource,
  ResourceFieldSelector,
  ServiceAccountTokenProjection,
} from "../gen/types.ts";
import { formatQuantity, parseQuantity } from "../quantity.ts";
import type { Check } from "./check.ts";
import { checkLocalNonReserved, checkMode } from "./paths.ts";
import { checkItems } from "./volumes.ts";

const VOLUME_FIELDS = [
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
];
export const ENV_FIELDS = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];
/** What the API can convert at all; of these, each place supports its own part. */
const LABELS = [...ENV_FIELDS, ...VOLUME_FIELDS, "spec.restartPolicy", "spec.schedulerName", "status.phase"];
const RESOURCES = [
  "limits.cpu",
  "limits.ephemeral-storage",
  "limits.memory",
  "requests.cpu",
  "requests.ephemeral-storage",
  "requests.memory",
];
const SIZES = ["1", ..."kMGTPE".split("").flatMap((unit) => [`1${unit}`, `1${unit === "k" ? "K" : unit}i`])];

/** Rules for a fieldRef; `supported` are the paths of its place (environment or volume). */
export function checkFieldRef(
  check: Check,
  path: string,
  { apiVersion = "v1", fieldPath }: ObjectFieldSelector,
  supported = ENV_FIELDS,
): void {
  const at = `${path}.fieldPath`;
  const subscript = /^(.*)\['(.*)'\]$/.exec(fieldPath ?? "");
  if (fieldPath === undefined) return;
  if (fieldPath === "") check.required(at);
  else if (apiVersion !== "v1")
    check.invalid(at, fieldPath, `error converting fieldPath: unsupported pod version: ${apiVersion}`);
  else if (subscript !== null) checkSubscript(check, at, fieldPath, [subscript[1] ?? "", subscript[2] ?? ""]);
  else if (LABELS.includes(fieldPath)) check.oneOf(at, fieldPath, supported);
  else
    check.invalid(at, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`, {
      help: `supported are ${supported.join(", ")}, metadata.labels['KEY'] and metadata.annotations['KEY']`,
    });
}

function checkSubscript(check: Check, at: string, fieldPath: string, [base, key]: [string, string]): void {
  if (base === "metadata.annotations") check.invalidAll(at, key, labelKeyFaults(key.toLowerCase()));
  else if (base === "metadata.labels") check.invalidAll(at, key, labelKeyFaults(key));
  else {
    const rule = `error converting fieldPath: field label does not support subscript: ${fieldPath}`;
    check.invalid(at, fieldPath, rule);
  }
}

/** Rules for a resourceFieldRef; in a volume it must name its container. */
export function checkResourceFieldRef(
  check: Check,
  path: string,
  { containerName, resource, divisor }: ResourceFieldSelector,
  inVolume = false,
): void {
  if (inVolume && !containerName) check.required(`${path}.containerName`);
  else if (resource === "") check.required(`${path}.resource`);
  else if (resource !== undefined && !/^(limits|requests)\.hugepages-/.test(resource))
    check.oneOf(`${path}.resource`, resource, RESOURCES);
  if (divisor === undefined || resource === undefined) return;
  const amount = parseQuantity(divisor);
  if (amount.nano === 0n) return;
  const kind = resource.replace(/^(limits|requests)\./, "");
  const allowed = kind === "cpu" ? ["1m", "1"] : SIZES;
  if (allowed.includes(formatQuantity(amount))) return;
  const names: Record<string, string> = {
    cpu: "cpu",
    memory: "memory",
    "ephemeral-storage": "local ephemeral storage",
  };
  const name = names[kind] ?? "hugepages";
  const list = kind === "cpu" ? "1m and 1" : "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei";
  check.invalid(
    `${path}.divisor`,
    resource,
    `only divisor's values ${list} are supported with the ${name} resource`,
  );
}

export function checkDownwardFile(check: Check, path: string, file: DownwardAPIVolumeFile): void {
  if (file.path === "") check.required(`${path}.path`);
  else if (file.path !== undefined) checkLocalNonReserved(check, `${path}.path`, file.path);
  if (file.fieldRef !== undefined) {
    checkFieldRef(check, `${path}.fieldRef`, file.fieldRef, VOLUME_FIELDS);
    if (file.resourceFieldRef !== undefined)
      check.invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
  } else if (file.resourceFieldRef !== undefined)
    checkResourceFieldRef(check, `${path}.resourceFieldRef`, file.resourceFieldRef, true);
  else check.required(path, "one of fieldRef and resourceFieldRef is required");
  checkMode(check, `${path}.mode`, file.mode);
}

export function checkProjected(
  check: Check,
  path: string,
  { defaultMode, sources }: ProjectedVolumeSource,
): void {
  checkMode(check, `${path}.defaultMode`, defaultMode);
  const paths = new Set<string>();
  for (const [i, source] of (sources ?? []).entries()) {
    const at = `${path}.sources[${i}]`;
    if (Object.keys(source).length > 1)
      check.forbidden(at, "may not specify more than 1 volume type per source");
    const files: { path: string }[] = [];
    if (source.serviceAccountToken) {
      checkToken(check, `${at}.serviceAccountToken`, source.serviceAccountToken);
      files.push(source.serviceAccountToken);
    }
    for (const kind of ["secret", "configMap"] as const) {
      const { name, items } = source[kind] ?? { name: "unset" };
      if (!name) check.required(`${at}.${kind}.name`);
      checkItems(check, `${at}.${kind}.items`, items);
      files.push(...(items ?? []));
    }
    for (const [j, file] of (source.downwardAPI?.items ?? []).entries()) {
      checkDownwardFile(check, `${at}.downwardAPI.items[${j}]`, file);
      files.push(file);
    }
    for (const { path: file } of files) {
      if (file && paths.has(file)) check.invalid(path, file, "conflicting duplicate paths", { at });
      paths.add(file);
    }
  }
}

const TEN_MINUTES = 600;

function checkToken(check: Check, path: string, token: ServiceAccountTokenProjection): void {
  const { path: file, expirationSeconds } = token;
  if (file === "") check.required(`${path}.path`);
  else if (file !== undefined) checkLocalNonReserved(check, `${path}.path`, file);
  if (expirationSeconds === undefined) return;
  const at = `${path}.expirationSeconds`;
  if (expirationSeconds < TEN_MINUTES)
    check.invalid(at, expirationSeconds, "may not specify a duration less than 10 minutes");
  if (expirationSeconds > 2 ** 32)
    check.invalid(at, expirationSeconds, "may not specify a duration larger than 2^32 seconds");
}
