import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Network } from "../../../src/net/index.ts";
import { silence, type TestPod, World } from "./world.ts";

let world: World;
let network: Network;
let a: TestPod;
let b: TestPod;
let before: string;

const hostState = () =>
  ["ip -br link", "ip -br addr", "ip route", "nft list ruleset", "sysctl -a -r ^net.ipv4.(ip_forward|conf)"]
    .map((command) => world.in(undefined, ...command.split(" ")).replaceAll(/@if\d+/g, ""))
    .join("\n");

beforeAll(async () => {
  world = new World({ mtu: 1400 });
  const neighbour = await world.neighbour();
  before = hostState();
  network = world.network();
  a = await world.pod(network);
  b = await world.pod(network);
  await world.serve(a, "a", 8080);
  await world.serve(b, "b", 8080);
  await world.serve("outside", "outside", 80);
  await world.serve(neighbour, "neighbour", 80);
  await world.serve(undefined, "host", 7000);
});

afterAll(async () => await world.close());

describe("a pod", () => {
  it("has one address besides its loopback's, and no IPv6 one that nobody gave it", () => {
    const addresses = world.in(a, "ip", "-br", "addr").trim().split("\n");
    expect(addresses.map((line) => line.trim().split(/\s+/))).toEqual([
      ["lo", "UNKNOWN", "127.0.0.1/8", "::1/128"],
      [expect.stringMatching(/^eth0@if\d+$/), "UP", `${a.address}/16`],
    ]);
  });

  it("has a hardware address that follows from its address, and the host's uplink's size", () => {
    const link = world.in(a, "ip", "link", "show", "eth0");
    expect(link).toContain("link/ether 0a:74:0a:4d:00:02");
    expect(link).toContain("mtu 1400");
  });

  it("reaches the other pod as itself, and the host", () => {
    expect(world.ask(a, "tcp", b.address, 8080)).toBe(`b heard ${a.address}`);
    expect(world.ask(b, "udp", a.address, 8080)).toBe(`a heard ${b.address}`);
    expect(world.ask(a, "tcp", "198.51.100.2", 7000)).toBe(`host heard ${a.address}`);
    expect(world.ask(undefined, "tcp", a.address, 8080)).toBe(`a heard ${network.gateway}`);
  });

  it("reaches the outside under the host's address", () => {
    expect(world.ask(a, "tcp", "198.51.100.1", 80)).toBe("outside heard 198.51.100.2");
    expect(world.ask(a, "udp", "198.51.100.1", 80)).toBe("outside heard 198.51.100.2");
  });

  it("is not reached from outside, and neighbours not from each other, although the host forwards now", () => {
    world.in("outside", "ip", "route", "add", "203.0.113.0/24", "via", "198.51.100.2");
    expect(world.ask(a, "tcp", "203.0.113.1", 80)).toBe("neighbour heard 203.0.113.2");
    expect(world.ask("outside", "tcp", "203.0.113.1", 80, silence)).toBe("");
    world.in("outside", "ip", "route", "add", network.subnet, "via", "198.51.100.2");
    expect(world.ask("outside", "tcp", a.address, 8080, silence)).toBe("");
    // What keeps them out are our rules: without them the same requests are answered.
    world.in(undefined, "nft", "flush", "chain", "ip", "tspod", "forward");
    expect(world.ask("outside", "tcp", a.address, 8080)).toBe("a heard 198.51.100.1");
    expect(world.ask("outside", "tcp", "203.0.113.1", 80)).toBe("neighbour heard 198.51.100.1");
  });

  it("neither reaches what listens on the host's loopback (CVE-2020-8558) nor speaks under another's address", async () => {
    await world.serve(undefined, "secret", 7001, "127.0.0.1");
    // What the pod sends to 192.0.2.9 leaves it, for the gateway's hardware address, as sent to 127.0.0.1.
    const disguise = `table ip disguise {
      chain out { type filter hook postrouting priority 300; ip daddr 192.0.2.9 ip daddr set 127.0.0.1; }
      chain in { type filter hook prerouting priority -400; ip saddr 127.0.0.1 ip saddr set 192.0.2.9; }
    }`;
    expect(world.in(b, "nft", disguise)).toBe("");
    const reach = (wait = {}) => world.ask(b, "tcp", "192.0.2.9", 7001, wait);
    // 192.0.2.77 is an address that somebody behind the host could have.
    const liar = await world.pod(network);
    world.in(undefined, "ip", "route", "add", "192.0.2.77", "via", liar.address);
    world.in(liar, "ip", "addr", "add", "192.0.2.77/32", "dev", "lo");
    world.in(liar, "ip", "route", "change", "default", "via", network.gateway, "src", "192.0.2.77");
    const lie = (wait = {}) => world.ask(liar, "tcp", "198.51.100.2", 7000, wait);
    expect([reach(silence), lie(silence)]).toEqual(["", ""]);
    // The attacks are true ones: without our guard they work.
    world.in(undefined, "nft", "flush", "chain", "ip", "tspod", "guard");
    expect([reach(), lie()]).toEqual([`secret heard ${b.address}`, "host heard 192.0.2.77"]);
    world.stop(liar);
  });

  it("leaves nothing when it goes with the last", async () => {
    expect(world.in(undefined, "sysctl", "-n", "net.ipv4.conf.up0.forwarding").trim()).toBe("1");
    world.stop(a);
    expect(world.in(undefined, "nft", "list", "tables")).toContain("table ip tspod");
    world.stop(b);
    await expect.poll(hostState, { timeout: 120_000 }).toBe(before);
  });
});
