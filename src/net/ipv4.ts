/** An IPv4 network: first address and prefix length. Addresses are unsigned 32-bit numbers, network order. */
export interface Subnet {
  base: number;
  prefixLength: number;
}

/** The number of a dotted address; undefined for anything that is not four decimal octets without leading zeros. */
export function parseIpv4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  let number = 0;
  for (const octet of match.slice(1)) {
    // "010" is 8 to inet_aton(3) and 10 to others (CVE-2021-29923): neither reading is taken.
    if (Number(octet) > 255 || (octet.length > 1 && octet.startsWith("0"))) return undefined;
    number = number * 256 + Number(octet);
  }
  return number;
}

/** The inverse of `parseIpv4`. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join(".");
}

/** The four bytes of a dotted address, in network order. Throws a RangeError for anything else. */
export function ipv4Bytes(text: string): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(requireIpv4(text));
  return bytes;
}

/** As `parseIpv4`, for addresses that we wrote ourselves. Throws a RangeError. */
export function requireIpv4(text: string): number {
  const number = parseIpv4(text);
  if (number === undefined) throw new RangeError(`not an IPv4 address: ${JSON.stringify(text)}`);
  return number;
}

/** The network mask of a prefix length, 0 to 32. */
export function maskOf(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;
}

/** `10.77.0.0/16`; host bits are cleared. Throws a RangeError. */
export function parseSubnet(text: string): Subnet {
  const [address = "", length = "", ...rest] = text.split("/");
  const base = parseIpv4(address);
  if (base === undefined || !/^\d{1,2}$/.test(length) || Number(length) > 32 || rest.length > 0) {
    throw new RangeError(`not an IPv4 subnet: ${JSON.stringify(text)}`);
  }
  const prefixLength = Number(length);
  return { base: (base & maskOf(prefixLength)) >>> 0, prefixLength };
}

/** `10.77.0.0/16` */
export function formatSubnet({ base, prefixLength }: Subnet): string {
  return `${formatIpv4(base)}/${prefixLength}`;
}

/** How many addresses the subnet spans, its own and the broadcast address included. */
export function subnetSize({ prefixLength }: Subnet): number {
  return 2 ** (32 - prefixLength);
}

/** Whether any address is in both. */
export function subnetsOverlap(a: Subnet, b: Subnet): boolean {
  const mask = maskOf(Math.min(a.prefixLength, b.prefixLength));
  return ((a.base ^ b.base) & mask) === 0;
}

/** Whether the address is in it, network and broadcast address included. */
export function subnetContains(subnet: Subnet, address: number): boolean {
  return ((subnet.base ^ address) & maskOf(subnet.prefixLength)) === 0;
}

/** The subnet's first usable address, which the bridge takes. */
export function gatewayOf(subnet: Subnet): string {
  return formatIpv4(subnet.base + 1);
}
