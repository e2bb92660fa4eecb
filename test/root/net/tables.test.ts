import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadAddon } from "../../../src/kernel/load-addon.ts";
import {
  addressAdd,
  forwardObstacles,
  linkAddBridge,
  linkAddVeth,
  type NetlinkSocket,
  nftPortsAdd,
  nftTableAdd,
  nftTableDelete,
  nftTableExists,
  openNetfilter,
  openRoute,
  uplinksClose,
} from "../../../src/kernel/netlink/index.ts";
import { silence, World } from "./world.ts";

let world: World;
let netfilter: NetlinkSocket;
let route: NetlinkSocket;

beforeAll(() => {
  world = new World();
  netfilter = openNetfilter(loadAddon(), -1);
  route = openRoute(loadAddon(), -1);
});

afterAll(async () => await world.close());

const forwarding = () => world.in(undefined, "sysctl", "-n", "net.ipv4.conf.up0.forwarding").trim();

describe("our table, as nft reads it back", () => {
  const init = { table: "tspod", bridge: "tspod0", subnet: "10.77.0.0/16", uplinks: ["eth0"] };
  const port = {
    protocol: "TCP",
    hostIP: "",
    hostPort: 80,
    podIP: "10.77.0.2",
    containerPort: 8080,
  } as const;

  // What nft makes of the same rules in its own language is the measure, whatever its version prints.
  const meant = `table ip tspod {
    comment "tspod, tspod0"
    map ports {
      type inet_proto . inet_service : ipv4_addr . inet_service
      elements = { tcp . 80 : 10.77.0.2 . 8080 }
    }
    map host_ports {
      type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
      elements = { 192.0.2.2 . udp . 53 : 10.77.0.2 . 8080 }
    }
    set uplinks { type ifname; elements = { "eth0" }; }
    chain guard {
      type filter hook prerouting priority raw; policy accept;
      iifname "tspod0" ip daddr 127.0.0.0/8 drop
      iifname "tspod0" ip saddr != 10.77.0.0/16 drop
    }
    chain forward {
      type filter hook forward priority filter; policy accept;
      iifname "tspod0" accept
      oifname "tspod0" ct state established,related accept
      oifname "tspod0" ct status dnat accept
      oifname "tspod0" drop
      iifname @uplinks oifname @uplinks drop
    }
    chain publish {
      dnat ip to ip daddr . meta l4proto . th dport map @host_ports
      dnat ip to meta l4proto . th dport map @ports
    }
    chain prerouting {
      type nat hook prerouting priority dstnat; policy accept;
      ip daddr != 127.0.0.0/8 fib daddr type local goto publish
    }
    chain output {
      type nat hook output priority -100; policy accept;
      fib daddr type local goto publish
    }
    chain postrouting {
      type nat hook postrouting priority srcnat; policy accept;
      ip saddr 10.77.0.0/16 oifname != "tspod0" masquerade
      ip saddr 10.77.0.0/16 oifname "tspod0" ct status dnat masquerade
      ip saddr 127.0.0.0/8 oifname "tspod0" masquerade
    }
  }`;
  const list = () => world.in(undefined, "nft", "list", "table", "ip", "tspod");

  it("is what it was meant to be", () => {
    expect(world.in(undefined, "nft", meant)).toBe("");
    const expected = list();
    world.in(undefined, "nft", "delete", "table", "ip", "tspod");
    nftTableAdd(netfilter, init);
    nftPortsAdd(netfilter, "tspod", [port, { ...port, protocol: "UDP", hostIP: "192.0.2.2", hostPort: 53 }]);
    expect(list()).toBe(expected);
  });

  it("is the same after a second addition, but for links that are new", () => {
    const before = list();
    nftTableAdd(netfilter, init);
    expect(list()).toBe(before);
    nftTableAdd(netfilter, { ...init, uplinks: ["wwan0"] });
    expect(list()).toContain('"wwan0"');
  });

  it("masks a subnet that ends inside a byte", () => {
    nftTableAdd(netfilter, { table: "tspod_0123abcd", bridge: "tspod-0123abcd", subnet: "10.124.16.0/20" });
    const list = world.in(undefined, "nft", "list", "chain", "ip", "tspod_0123abcd", "guard");
    expect(list).toContain('iifname "tspod-0123abcd" ip saddr != 10.124.16.0/20 drop');
  });

  it("goes, and goes again, without touching others", () => {
    world.in(undefined, "nft", "add", "table", "ip", "docker");
    for (const table of ["tspod", "tspod_0123abcd"]) {
      nftTableDelete(netfilter, table);
      nftTableDelete(netfilter, table);
      expect(nftTableExists(netfilter, table)).toBe(false);
    }
    expect(world.in(undefined, "nft", "list", "tables").trim()).toBe("table ip docker");
    world.in(undefined, "nft", "delete", "table", "ip", "docker");
  });
});

describe("two roots on one host", () => {
  it("live side by side, and the last one closes what both had opened", async () => {
    const [first, second] = [world.network(), world.network("/other/root")];
    expect(second.subnet).not.toBe(first.subnet);
    const a = await world.pod(first, [{ protocol: "TCP", hostIP: "", hostPort: 8001, containerPort: 80 }]);
    // The link forwards by now, but only for the first root: it is an uplink for the second as well.
    expect(world.network("/other/root").uplinks).toEqual(["up0"]);
    const b = await world.pod(world.network("/other/root"), [
      { protocol: "TCP", hostIP: "", hostPort: 8002, containerPort: 80 },
    ]);
    await world.serve(a, "a", 80);
    await world.serve(b, "b", 80);
    await world.serve("outside", "outside", 80);
    expect(world.ask(undefined, "tcp", "127.0.0.1", 8001)).toMatch(/^a heard /);
    expect(world.ask("outside", "tcp", "198.51.100.2", 8002)).toBe("b heard 198.51.100.1");
    expect(world.ask(a, "tcp", "198.51.100.2", 8002)).toMatch(/^b heard /);
    world.stop(a);
    expect(forwarding()).toBe("1");
    expect(world.ask(b, "tcp", "198.51.100.1", 80)).toBe("outside heard 198.51.100.2");
    world.stop(b);
    expect(forwarding()).toBe("0");
  });

  it("close what both had opened also when both go at once, one of them half-way", async () => {
    const roots = ["", "/other/root"];
    for (const rootId of roots) {
      const { table, bridge, subnet, uplinks } = world.network(rootId);
      nftTableAdd(netfilter, { table, bridge, subnet, uplinks });
      world.kernel.sysctlSet("net/ipv4/conf/up0/forwarding", "1");
    }
    // The first has said that it goes, and was killed; then the second goes.
    world.in(undefined, "nft", 'add element ip tspod uplinks { "/closing" }');
    const { table } = world.network("/other/root");
    uplinksClose(netfilter, table);
    expect(forwarding()).toBe("0");
    // A pod of the first root takes its table over as it is.
    const { table: first, bridge, subnet, uplinks } = world.network("");
    expect(uplinks).toEqual(["up0"]);
    nftTableAdd(netfilter, { table: first, bridge, subnet, uplinks });
    world.kernel.sysctlSet("net/ipv4/conf/up0/forwarding", "1");
    uplinksClose(netfilter, table);
    expect(forwarding()).toBe("1");
    uplinksClose(netfilter, first);
    expect(forwarding()).toBe("0");
    for (const name of [table, first]) nftTableDelete(netfilter, name);
  });

  it("leave forwarding on if the host has become a router meanwhile", async () => {
    const pod = await world.pod(world.network());
    world.in(undefined, "sysctl", "-w", "net.ipv4.ip_forward=1");
    world.stop(pod);
    expect(forwarding()).toBe("1");
    expect(world.network().uplinks).toEqual([]);
    world.in(undefined, "sysctl", "-w", "net.ipv4.ip_forward=0");
  });
});

describe("another program's chain that drops what is forwarded", () => {
  it("is found, and keeps pods from the outside until it lets them through", async () => {
    expect(forwardObstacles(netfilter)).toEqual([]);
    world.in(
      undefined,
      "nft",
      "add table ip filter; add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }",
    );
    expect(forwardObstacles(netfilter)).toEqual(["ip filter FORWARD"]);
    const pod = await world.pod(world.network());
    expect(world.ask(pod, "tcp", "198.51.100.1", 80, silence)).toBe("");
    world.in(
      undefined,
      "nft",
      "add rule ip filter FORWARD iifname tspod0 accept; add rule ip filter FORWARD oifname tspod0 accept",
    );
    expect(world.ask(pod, "tcp", "198.51.100.1", 80)).toBe("outside heard 198.51.100.2");
    world.stop(pod);
    world.in(undefined, "nft", "delete table ip filter");
  });
});

describe("a refusal by the kernel", () => {
  const refusal = (act: () => void) => {
    try {
      act();
    } catch (error) {
      return error;
    }
  };

  it("carries errno, call and object", async () => {
    expect(
      refusal(() => addressAdd(route, { link: "nix0", address: "10.0.0.1", prefixLength: 8 })),
    ).toMatchObject({
      message: "cannot add address 10.0.0.1/8 to nix0: ENODEV (netlink RTM_NEWADDR)",
      errno: "ENODEV",
      syscall: "netlink RTM_NEWADDR",
      path: "nix0",
    });
    const network = world.network();
    const pod = await world.pod(network);
    const veth = { bridge: network.bridge, peer: "eth0", podAddress: "10.77.9.9", netns: { pid: pod.pid } };
    // The pod has an eth0 already.
    expect(refusal(() => linkAddVeth(route, { ...veth, name: "tspt-x" }))).toMatchObject({
      errno: "EEXIST",
      path: "tspt-x",
    });
    expect(refusal(() => linkAddVeth(route, { ...veth, name: "tspt-x", bridge: "nix0" }))).toMatchObject({
      errno: "ENODEV",
      path: "nix0",
    });
    expect(
      refusal(() => linkAddVeth(route, { ...veth, name: "tspt-x", netns: { pid: 2 ** 22 } })),
    ).toMatchObject({
      errno: "ESRCH",
    });
    // The kernel's own words are passed on.
    expect(refusal(() => linkAddVeth(route, { ...veth, name: "name-that-is-much-too-long" }))).toMatchObject({
      errno: "ERANGE",
      message: expect.stringMatching(/: .*attribute.*: ERANGE \(netlink RTM_NEWLINK\)$/i),
    });
    expect(
      refusal(() => linkAddBridge(route, { name: network.bridge, address: "10.1.0.1", prefixLength: 16 })),
    ).toMatchObject({ code: "TS4211", message: expect.stringContaining("it has the address 10.77.0.1/16") });
    expect(
      refusal(() => linkAddBridge(route, { name: "up0", address: "10.1.0.1", prefixLength: 16 })),
    ).toMatchObject({ message: expect.stringContaining("it is a veth link, not a bridge") });
    world.stop(pod);
  });
});
