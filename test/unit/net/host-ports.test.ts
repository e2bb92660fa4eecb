import { describe, expect, it } from "vitest";
import { hostPortConflicts, type Listener, parseListeners, portMappings } from "../../../src/net/index.ts";

describe("parseListeners", () => {
  // From proc(5)'s format: 127.0.0.1:7001 listening, 0.0.0.0:22 listening, one established.
  const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1B59 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3489 1 000 100 0 0 10 0
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1234 1 000 100 0 0 10 0
   2: 020200C0:0016 010200C0:9C40 01 00000000:00000000 02:000A1B2C 00000000     0        0 5678 2 000 20 4 1 10 -1
`;

  it("takes listening sockets only", () => {
    expect(parseListeners(tcp, "TCP")).toEqual([
      { protocol: "TCP", family: 4, address: "127.0.0.1", port: 7001, inode: "3489" },
      { protocol: "TCP", family: 4, address: "0.0.0.0", port: 22, inode: "1234" },
    ]);
    expect(parseListeners(tcp, "UDP")).toEqual([]);
  });

  it("reads IPv6, also the kind that is IPv4", () => {
    const line = (address: string) =>
      `   0: ${address}:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7 1\n`;
    const address = (hexadecimal: string) => {
      const [{ family, address } = { family: 0, address: "" }] = parseListeners(line(hexadecimal), "TCP");
      return [family, address];
    };
    expect(address("0".repeat(32))).toEqual([6, "::"]);
    expect(address("0000000000000000FFFF00000100007F")).toEqual([4, "127.0.0.1"]);
    expect(address("B80D0120000000000000000001000000")).toEqual([6, "2001:db8:0:0:0:0:0:1"]);
  });
});

const want = (hostPort: number, hostIP = "", protocol: "TCP" | "UDP" = "TCP") => ({
  hostPort,
  hostIP,
  protocol,
});
const listener = (address: string, port: number, protocol: "TCP" | "UDP" = "TCP"): Listener => ({
  protocol,
  family: address.includes(":") ? 6 : 4,
  address,
  port,
  inode: "1",
});
const clashes = (port: ReturnType<typeof want>, ...listeners: Listener[]) =>
  hostPortConflicts([port], listeners, []).length > 0;

describe("a wanted hostPort", () => {
  it("of every address clashes with a listener on any", () => {
    expect(clashes(want(80), listener("0.0.0.0", 80))).toBe(true);
    expect(clashes(want(80), listener("127.0.0.1", 80))).toBe(true);
    expect(clashes(want(80, "0.0.0.0"), listener("192.0.2.2", 80))).toBe(true);
  });

  it("of one address clashes with the same and with the wildcard only", () => {
    expect(clashes(want(80, "127.0.0.1"), listener("127.0.0.1", 80))).toBe(true);
    expect(clashes(want(80, "127.0.0.1"), listener("0.0.0.0", 80))).toBe(true);
    expect(clashes(want(80, "127.0.0.1"), listener("192.0.2.2", 80))).toBe(false);
  });

  it("does not clash with another port or protocol", () => {
    expect(clashes(want(80), listener("0.0.0.0", 81))).toBe(false);
    expect(clashes(want(80, "", "UDP"), listener("0.0.0.0", 80))).toBe(false);
    expect(clashes(want(80, "", "UDP"), listener("0.0.0.0", 80, "UDP"))).toBe(true);
  });

  it("clashes with an IPv6 wildcard, which takes IPv4 too, unless another socket has IPv4", () => {
    expect(clashes(want(80), listener("::", 80))).toBe(true);
    expect(clashes(want(80, "127.0.0.1"), listener("::", 80))).toBe(true);
    expect(clashes(want(80), listener("2001:db8:0:0:0:0:0:1", 80))).toBe(false);
    const both = [listener("::", 80), listener("0.0.0.0", 80)];
    expect(hostPortConflicts([want(80)], both, [])[0]?.holder).toMatchObject({ listener: { family: 4 } });
  });

  it("of another pod names it, by the scheduler's rule for wildcards", () => {
    const published = [{ pod: "default/ghost", ports: [want(8888, "127.0.0.1"), want(53, "", "UDP")] }];
    const holders = (port: ReturnType<typeof want>) =>
      hostPortConflicts([port], [listener("0.0.0.0", port.hostPort)], published).map(
        ({ holder }) => holder.kind,
      );
    expect(holders(want(8888))).toEqual(["pod"]);
    expect(holders(want(8888, "127.0.0.1"))).toEqual(["pod"]);
    expect(holders(want(8888, "192.0.2.2"))).toEqual(["socket"]);
    expect(holders(want(53))).toEqual(["socket"]);
  });
});

describe("portMappings", () => {
  it("lead to the pod, and leave SCTP out", () => {
    const port = { ...want(8888), containerPort: 80 };
    expect(portMappings([port, { ...port, protocol: "SCTP" }], "10.77.0.2")).toEqual([
      { protocol: "TCP", hostIP: "", hostPort: 8888, podIP: "10.77.0.2", containerPort: 80 },
    ]);
  });

  it("on an IPv6 address are refused with the address and the field", () => {
    const port = { ...want(8888, "::1"), containerPort: 80, path: "spec.containers[0].ports[0].hostPort" };
    expect(() => portMappings([port], "10.77.0.2")).toThrow(
      expect.objectContaining({ code: "TS3111", message: expect.stringContaining('"::1"'), path: port.path }),
    );
  });
});
