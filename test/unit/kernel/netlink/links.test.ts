import { describe, expect, it } from "vitest";
import { addressAdd } from "../../../../src/kernel/netlink/address-add.ts";
import { linkAddBridge } from "../../../../src/kernel/netlink/link-add-bridge.ts";
import { linkAddVeth } from "../../../../src/kernel/netlink/link-add-veth.ts";
import { linkDelete } from "../../../../src/kernel/netlink/link-delete.ts";
import { linkGet } from "../../../../src/kernel/netlink/link-get.ts";
import { linkUp } from "../../../../src/kernel/netlink/link-up.ts";
import { routeAddDefault } from "../../../../src/kernel/netlink/route-add-default.ts";
import { bridgeAnswer, captured, errno, ScriptedNetlink, tree } from "./golden.ts";

const noLink = errno("ENODEV");
const bridge = { name: "tspod0", address: "10.77.0.1", prefixLength: 16, mtu: 1400 };

// The captures are what iproute2 6.1 sent for the same request; its sequence number is 6b01a08d.
describe("a bridge", () => {
  // ip link add tspod0 address 0a:74:0a:4d:00:01 mtu 1400 type bridge
  const create = captured(`50000000 1000 0506 8da0016b 00000000 00000000 00000000 00000000 00000000
    0a000100 0a740a4d 00010000 08000400 78050000 0b000300 7473706f 64300000
    10001200 0a000100 62726964 67650000`);

  it("is asked for as ip asks", () => {
    const nl = new ScriptedNetlink(noLink, Buffer.alloc(0), bridgeAnswer);
    linkAddBridge(nl, bridge);
    const asked = nl.asked[1]?.[0];
    expect(asked).toMatchObject({ type: create.type, flags: create.flags });
    expect(tree(asked!.body.subarray(16), ["18"])).toEqual(tree(create.body.subarray(16), ["18"]));
  });

  it("gets its address and comes up without a link-local one", () => {
    const nl = new ScriptedNetlink(noLink, Buffer.alloc(0), bridgeAnswer);
    linkAddBridge(nl, bridge);
    expect(nl.asked.map((messages) => messages.map(({ type }) => type))).toEqual([
      [18],
      [16],
      [18],
      [20],
      [16, 16],
    ]);
  });

  it("that another command made a moment ago is fine", () => {
    const nl = new ScriptedNetlink(noLink, errno("EEXIST"), bridgeAnswer, errno("EEXIST"));
    expect(() => linkAddBridge(nl, bridge)).not.toThrow();
  });

  it("names itself, the errno and the message when it is refused", () => {
    const nl = new ScriptedNetlink(noLink, errno("EPERM"));
    expect(() => linkAddBridge(nl, bridge)).toThrow(
      expect.objectContaining({
        message: "cannot create bridge tspod0: EPERM (netlink RTM_NEWLINK)",
        errno: "EPERM",
        syscall: "netlink RTM_NEWLINK",
        path: "tspod0",
      }),
    );
  });
});

describe("a veth pair", () => {
  // ip link add tspb2f3 address 0e:… mtu 1400 master tspod0 type veth peer name eth0 address 0a:… mtu 1400 netns 20494
  const create = captured(`94000000 1000 0506 8ea0016b 00000000 00000000 00000000 00000000 00000000
    0a000100 0e740a4d 00020000 08000400 78050000 08000a00 05000000 0c000300 74737062 32663300
    4c001200 08000100 76657468 40000200 3c000100 00000000 00000000 00000000 00000000
    0a000100 0a740a4d 00020000 08000400 78050000 08001300 0e500000 09000300 65746830 00000000`);
  const init = {
    name: "tspb2f3",
    bridge: "tspod0",
    peer: "eth0",
    podAddress: "10.77.0.2",
    netns: { pid: 20494 },
  };

  it("is asked for as ip asks, with the peer born in the pod's namespace", () => {
    const nl = new ScriptedNetlink(bridgeAnswer);
    linkAddVeth(nl, init);
    const asked = nl.asked[1]?.[0];
    expect(asked).toMatchObject({ type: create.type, flags: create.flags });
    // The peer's attributes stand behind a struct ifinfomsg of 16 bytes.
    const peer = (body: Buffer) => {
      const outer = tree(body.subarray(16), ["18", "18.2"]) as Record<
        number,
        Record<number, Record<number, string>>
      >;
      const inner = Buffer.from(outer[18]?.[2]?.[1] ?? "", "hex");
      return { header: inner.subarray(0, 16).toString("hex"), attributes: tree(inner.subarray(16), []) };
    };
    expect(peer(asked!.body)).toEqual(peer(create.body));
    const { 18: askedInfo, ...askedRest } = tree(asked!.body.subarray(16), []);
    const { 18: goldenInfo, ...goldenRest } = tree(create.body.subarray(16), []);
    expect(askedRest).toEqual(goldenRest);
    expect([askedInfo, goldenInfo]).not.toContain(undefined);
  });

  it("without its bridge is refused with the bridge's name", () => {
    expect(() => linkAddVeth(new ScriptedNetlink(noLink), init)).toThrow(/bridge tspod0 is gone: ENODEV/);
  });

  it("whose name is in use is an error, not taken over", () => {
    const nl = new ScriptedNetlink(bridgeAnswer, errno("EEXIST"));
    expect(() => linkAddVeth(nl, init)).toThrow(/create veth pair tspb2f3 - eth0 on tspod0: EEXIST/);
    expect(nl.asked).toHaveLength(2);
  });
});

describe("a link", () => {
  it("is decoded from the kernel's answer", () => {
    expect(linkGet(new ScriptedNetlink(bridgeAnswer), "tspod0")).toMatchObject({
      index: 5,
      name: "tspod0",
      up: true,
      mtu: 1400,
      kind: "bridge",
      master: 0,
    });
  });

  it("that is not there is undefined, any other failure is one", () => {
    expect(linkGet(new ScriptedNetlink(noLink), "x")).toBeUndefined();
    expect(() => linkGet(new ScriptedNetlink(errno("EPERM")), "x")).toThrow(/EPERM/);
  });

  it("that is gone can be deleted, one that cannot be deleted is an error", () => {
    expect(() => linkDelete(new ScriptedNetlink(noLink), "tspb2f3")).not.toThrow();
    expect(() => linkDelete(new ScriptedNetlink(errno("EBUSY")), "tspb2f3")).toThrow(
      /delete link tspb2f3: EBUSY/,
    );
  });

  it("comes up where the kernel has no IPv6 to switch off", () => {
    const nl = new ScriptedNetlink(errno("EAFNOSUPPORT", 0));
    linkUp(nl, "eth0");
    expect(nl.asked.map(({ length }) => length)).toEqual([2, 1]);
    // ip link set tspb2f3 up: flags and change are IFF_UP
    expect(nl.asked[1]?.[0]?.body.subarray(8, 16).toString("hex")).toBe("0100000001000000");
  });

  it("keeps ::1 if it is the loopback", () => {
    const nl = new ScriptedNetlink();
    linkUp(nl, "lo");
    expect(nl.asked.map(({ length }) => length)).toEqual([1]);
  });

  it("switches IPv6 link-local addresses off as ip does", () => {
    // ip link set tspb2f3 addrgenmode none
    const golden = captured(`30000000 1000 0500 8ea0016b 00000000 00000000 06000000 00000000 00000000
      10001a00 0c000a00 05000800 01000000`);
    const nl = new ScriptedNetlink();
    linkUp(nl, "eth0");
    const asked = tree(nl.asked[0]![0]!.body.subarray(16), ["26", "26.10"]);
    expect(asked).toEqual({ 3: "6574683000", ...tree(golden.body.subarray(16), ["26", "26.10"]) });
  });
});

describe("an address and a route", () => {
  it("are asked for as ip asks", () => {
    // ip addr add 10.77.0.1/16 brd + dev tspod0
    const address = captured(`30000000 1400 0506 8ea0016b 00000000 02100000 05000000
      08000200 0a4d0001 08000100 0a4d0001 08000400 0a4dffff`);
    // ip route add default via 10.77.0.9 dev tspod0 proto static
    const route = captured(`2c000000 1800 0506 8ea0016b 00000000 02000000 fe040001 00000000
      08000500 0a4d0009 08000400 05000000`);
    const nl = new ScriptedNetlink(bridgeAnswer, Buffer.alloc(0), bridgeAnswer);
    addressAdd(nl, { link: "tspod0", address: "10.77.0.1", prefixLength: 16 });
    routeAddDefault(nl, { link: "tspod0", gateway: "10.77.0.9" });
    const plain = ({ type, flags, body }: { type: number; flags: number; body: Buffer }) => ({
      type,
      flags,
      body: body.toString("hex"),
    });
    expect(plain(nl.asked[1]![0]!)).toEqual(plain(address));
    expect(plain(nl.asked[3]![0]!)).toEqual(plain(route));
  });

  it("on a link that is not there say so", () => {
    const address = { link: "eth0", address: "10.77.0.2", prefixLength: 16 };
    expect(() => addressAdd(new ScriptedNetlink(noLink), address)).toThrow(
      /add address 10\.77\.0\.2\/16 to eth0: ENODEV/,
    );
  });
});
