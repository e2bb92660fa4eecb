import { between, dnsLabelFaults, dnsSubdomainFaults } from "../formats.ts";
import type { PodSpec } from "../gen/types.ts";
import type { Check } from "./check.ts";
import { checkContainers } from "./container.ts";
import { checkDns } from "./dns.ts";
import { checkLabels, lowerCase } from "./meta.ts";
import { checkNoNul } from "./nul.ts";
import { checkPodResources } from "./pod-resources.ts";
import { checkHostNetworkPorts, checkHostPorts } from "./ports.ts";
import { checkAmount } from "./resources.ts";
import { checkScheduling } from "./scheduling.ts";
import { checkPodSecurity } from "./security.ts";
import { checkVolumes } from "./volumes.ts";

const MAX_INT32 = 2147483647;

/** Rules for the spec of a Pod whose defaults are applied (ValidatePodSpec, ValidatePodCreate). */
export function checkPodSpec(check: Check, spec: PodSpec): void {
  checkNoNul(check, spec);
  checkVolumes(check, spec);
  checkContainers(check, spec);
  checkHostPorts(check, spec);
  checkHostNetworkPorts(check, spec);
  checkPodResources(check, spec);
  checkScheduling(check, spec);
  checkPodSecurity(check, spec);
  checkDns(check, spec);
  checkNames(check, spec);
  checkNamespaces(check, spec);
  check.oneOf("spec.restartPolicy", spec.restartPolicy, ["Always", "OnFailure", "Never"]);
  check.oneOf("spec.preemptionPolicy", spec.preemptionPolicy, ["PreemptLowerPriority", "Never"]);
  checkLabels(check, "spec.nodeSelector", spec.nodeSelector);
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > MAX_INT32))
    check.invalid("spec.activeDeadlineSeconds", deadline, between(1, MAX_INT32));
  const grace = spec.terminationGracePeriodSeconds;
  if (grace !== undefined && grace < 0)
    check.warning(
      "TS3014",
      "spec.terminationGracePeriodSeconds",
      "must be >= 0; negative values are invalid and will be treated as 1",
    );
  for (const [name, text] of Object.entries(spec.overhead ?? {}))
    checkAmount(check, `spec.overhead[${name}]`, name, text);
}

function checkNames(check: Check, spec: PodSpec): void {
  for (const field of ["hostname", "subdomain"] as const) {
    const name = spec[field];
    if (name) check.invalidAll(`spec.${field}`, name, dnsLabelFaults(name), lowerCase(name));
  }
  const override = spec.hostnameOverride;
  if (override !== undefined) {
    check.invalidAll("spec.hostnameOverride", override, dnsSubdomainFaults(override));
    if (override.length > 64) check.tooLong("spec.hostnameOverride", 64);
    if (spec.hostNetwork === true)
      check.forbidden("spec.hostnameOverride", "may not be specified when hostNetwork is true");
    if (spec.setHostnameAsFQDN === true)
      check.forbidden("spec.hostnameOverride", "may not be specified when setHostnameAsFQDN is true");
  }
  for (const field of ["serviceAccountName", "nodeName", "priorityClassName"] as const) {
    const name = spec[field];
    if (name) check.invalidAll(`spec.${field}`, name, dnsSubdomainFaults(name));
  }
}

function checkNamespaces(check: Check, spec: PodSpec): void {
  if (spec.shareProcessNamespace === true && spec.hostPID === true)
    check.invalid(
      "spec.shareProcessNamespace",
      true,
      "ShareProcessNamespace and HostPID cannot both be enabled",
      {
        help: "with hostPID the containers see each other already: remove shareProcessNamespace",
      },
    );
  if (spec.hostUsers === false)
    for (const field of ["hostNetwork", "hostPID", "hostIPC"] as const)
      if (spec[field] === true) check.forbidden(`spec.${field}`, "when `pod.Spec.HostUsers` is false");
  const os = spec.os?.name;
  if (os === "") check.required("spec.os.name");
  else if (os === "windows")
    check.refused("spec.os.name", 'cannot be used with tspod: "windows" containers need a Windows kernel', {
      help: "remove os, or write name: linux",
    });
  else check.oneOf("spec.os.name", os, ["linux", "windows"]);
}
