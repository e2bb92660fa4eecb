import { existsSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Network } from "../../../src/net/index.ts";
import { silence, type TestPod, type Wanted, World } from "./world.ts";

let world: World;
let network: Network;
let web: TestPod;
let other: TestPod;

const everywhere: Wanted = { protocol: "TCP", hostIP: "", hostPort: 8888, containerPort: 80 };
const hostAddress = "198.51.100.2";

beforeAll(async () => {
  world = new World();
  network = world.network();
  web = await world.pod(network, [
    everywhere,
    { ...everywhere, protocol: "UDP" },
    { ...everywhere, hostIP: "127.0.0.1", hostPort: 8889 },
    { ...everywhere, hostIP: hostAddress, hostPort: 8890 },
  ]);
  other = await world.pod(network);
  await world.serve(web, "web", 80);
});

afterAll(async () => await world.close());

// Where the kernel has br_netfilter, each frame in a bridge passes the IP tables too; hosts differ in that.
const bridgeNetfilter = "/proc/sys/net/bridge/bridge-nf-call-iptables";
const modes = existsSync(bridgeNetfilter) ? (["1", "0"] as const) : (["0"] as const);
const kinds = modes.flatMap((mode) => (["tcp", "udp"] as const).map((protocol) => ({ protocol, mode })));

describe.each(kinds)("a hostPort of $protocol, br_netfilter $mode", ({ protocol, mode }) => {
  beforeAll(() => {
    if (existsSync(bridgeNetfilter)) writeFileSync(bridgeNetfilter, mode);
  });

  const ask = (where: TestPod | "outside" | undefined, address: string) =>
    world.ask(where, protocol, address, 8888);

  it("answers on the host's address, from outside with the caller's own", () => {
    expect(ask("outside", hostAddress)).toBe("web heard 198.51.100.1");
    expect(ask(undefined, hostAddress)).toMatch(/^web heard /);
  });

  it("answers on 127.0.0.1 and on the gateway's address", () => {
    expect(ask(undefined, "127.0.0.1")).toBe(`web heard ${network.gateway}`);
    expect(ask(undefined, network.gateway)).toMatch(/^web heard /);
  });

  it("answers another pod, and the pod itself, again and again", () => {
    for (let i = 0; i < 3; i++) {
      expect(ask(other, hostAddress)).toBe(`web heard ${network.gateway}`);
      expect(ask(web, hostAddress)).toBe(`web heard ${network.gateway}`);
    }
  });
});

describe("a hostPort with a hostIP", () => {
  it("answers on that address only", () => {
    expect(world.ask(undefined, "tcp", "127.0.0.1", 8889)).toMatch(/^web heard /);
    expect(world.ask(undefined, "tcp", hostAddress, 8889, silence)).toBe("");
    expect(world.ask("outside", "tcp", hostAddress, 8890)).toMatch(/^web heard /);
    expect(world.ask(undefined, "tcp", "127.0.0.1", 8890, silence)).toBe("");
  });

  it("of 127.0.0.1 does not answer neighbours that send there on the wire", () => {
    // What the neighbour sends to 192.0.2.9 leaves it, for the host's hardware address, as sent to 127.0.0.1.
    const disguise = `table ip disguise {
      chain out { type filter hook postrouting priority 300; ip daddr 192.0.2.9 ip daddr set 127.0.0.1; }
      chain in { type filter hook prerouting priority -400; ip saddr 127.0.0.1 ip saddr set 192.0.2.9; }
    }`;
    expect(world.in("outside", "nft", disguise)).toBe("");
    expect(world.in("outside", "ip", "route", "add", "192.0.2.9", "via", hostAddress)).toBe("");
    expect(world.ask("outside", "tcp", "192.0.2.9", 8889, silence)).toBe("");
    world.in("outside", "nft", "delete", "table", "ip", "disguise");
  });
});

describe("a pod that wants a hostPort another has", () => {
  it("is refused as a whole, and its undo leaves the other's port alone", async () => {
    const free = { ...everywhere, hostPort: 9999 };
    await expect(world.pod(network, [free, everywhere])).rejects.toThrow(
      expect.objectContaining({
        code: "TS3104",
        message: expect.stringContaining(`8888/tcp leads to ${web.address}:80`),
        errno: "EEXIST",
      }),
    );
    expect(world.ask(undefined, "tcp", hostAddress, 8888)).toMatch(/^web heard /);
    expect(world.in(undefined, "nft", "list", "map", "ip", "tspod", "ports")).not.toContain("9999");
  });
});

describe("a pod that goes", () => {
  it("takes its ports along and no others", async () => {
    const third = await world.pod(network, [{ ...everywhere, hostPort: 7777 }]);
    await world.serve(third, "third", 80);
    expect(world.ask(undefined, "tcp", "127.0.0.1", 7777)).toMatch(/^third heard /);
    world.stop(third);
    expect(world.ask(undefined, "tcp", "127.0.0.1", 7777, silence)).toBe("");
    expect(world.ask(undefined, "tcp", "127.0.0.1", 8888)).toMatch(/^web heard /);
  });
});

describe("a UDP client that keeps its port", () => {
  const ask = (wait = {}) => world.ask("outside", "udp", hostAddress, 5300, { from: 40000, ...wait });
  const dns: Wanted = { protocol: "UDP", hostIP: "", hostPort: 5300, containerPort: 53 };

  it("reaches a pod that is published after it began, and the next pod after that", async () => {
    expect(ask(silence)).toBe("");
    const first = await world.pod(network, [dns]);
    await world.serve(first, "first", 53);
    expect(ask()).toBe("first heard 198.51.100.1");
    world.stop(first);
    expect(ask(silence)).toBe("");
    const second = await world.pod(network, [dns]);
    await world.serve(second, "second", 53);
    expect(ask()).toBe("second heard 198.51.100.1");
  });
});
