/** The pods' network as data: names, addresses, operations and files. Nothing here touches the system. */
export { chooseSubnet } from "./choose-subnet.ts";
export { etcHosts, etcHostsOfHost } from "./etc-hosts.ts";
export { hostPortConflicts } from "./host-port-conflicts.ts";
export { podHostname } from "./hostname.ts";
export { podMac } from "./mac.ts";
export { type HostNetwork, type Network, networkFor, networkNames, vethName } from "./network.ts";
export { loopbackOps, networkOps, networkTeardown } from "./network-ops.ts";
export { pickAddress } from "./pick-address.ts";
export { portMappings } from "./port-mappings.ts";
export { type Listener, parseListeners } from "./proc-net.ts";
export { chooseHostResolvConf, parseResolvConf, resolvConf, systemdResolvConf } from "./resolv-conf.ts";
