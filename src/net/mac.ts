import { ipv4Bytes } from "./ipv4.ts";

/**
 * Hardware addresses follow from the IPv4 address: when an address is given to another pod, what its
 * neighbours still have in their ARP caches is right for the new one too. `0a` and `0e` are locally
 * administered and unicast. Set by us, they are also left alone by udev's MACAddressPolicy=persistent.
 */
export function podMac(address: string): Buffer {
  return Buffer.concat([Buffer.from([0x0a, 0x74]), ipv4Bytes(address)]);
}

/** The host's end of the pod's veth pair. */
export function hostEndMac(address: string): Buffer {
  return Buffer.concat([Buffer.from([0x0e, 0x74]), ipv4Bytes(address)]);
}
