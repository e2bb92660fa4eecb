import {
  dnsLabelFaults,
  dnsSubdomainFaults,
  ipFaults,
  portNameFaults,
  portNumberFaults,
} from "../formats.ts";
import type { ServicePort } from "../gen/types.ts";
import type { ServiceObject } from "../workload-object.ts";
import type { Check } from "./check.ts";
import { checkLabels } from "./meta.ts";

const MAX_AFFINITY_SECONDS = 86400;
/** What a cluster gives to NodePorts unless it was told otherwise. */
const NODE_PORTS = { low: 30000, high: 32767 };

/** Rules for a Service (ValidateService and the allocator of node ports). */
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
  if (type === "ExternalName") checkExternalName(check, spec);
  else if (clusterIP && clusterIP !== "None" && ipFaults(clusterIP).length > 0)
    check.invalid("spec.clusterIP", clusterIP, "must be empty, 'None', or a valid IP address");
  else if (clusterIP === "None" && type !== "ClusterIP")
    check.invalid("spec.clusterIP", clusterIP, `may not be set to 'None' for ${type} services`);
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (spec.sessionAffinity === "ClientIP" && seconds !== undefined)
    if (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS)
      check.invalid(
        "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
        seconds,
        `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`,
      );
  check.oneOf("spec.internalTrafficPolicy", spec.internalTrafficPolicy, ["Cluster", "Local"]);
  check.oneOf("spec.externalTrafficPolicy", spec.externalTrafficPolicy || undefined, ["Cluster", "Local"]);
  check.oneOf("spec.ipFamilyPolicy", spec.ipFamilyPolicy, [
    "SingleStack",
    "PreferDualStack",
    "RequireDualStack",
  ]);
  for (const [i, family] of (spec.ipFamilies ?? []).entries())
    check.oneOf(`spec.ipFamilies[${i}]`, family, ["IPv4", "IPv6"]);
  for (const [i, address] of (spec.externalIPs ?? []).entries())
    check.invalidAll(`spec.externalIPs[${i}]`, address, ipFaults(address));
  if (ports.length === 0 && type !== "ExternalName" && clusterIP !== "None") check.required("spec.ports");
  checkServicePorts(check, type, ports);
}

function checkExternalName(check: Check, { clusterIP, externalName = "" }: ServiceObject["spec"]): void {
  if (clusterIP)
    check.forbidden("spec.clusterIPs", "may not be set for ExternalName services", { at: "spec.clusterIP" });
  const name = externalName.replace(/\.$/, "");
  if (name === "")
    check.required("spec.externalName", "", { help: "the name it stands for: externalName: example.com" });
  else check.invalidAll("spec.externalName", name, dnsSubdomainFaults(name));
}

function checkServicePorts(check: Check, type: string, ports: readonly ServicePort[]): void {
  const names = new Set<string>();
  const taken = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const at = `spec.ports[${i}]`;
    if (port.port !== undefined) check.invalidAll(`${at}.port`, port.port, portNumberFaults(port.port));
    check.oneOf(`${at}.protocol`, port.protocol, ["SCTP", "TCP", "UDP"]);
    if (typeof port.targetPort === "number" && port.targetPort !== 0)
      check.invalidAll(`${at}.targetPort`, port.targetPort, portNumberFaults(port.targetPort));
    else if (typeof port.targetPort === "string" && port.targetPort !== "")
      check.invalidAll(`${at}.targetPort`, port.targetPort, portNameFaults(port.targetPort));
    if (!port.name && ports.length > 1)
      check.required(`${at}.name`, "", { help: "several ports need names: name: http" });
    else if (port.name) {
      check.invalidAll(`${at}.name`, port.name, dnsLabelFaults(port.name));
      if (names.has(port.name)) check.duplicate(`${at}.name`, port.name);
      names.add(port.name);
    }
    const key = `${port.port}/${port.protocol || "TCP"}`;
    if (port.port !== undefined && taken.has(key)) check.duplicate(at, key, { at: `${at}.port` });
    taken.add(key);
    if (port.nodePort) checkNodePort(check, `${at}.nodePort`, port.nodePort, type);
    if (type === "LoadBalancer" && port.port === 10250)
      check.invalid(
        `${at}.port`,
        port.port,
        "may not expose port 10250 externally since it is used by kubelet",
      );
  }
}

function checkNodePort(check: Check, path: string, port: number, type: string): void {
  if (type !== "NodePort" && type !== "LoadBalancer")
    check.forbidden(path, `may not be used when \`type\` is '${type}'`, { help: "write type: NodePort" });
  else if (port < NODE_PORTS.low || port > NODE_PORTS.high)
    check.invalid(
      path,
      port,
      `provided port is not in the valid range. The range of valid ports is ${NODE_PORTS.low}-${NODE_PORTS.high}`,
    );
}

const STARTS_WITH_LETTER =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
