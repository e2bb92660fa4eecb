/** rtnetlink and nfnetlink, one verb a file: TypeScript encodes, the addon sends. */
export { addressAdd } from "./address-add.ts";
export { addresses, type LinkAddress } from "./addresses.ts";
export { readHostNetwork } from "./host-network.ts";
export { linkAddBridge } from "./link-add-bridge.ts";
export { linkAddVeth, type VethInit } from "./link-add-veth.ts";
export { linkDelete } from "./link-delete.ts";
export { type Link, linkGet, links } from "./link-get.ts";
export { linkUp } from "./link-up.ts";
export { type Netlink, type NetlinkSocket, openNetfilter, openRoute } from "./netlink.ts";
export { forwardObstacles } from "./nft/forward-obstacles.ts";
export { nftPortsAdd, nftPortsDelete } from "./nft/ports.ts";
export { nftTableAdd, nftTableDelete, nftTableExists } from "./nft/table.ts";
export type { TableInit } from "./nft/table-rules.ts";
export { uplinksByTable, uplinksClose } from "./nft/uplinks.ts";
export { routeAddDefault } from "./route-add-default.ts";
export { type Route, routes } from "./routes.ts";
