/** rtnetlink and nfnetlink, one verb a file: TypeScript encodes, the addon sends. */
export { addressAdd } from "./address-add.ts";
export { readHostNetwork } from "./host-network.ts";
export { linkAddBridge } from "./link-add-bridge.ts";
export { linkAddVeth } from "./link-add-veth.ts";
export { linkDelete } from "./link-delete.ts";
export { linkUp } from "./link-up.ts";
export { type NetlinkSocket, openNetfilter, openRoute } from "./netlink.ts";
export { forwardObstacles } from "./nft/forward-obstacles.ts";
export { nftPortsAdd, nftPortsDelete } from "./nft/ports.ts";
export { nftTableAdd, nftTableDelete, nftTableExists } from "./nft/table.ts";
export { uplinksClose } from "./nft/uplinks.ts";
export { routeAddDefault } from "./route-add-default.ts";
