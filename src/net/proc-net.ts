import { formatIpv4 } from "./ipv4.ts";

/** A socket that waits for connections (TCP) or datagrams (UDP). */
export interface Listener {
  protocol: "TCP" | "UDP";
  family: 4 | 6;
  /** Dotted, or eight groups of hexadecimal digits; 0.0.0.0 and :: for every address. */
  address: string;
  port: number;
  /** Socket inode, as in `/proc/<pid>/fd`: `socket:[inode]`. */
  inode: string;
}

const listening = "0A";
// UDP knows no "listening"; a socket that is bound and not connected is in state TCP_CLOSE.
const unconnected = "07";

/** The listeners in the text of /proc/net/{tcp,tcp6,udp,udp6} (proc(5)). */
export function parseListeners(text: string, protocol: "TCP" | "UDP"): Listener[] {
  const wanted = protocol === "TCP" ? listening : unconnected;
  return text.split("\n").flatMap((line) => {
    const match = /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ ([0-9A-F]{2}) (?:\S+\s+){5}(\d+)/.exec(line);
    const [, address = "", port = "", state, inode = ""] = match ?? [];
    if (state !== wanted || (address.length !== 8 && address.length !== 32)) return [];
    const words = (address.match(/.{8}/g) ?? []).map(hostOrderWord);
    return [{ protocol, ...decodeAddress(words), port: Number.parseInt(port, 16), inode }];
  });
}

/** The kernel prints each 32-bit word of the address as a number of its own byte order. */
function hostOrderWord(hexadecimal: string): number {
  return Buffer.from(hexadecimal, "hex").readUInt32LE();
}

function decodeAddress(words: number[]): Pick<Listener, "family" | "address"> {
  const last = words.at(-1) ?? 0;
  if (words.length === 1) return { family: 4, address: formatIpv4(last) };
  if (words.every((word) => word === 0)) return { family: 6, address: "::" };
  // A mapped address is an IPv4 address in all but the socket's type.
  const mapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
  if (mapped) return { family: 4, address: formatIpv4(last) };
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
  return { family: 6, address: groups.map((group) => group.toString(16)).join(":") };
}
