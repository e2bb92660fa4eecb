/** The pods' network as data: names, addresses, operations and files. Nothing here touches the system. */
export { chooseSubnet, type HostRoute } from "./choose-subnet.ts";
export { etcHosts, etcHostsOfHost } from "./etc-hosts.ts";
export {
  type HostPortConflict,
  hostPortConflicts,
  type PublishedPorts,
  type WantedPort,
} from "./host-port-conflicts.ts";
export { defaultClusterDomain, type PodHostname, podHostname } from "./hostname.ts";
export { formatIpv4, parseIpv4, parseSubnet } from "./ipv4.ts";
export { formatMac, hostEndMac, podMac } from "./mac.ts";
export {
  type HostNetwork,
  type Network,
  networkFor,
  networkNames,
  vethName,
} from "./network.ts";
export { loopbackOps, type NetworkOps, networkOps, networkTeardown } from "./network-ops.ts";
export { pickAddress } from "./pick-address.ts";
export { portMappings } from "./port-mappings.ts";
export { type Listener, parseListeners } from "./proc-net.ts";
export {
  chooseHostResolvConf,
  type DnsConfig,
  parseResolvConf,
  type ResolvConf,
  resolvConf,
  systemdResolvConf,
} from "./resolv-conf.ts";
