import { dnsLabelFaults, portNameFaults, portNumberFaults } from "../formats.ts";
import type { ServiceObject } from "../workload-object.ts";
import type { Check } from "./check.ts";
import { checkLabels } from "./meta.ts";

/** Rules for a Service (ValidateService), as far as what it says will be used on one machine. */
export function checkService(check: Check, { metadata, spec }: ServiceObject): void {
  const name = metadata.name ?? "a";
  check.invalidAll("metadata.name", name, /^[0-9]/.test(name) ? [STARTS_WITH_LETTER] : dnsLabelFaults(name));
  if (spec === undefined) {
    check.required("spec");
    return;
  }
  const { type = "ClusterIP", ports = [], clusterIP } = spec;
  check.oneOf("spec.type", type, ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
  check.oneOf("spec.sessionAffinity", spec.sessionAffinity, ["ClientIP", "None"]);
  checkLabels(check, "spec.selector", spec.selector);
  if (type === "ExternalName" && !spec.externalName) check.required("spec.externalName");
  if (ports.length === 0 && type !== "ExternalName" && clusterIP !== "None") check.required("spec.ports");
  const seen = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const at = `spec.ports[${i}]`;
    if (port.port !== undefined) check.invalidAll(`${at}.port`, port.port, portNumberFaults(port.port));
    check.oneOf(`${at}.protocol`, port.protocol, ["SCTP", "TCP", "UDP"]);
    if (typeof port.targetPort === "number")
      check.invalidAll(`${at}.targetPort`, port.targetPort, portNumberFaults(port.targetPort));
    else if (port.targetPort !== undefined)
      check.invalidAll(`${at}.targetPort`, port.targetPort, portNameFaults(port.targetPort));
    if (!port.name && ports.length > 1) check.required(`${at}.name`);
    else if (port.name) {
      check.invalidAll(`${at}.name`, port.name, dnsLabelFaults(port.name));
      if (seen.has(port.name)) check.duplicate(`${at}.name`, port.name);
      seen.add(port.name);
    }
  }
}

const STARTS_WITH_LETTER =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
