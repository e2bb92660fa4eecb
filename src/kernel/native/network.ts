import { closeSync } from "node:fs";
import type { HostNetwork } from "../../net/index.ts";
import type { Netns, PortMapping } from "../../plan/host-op.ts";
import type { Addon } from "../addon.ts";
import type { Helper } from "../kernel.ts";
import {
  addressAdd,
  linkAddBridge,
  linkAddVeth,
  linkDelete,
  linkUp,
  type NetlinkSocket,
  nftPortsAdd,
  nftPortsDelete,
  nftTableAdd,
  nftTableDelete,
  openNetfilter,
  openRoute,
  readHostNetwork,
  routeAddDefault,
  uplinksClose,
} from "../netlink/index.ts";

/** Netlink sockets, opened when first needed and kept: one per pod, two for the host. */
export class NativeNetwork {
  readonly #addon: Addon;
  readonly #pods = new Map<Helper, NetlinkSocket>();
  #route: NetlinkSocket | undefined;
  #netfilter: NetlinkSocket | undefined;

  constructor(addon: Addon) {
    this.#addon = addon;
  }

  route(): NetlinkSocket {
    this.#route ??= openRoute(this.#addon, -1);
    return this.#route;
  }

  netfilter(): NetlinkSocket {
    this.#netfilter ??= openNetfilter(this.#addon, -1);
    return this.#netfilter;
  }

  bridgeAdd(name: string, address: string, prefixLength: number): void {
    linkAddBridge(this.route(), { name, address, prefixLength });
  }

  linkDelete(name: string): void {
    linkDelete(this.route(), name);
  }

  vethAdd(pod: Helper, name: string, bridge: string, peer: string, podAddress: string): void {
    linkAddVeth(this.route(), { name, bridge, peer, podAddress, netns: { pid: pod.process.pid } });
  }

  linkUp(pod: Helper | undefined, netns: Netns, name: string): void {
    linkUp(this.#in(pod, netns), name);
  }

  addressAdd(
    pod: Helper | undefined,
    netns: Netns,
    link: string,
    address: string,
    prefixLength: number,
  ): void {
    addressAdd(this.#in(pod, netns), { link, address, prefixLength });
  }

  routeDefault(pod: Helper | undefined, netns: Netns, gateway: string, link: string): void {
    routeAddDefault(this.#in(pod, netns), { gateway, link });
  }

  tableAdd(table: string, bridge: string, subnet: string, uplinks: string[]): void {
    nftTableAdd(this.netfilter(), { table, bridge, subnet, uplinks });
  }

  tableDelete(table: string): void {
    nftTableDelete(this.netfilter(), table);
  }

  portsAdd(table: string, ports: readonly PortMapping[]): void {
    nftPortsAdd(this.netfilter(), table, ports);
  }

  portsDelete(table: string, ports: readonly PortMapping[]): void {
    nftPortsDelete(this.netfilter(), table, ports);
  }

  uplinksClose(table: string): void {
    uplinksClose(this.netfilter(), table);
  }

  hostNetwork(): HostNetwork {
    return readHostNetwork(this.route(), this.netfilter());
  }

  close(pod?: Helper): void {
    if (pod) {
      const socket = this.#pods.get(pod);
      if (socket) closeSync(socket.fd);
      this.#pods.delete(pod);
      return;
    }
    for (const socket of [this.#route, this.#netfilter]) if (socket) closeSync(socket.fd);
    this.#route = undefined;
    this.#netfilter = undefined;
  }

  #in(pod: Helper | undefined, netns: Netns): NetlinkSocket {
    if (netns === "host" || !pod) return this.route();
    const known = this.#pods.get(pod);
    if (known) return known;
    const socket = openRoute(this.#addon, pod.pidfd);
    this.#pods.set(pod, socket);
    return socket;
  }
}
