import { dnsSubdomainFaults, ipFaults } from "../formats.ts";
import type { PodSpec } from "../gen/types.ts";
import type { Check } from "./check.ts";
import { lowerCase } from "./meta.ts";

/** glibc's limits, as the API has them. */
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;

/** Rules for dnsPolicy, dnsConfig and hostAliases. */
export function checkDns(check: Check, spec: PodSpec): void {
  const path = "spec.dnsConfig";
  check.oneOf("spec.dnsPolicy", spec.dnsPolicy, [
    "ClusterFirstWithHostNet",
    "ClusterFirst",
    "Default",
    "None",
  ]);
  const { nameservers = [], searches = [], options = [] } = spec.dnsConfig ?? {};
  if (spec.dnsPolicy === "None") {
    if (spec.dnsConfig === undefined)
      check.required(path, "must provide `dnsConfig` when `dnsPolicy` is None", {
        at: "spec.dnsPolicy",
        help: "name the servers, for example dnsConfig: {nameservers: [10.0.0.2]}; without dnsPolicy the host's are used",
      });
    else if (nameservers.length === 0)
      check.required(
        `${path}.nameservers`,
        "must provide at least one DNS nameserver when `dnsPolicy` is None",
      );
  }
  if (nameservers.length > MAX_NAMESERVERS)
    check.invalid(
      `${path}.nameservers`,
      nameservers,
      `must not have more than ${MAX_NAMESERVERS} nameservers`,
    );
  for (const [i, address] of nameservers.entries())
    check.invalidAll(`${path}.nameservers[${i}]`, address, ipFaults(address));
  if (searches.length > MAX_SEARCHES)
    check.invalid(`${path}.searches`, searches, `must not have more than ${MAX_SEARCHES} search paths`);
  if (searches.join(" ").length > MAX_SEARCH_CHARACTERS)
    check.invalid(
      `${path}.searches`,
      searches,
      `must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`,
    );
  for (const [i, search] of searches.entries())
    if (search !== ".") {
      const name = search.replace(/\.$/, "");
      check.invalidAll(`${path}.searches[${i}]`, name, dnsSubdomainFaults(name, true));
    }
  for (const [i, option] of options.entries())
    if (!option.name) check.required(`${path}.options[${i}]`, "must not be empty");
  checkHostAliases(check, spec);
}

function checkHostAliases(check: Check, spec: PodSpec): void {
  for (const [i, { ip, hostnames }] of (spec.hostAliases ?? []).entries()) {
    if (ip !== undefined) check.invalidAll(`spec.hostAliases[${i}].ip`, ip, ipFaults(ip));
    for (const [j, hostname] of (hostnames ?? []).entries())
      check.invalidAll(
        `spec.hostAliases[${i}].hostnames[${j}]`,
        hostname,
        dnsSubdomainFaults(hostname),
        lowerCase(hostname),
      );
  }
}
