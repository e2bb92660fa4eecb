import { labelKeyFaults } from "../formats.ts";
import type { ResourceRequirements } from "../gen/types.ts";
import { compareQuantities, formatQuantity, parseQuantity, readQuantity } from "../quantity.ts";
import type { Check } from "./check.ts";

/** Quantities are in thousand-millionths. */
const BYTE = 1_000_000_000n;
const MEBIBYTE = 1024n * 1024n * BYTE;
const STANDARD = ["cpu", "memory", "ephemeral-storage"];
/** Other words for them. */
const MEANT: Readonly<Record<string, string>> = {
  cpus: "cpu",
  cores: "cpu",
  mem: "memory",
  ram: "memory",
  disk: "ephemeral-storage",
  storage: "ephemeral-storage",
};
/** Resources of a namespace's quota or of a claim. */
const NOT_OF_CONTAINERS = new Set([
  "storage",
  "pods",
  "services",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
]);
const STANDARD_OR = "must be a standard resource type or fully qualified";
const STANDARD_FOR = "must be a standard resource for containers";
const isHugePages = (name: string) => name.startsWith("hugepages-");
/** Resources of which requests and limits may differ: the kernel can take them back or slow them down. */
const canOvercommit = (name: string) => STANDARD.includes(name);

/** Rules for limits and requests of a container, or of the pod (validateResourceRequirements). */
export function checkResources(
  check: Check,
  path: string,
  resources: ResourceRequirements | undefined,
): void {
  const { limits = {}, requests = {} } = resources ?? {};
  for (const [name, text] of Object.entries(limits))
    checkAmount(check, `${path}.limits[${name}]`, name, text);
  // The default of a request is its limit: what is wrong with it has been said.
  for (const [name, text] of Object.entries(requests))
    if (limits[name] !== text) checkAmount(check, `${path}.requests[${name}]`, name, text);

  for (const [name, text] of Object.entries(requests)) {
    const at = `${path}.requests[${name}]`;
    const limit = limits[name];
    if (limit === undefined) {
      if (!canOvercommit(name))
        check.required(`${path}.limits`, "Limit must be set for non overcommitable resources", { at });
      continue;
    }
    const order = compareQuantities(parseQuantity(text), parseQuantity(limit));
    if (order !== 0 && !canOvercommit(name))
      check.invalid(`${path}.requests`, text, `must be equal to ${name} limit of ${limit}`, { at });
    else if (order > 0)
      check.invalid(`${path}.requests`, text, `must be less than or equal to ${name} limit of ${limit}`, {
        at,
        help: "ask for less, or raise the limit",
      });
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.includes("cpu") && !names.includes("memory"))
    check.forbidden(path, "HugePages require cpu or memory");
}

/** One amount of a resource, by the resource's name. */
export function checkAmount(check: Check, path: string, name: string, text: string): void {
  const amount = parseQuantity(text);
  const nameFaults = labelKeyFaults(name);
  check.invalidAll(path, name, nameFaults, { key: true });
  if (nameFaults.length > 0) return;
  if (amount.nano < 0n) check.invalid(path, text, "must be greater than or equal to 0");
  if (isHugePages(name)) {
    const page = readQuantity(name.slice("hugepages-".length));
    if (typeof page === "string" || page.nano <= 0n)
      check.invalid(path, name, "must be a standard resource for containers", { key: true });
    else if (amount.nano % page.nano !== 0n)
      check.invalid(path, text, `${formatQuantity(amount)} is not positive integer multiple of ${name}`);
  } else if (name === "memory" && amount.nano % BYTE !== 0n) {
    const meant = /^(\d+)m$/.exec(text);
    check.warning(
      "TS3014",
      path,
      `fractional byte value ${JSON.stringify(text)} is invalid, must be an integer`,
      {
        help:
          meant === null ? "write whole bytes" : `did you mean ${meant[1]}Mi? "m" is a thousandth of a byte`,
      },
    );
  } else if (name === "memory" && amount.nano > 0n && amount.nano < MEBIBYTE && /^\d+$/.test(text)) {
    const help = `did you mean ${text}Mi? A number without a suffix is bytes`;
    check.warning("TS3014", path, `${text} bytes are less than any program needs`, { help });
  } else if (name === "ephemeral-storage")
    check.warning("TS2007", path, "not supported yet: the amount is not limited");
  else if (!name.includes("/") && !STANDARD.includes(name)) {
    check.invalid(path, name, NOT_OF_CONTAINERS.has(name) ? STANDARD_FOR : STANDARD_OR, {
      key: true,
      help: `known here: ${STANDARD.join(", ")}, hugepages-SIZE`,
      ...(MEANT[name.toLowerCase()] === undefined
        ? {}
        : { note: `did you mean ${MEANT[name.toLowerCase()]}?` }),
    });
  } else if (name.includes("/"))
    check.refused(path, `cannot be used with tspod: no device plugin offers ${name} here`, {
      key: true,
      help: "pass the device with a hostPath volume, or remove the line",
    });
}
