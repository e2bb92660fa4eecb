import { ipFaults, portNameFaults, portNumberFaults } from "../formats.ts";
import type { Container, ContainerPort, PodSpec } from "../gen/types.ts";
import { hostPorts } from "../ports.ts";
import type { Check } from "./check.ts";

/** Rules for the ports of one container (validateContainerPorts). */
export function checkPorts(check: Check, path: string, { ports }: Container): void {
  const names = new Set<string>();
  const taken = new Map<string, string>();
  for (const [i, port] of (ports ?? []).entries()) {
    const at = `${path}.ports[${i}]`;
    if (port.name) {
      const faults = portNameFaults(port.name);
      check.invalidAll(`${at}.name`, port.name, faults);
      if (faults.length === 0 && names.has(port.name)) check.duplicate(`${at}.name`, port.name);
      names.add(port.name);
    }
    if (port.containerPort !== undefined) checkListedTwice(check, at, port, taken);
    if (port.containerPort === 0) check.required(`${at}.containerPort`);
    else if (port.containerPort !== undefined)
      check.invalidAll(`${at}.containerPort`, port.containerPort, portNumberFaults(port.containerPort));
    if (port.hostPort) check.invalidAll(`${at}.hostPort`, port.hostPort, portNumberFaults(port.hostPort));
    check.oneOf(`${at}.protocol`, port.protocol, ["SCTP", "TCP", "UDP"], upperCase(port.protocol));
    if (port.protocol === "SCTP" && port.hostPort)
      check.refused(`${at}.protocol`, "not supported yet: SCTP ports cannot be published on the host", {
        help: "remove hostPort: inside the pod SCTP works without it",
      });
    if (port.hostIP) check.invalidAll(`${at}.hostIP`, port.hostIP, ipFaults(port.hostIP));
  }
}

function checkListedTwice(
  check: Check,
  at: string,
  { containerPort, protocol, hostPort }: ContainerPort,
  taken: Map<string, string>,
): void {
  const place = `${containerPort}/${protocol}`;
  const first = taken.get(place);
  if (first === undefined) taken.set(place, at);
  else if (hostPort === undefined)
    check.warning("TS3014", at, `duplicate port definition with ${first}: ${place} is listed twice`);
}

const upperCase = (protocol: string | undefined) =>
  protocol !== undefined && protocol !== protocol.toUpperCase()
    ? { note: `write ${protocol.toUpperCase()}` }
    : {};

/** Two containers of a pod cannot publish the same port; those of init containers count one by one. */
export function checkHostPorts(check: Check, spec: PodSpec): void {
  const seen = new Map<string, string>();
  for (const { path, protocol, hostIP, hostPort, container } of hostPorts(spec)) {
    const scope = path.startsWith("spec.initContainers") ? container : "";
    const key = `${protocol}/${hostIP}/${hostPort}`;
    const first = seen.get(scope + key);
    if (first === undefined) seen.set(scope + key, container);
    else
      check.duplicate(path, key, {
        help: `container "${first}" has this host port already: give each its own`,
      });
  }
}

/** In the host's network, a port is on the host as it is (validatePodHostNetworkDeps). */
export function checkHostNetworkPorts(check: Check, spec: PodSpec): void {
  if (spec.hostNetwork !== true) return;
  for (const [i, { ports }] of (spec.containers ?? []).entries())
    for (const [j, { hostPort, containerPort }] of (ports ?? []).entries())
      if (hostPort !== undefined && hostPort !== containerPort)
        check.invalid(
          `spec.containers[${i}].ports[${j}].hostPort`,
          hostPort,
          "must match `containerPort` when `hostNetwork` is true",
          { help: "the container's port is the host's own then: remove hostPort" },
        );
}
