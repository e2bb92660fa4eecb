import { describe, expect, it } from "vitest";
import {
  chooseSubnet,
  networkFor,
  networkNames,
  pickAddress,
  podMac,
  vethName,
} from "../../../src/net/index.ts";
import { formatSubnet } from "../../../src/net/ipv4.ts";

describe("pickAddress", () => {
  it("begins after the gateway and goes on after the last one given", () => {
    expect(pickAddress("10.77.0.0/16", new Set(), "")).toBe("10.77.0.2");
    expect(pickAddress("10.77.0.0/16", new Set(), "10.77.0.2")).toBe("10.77.0.3");
    expect(pickAddress("10.77.0.0/16", new Set(["10.77.0.3"]), "10.77.0.2")).toBe("10.77.0.4");
  });

  it("gives every address once before any twice, and never the first two nor the broadcast address", () => {
    let last = "";
    const given = Array.from({ length: 13 }, () => {
      last = pickAddress("192.168.1.0/28", new Set(), last);
      return last;
    });
    expect(given.map((address) => Number(address.split(".")[3]))).toEqual([
      2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    ]);
    expect(pickAddress("192.168.1.0/28", new Set(), last)).toBe("192.168.1.2");
  });

  it("takes no notice of a last address of another pool", () => {
    expect(pickAddress("10.77.0.0/16", new Set(), "192.168.1.9")).toBe("10.77.0.2");
  });

  it("says so when the pool is used up", () => {
    expect(() => pickAddress("10.0.0.0/30", new Set(["10.0.0.2"]), "10.0.0.2")).toThrow(
      "all 1 addresses of 10.0.0.0/30 are in use by pods",
    );
  });
});

const empty = { rootId: "", routes: [], addresses: [] };
const route = (destination: string) => ({ destination, link: "eth0", gateway: "" });

describe("chooseSubnet", () => {
  it("takes the first candidate, whatever the default route", () => {
    expect(formatSubnet(chooseSubnet({ ...empty, routes: [route("0.0.0.0/0")] }))).toBe("10.77.0.0/16");
  });

  it("goes out of the way of routes and addresses, wider or narrower", () => {
    expect(formatSubnet(chooseSubnet({ ...empty, routes: [route("10.77.128.0/24")] }))).toBe("10.78.0.0/16");
    expect(formatSubnet(chooseSubnet({ ...empty, routes: [route("10.0.0.0/8")] }))).toBe("172.29.0.0/16");
    const addresses = [{ address: "10.77.0.1", prefixLength: 32 }];
    expect(formatSubnet(chooseSubnet({ ...empty, addresses }))).toBe("10.78.0.0/16");
  });

  it("gives other roots small pools of their own, away from the default one", () => {
    const [one, two] = ["/a", "/b"].map((rootId) => formatSubnet(chooseSubnet({ ...empty, rootId })));
    expect(one).toMatch(/^10\.12[4-7]\.\d+\.0\/20$/);
    expect(two).not.toBe(one);
    const taken = [route(one ?? "")];
    expect(formatSubnet(chooseSubnet({ ...empty, rootId: "/a", routes: taken }))).not.toBe(one);
  });

  it("says so when everything overlaps", () => {
    const routes = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(route);
    expect(() => chooseSubnet({ ...empty, routes })).toThrow(/no free subnet/);
  });
});

describe("names", () => {
  it("of the default root are plain, those of others follow from the root and fit a link's 15 characters", () => {
    expect(networkNames("")).toEqual({ bridge: "tspod0", table: "tspod" });
    const other = networkNames("/tmp/root");
    expect(other.bridge).toMatch(/^tspod-[0-9a-f]{8}$/);
    expect(networkNames("/tmp/root")).toEqual(other);
    expect(networkNames("/tmp/root2")).not.toEqual(other);
  });

  it("of veths show the uid's first digits; of uids that are not random, a hash", () => {
    expect(vethName("b2f3a1c0-9d4e-4f6a-8b7c-112233445566")).toBe("tspb2f3a1c09d4e");
    expect(vethName("my-own-uid")).toMatch(/^tsp[0-9a-f]{12}$/);
    expect(vethName("my-own-uid")).not.toBe(vethName("my-own-uie"));
  });

  it("of hardware follow from the address and are locally administered", () => {
    expect(podMac("10.77.1.2").toString("hex")).toBe("0a740a4d0102");
  });
});

describe("networkFor", () => {
  const host = { routes: [], addresses: [], uplinks: ["eth0"], ipv6: true };

  it("keeps the subnet of a bridge that is up, whatever overlaps it meanwhile", () => {
    const addresses = [{ link: "tspod0", address: "10.79.0.1", prefixLength: 16 }];
    const network = networkFor({ rootId: "", host: { ...host, addresses }, directory: "/run/tspod/network" });
    expect(network).toEqual({
      bridge: "tspod0",
      table: "tspod",
      subnet: "10.79.0.0/16",
      gateway: "10.79.0.1",
      addressDirectory: "/run/tspod/network/addresses",
      uplinks: ["eth0"],
      ipv6: true,
    });
  });
});
