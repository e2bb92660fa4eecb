/** The pods' network as data: names, addresses, operations and files. Nothing here touches the system. */
export { chooseSubnet, type HostRoute } from "./choose-subnet.ts";
export { formatIpv4, parseIpv4, parseSubnet } from "./ipv4.ts";
export { formatMac, hostEndMac, podMac } from "./mac.ts";
export {
  type HostNetwork,
  type Network,
  networkFor,
  networkNames,
  savedDirectoryOf,
  vethName,
} from "./network.ts";
export { loopbackOps, type NetworkOps, networkOps, networkTeardown, savedFile } from "./network-ops.ts";
export { pickAddress } from "./pick-address.ts";
