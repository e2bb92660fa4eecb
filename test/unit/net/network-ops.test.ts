import { describe, expect, it } from "vitest";
import { networkOps } from "../../../src/net/index.ts";

const network = {
  bridge: "tspod0",
  table: "tspod",
  subnet: "10.77.0.0/16",
  gateway: "10.77.0.1",
  addressDirectory: "/run/tspod/network/addresses",
  uplinks: ["eth0"],
  ipv6: true,
};
const pod = { uid: "b2f3a1c0-9d4e-4f6a-8b7c-112233445566", address: "10.77.0.5", network };
const port = { protocol: "TCP", hostIP: "", hostPort: 80, podIP: "10.77.0.5", containerPort: 8080 } as const;

describe("networkOps", () => {
  const { beforeHolder, holder, afterHolder } = networkOps({ ...pod, ports: [port] });
  const names = beforeHolder.map(({ op }) => op);

  it("holds the address before anything is made, so that the last to go tears down what this pod needs", () => {
    expect(names[0]).toBe("address-hold");
    expect(beforeHolder[0]).toMatchObject({
      address: "10.77.0.5",
      uid: pod.uid,
      teardown: [
        { op: "uplinks-close", table: "tspod" },
        { op: "link-delete", name: "tspod0" },
        { op: "nft-table-delete", table: "tspod" },
      ],
    });
  });

  it("guards before it opens", () => {
    expect(names.indexOf("nft-table-add")).toBeLessThan(names.indexOf("bridge-add"));
    expect(names.indexOf("bridge-add")).toBeLessThan(names.indexOf("sysctl-set"));
  });

  it("opens the bridge and the uplinks, and nothing for the whole host", () => {
    expect(beforeHolder.flatMap((op) => (op.op === "sysctl-set" ? [`${op.key}=${op.value}`] : []))).toEqual([
      "net/ipv4/conf/tspod0/forwarding=1",
      "net/ipv4/conf/tspod0/route_localnet=1",
      "net/ipv6/conf/tspod0/disable_ipv6=1",
      "net/ipv4/conf/eth0/forwarding=1",
    ]);
  });

  it("connects the pod once its namespace is there, ports last", () => {
    expect(holder).toEqual([
      { op: "write", path: "/proc/sys/net/ipv6/conf/default/disable_ipv6", data: "1" },
    ]);
    expect(afterHolder).toEqual([
      { op: "link-up", netns: "pod", name: "lo" },
      { op: "veth-add", name: "tspb2f3a1c09d4e", bridge: "tspod0", peer: "eth0" },
      { op: "link-up", netns: "pod", name: "eth0" },
      { op: "address-add", netns: "pod", name: "eth0", address: "10.77.0.5", prefixLength: 16 },
      { op: "route-default", netns: "pod", gateway: "10.77.0.1", name: "eth0" },
      { op: "nft-ports-add", table: "tspod", ports: [port] },
    ]);
  });

  it("leaves out what does not apply", () => {
    const plain = networkOps({ ...pod, network: { ...network, ipv6: false, uplinks: [] }, ports: [] });
    const ops = [...plain.beforeHolder, ...plain.holder, ...plain.afterHolder];
    expect(JSON.stringify(ops)).not.toMatch(/ipv6|eth0\/forwarding|nft-ports-add/);
  });
});
