import { describe, expect, it } from "vitest";
import { nftPortsAdd, nftPortsDelete } from "../../../../src/kernel/netlink/nft/ports.ts";
import { nftTableAdd, nftTableDelete, nftTableExists } from "../../../../src/kernel/netlink/nft/table.ts";
import { tableMessages } from "../../../../src/kernel/netlink/nft/table-rules.ts";
import type { PortMapping } from "../../../../src/plan/host-op.ts";
import { bytes, captured, errno, ScriptedNetlink, tree } from "./golden.ts";

const tcp: PortMapping = {
  protocol: "TCP",
  hostIP: "",
  hostPort: 80,
  podIP: "10.77.0.5",
  containerPort: 8080,
};
const local: PortMapping = { ...tcp, hostIP: "127.0.0.1", hostPort: 81, containerPort: 8081 };

describe("published ports", () => {
  // nft add element ip tspod host_ports { 127.0.0.1 . tcp . 81 : 10.77.0.5 . 8081 }
  const golden = captured(`64000000 0c0a 0104 02000000 00000000 02000000 0a000100 7473706f 64000000
    0f000200 686f7374 5f706f72 74730000 08000400 00000003
    2c000380 28000180 14000180 10000100 7f000001 06000000 00510000 10000280 0c000100 0a4d0005 1f910000`);
  // nft add element ip tspod ports { tcp . 80 : 10.77.0.5 . 8080 }
  const everywhere = "24000180 10000180 0c000100 06000000 00500000 10000280 0c000100 0a4d0005 1f900000";

  it("are added as nft adds them", () => {
    const nl = new ScriptedNetlink();
    nftPortsAdd(nl, "tspod", [tcp, local]);
    const [begin, first, second, end] = nl.asked[0]!;
    expect([begin?.type, end?.type]).toEqual([0x10, 0x11]);
    expect(begin?.body.toString("hex")).toBe("0000000a");
    expect(second?.type).toBe(golden.type);
    // nft also gives the set's number within its own transaction (attribute 4).
    const { 4: _, ...expected } = tree(golden.body.subarray(4), []);
    expect(tree(second!.body.subarray(4), [])).toEqual(expected);
    expect(tree(first!.body.subarray(4), [])[3]).toBe(bytes(everywhere).toString("hex"));
  });

  it("of another pod are an error that names the port and where it leads", () => {
    // NFT_MSG_NEWSETELEM as answer to GETSETELEM: tcp . 80 : 10.77.0.9 . 8080
    const answer = bytes(`54000000 0c0a 0000 01000000 00000000 02000000 0a000100 7473706f 64000000
      0a000200 706f7274 73000000 28000380 24000180 10000180 0c000100 06000000 00500000
      10000280 0c000100 0a4d0009 1f900000`);
    const nl = new ScriptedNetlink(errno("EBUSY", 1), answer);
    expect(() => nftPortsAdd(nl, "tspod", [tcp])).toThrow(
      expect.objectContaining({
        message: "a hostPort is in use by another pod: 80/tcp leads to 10.77.0.9:8080",
        errno: "EEXIST",
        exitCode: 5,
      }),
    );
  });

  it("of another pod are not withdrawn by the undo of an addition that failed", () => {
    const answer = bytes(`54000000 0c0a 0000 01000000 00000000 02000000 0a000100 7473706f 64000000
      0a000200 706f7274 73000000 28000380 24000180 10000180 0c000100 06000000 00500000
      10000280 0c000100 0a4d0009 1f900000`);
    const nl = new ScriptedNetlink(answer);
    nftPortsDelete(nl, "tspod", [tcp]);
    expect(nl.asked.flat().map(({ type }) => type & 0xff)).toEqual([13]);
  });

  it("that are gone, with or without their table, are withdrawn already", () => {
    expect(() => nftPortsDelete(new ScriptedNetlink(errno("ENOENT")), "tspod", [tcp])).not.toThrow();
    expect(() => nftPortsDelete(new ScriptedNetlink(errno("EPERM")), "tspod", [tcp])).toThrow(/EPERM/);
  });

  it("of none send nothing", () => {
    const nl = new ScriptedNetlink();
    nftPortsAdd(nl, "tspod", []);
    nftPortsDelete(nl, "tspod", []);
    expect(nl.asked).toEqual([]);
  });
});

describe("the table", () => {
  const init = { table: "tspod", bridge: "tspod0", subnet: "10.77.0.0/16" };

  it("is one transaction that begins with the table itself", () => {
    const nl = new ScriptedNetlink(errno("ENOENT"));
    nftTableAdd(nl, init);
    const types = nl.asked[1]!.map(({ type }) => type);
    expect(types[0]).toBe(0x10);
    expect(types[1]).toBe(0x0a00);
    expect(types.at(-1)).toBe(0x11);
    expect(new Set(types.slice(2, -1))).toEqual(new Set([0x0a03, 0x0a06, 0x0a09]));
  });

  it("that is there is left alone, also when another command was faster", () => {
    const there = new ScriptedNetlink();
    nftTableAdd(there, init);
    expect(there.asked).toHaveLength(1);
    expect(() => nftTableAdd(new ScriptedNetlink(errno("ENOENT"), errno("EEXIST", 1)), init)).not.toThrow();
  });

  it("compares whole bytes of an address, or masks where the prefix ends inside one", () => {
    const guard = (subnet: string) => Buffer.concat(tableMessages({ ...init, subnet })).toString("latin1");
    expect(guard("10.77.0.0/16")).not.toContain("\xff\xff\xf0\0");
    expect(guard("10.124.16.0/20")).toContain("\xff\xff\xf0\0");
  });

  it("that is gone is deleted already; a refusal names it", () => {
    expect(() => nftTableDelete(new ScriptedNetlink(errno("ENOENT")), "tspod")).not.toThrow();
    expect(() => nftTableDelete(new ScriptedNetlink(errno("EPERM")), "tspod")).toThrow(
      "cannot delete nftables table ip tspod: EPERM (netlink NFT_MSG_DELTABLE)",
    );
    expect(nftTableExists(new ScriptedNetlink(errno("ENOENT")), "tspod")).toBe(false);
    expect(nftTableExists(new ScriptedNetlink(), "tspod")).toBe(true);
  });
});
