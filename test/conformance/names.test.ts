import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { pod, sh } from "../e2e/support/pods.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet();
const told = (name: string, spec: object, script = "hostname; hostname -f; cat /etc/hosts") =>
  node.ended(pod(name, [sh("a", script)], spec));
const printed = async (ended: ReturnType<typeof told>) => (await ended()).printed("a");
const lines = async (ended: ReturnType<typeof told>) => (await printed(ended)).trimEnd().split("\n");

const named = told("named", { hostname: "custom", subdomain: "sub" });
const qualified = told("qualified", { hostname: "custom", subdomain: "sub", setHostnameAsFQDN: true });
const overridden = told("overridden", { hostnameOverride: "other.example" });
const aliased = told("aliased", {
  hostAliases: [
    { ip: "10.1.2.3", hostnames: ["foo.remote", "bar.remote"] },
    { ip: "10.1.2.4", hostnames: ["baz.remote"] },
  ],
});

behaviour("name-01", "hostname takes the place of the pod's name", from.dns, async () => {
  expect((await lines(named))[0]).toBe("custom");
});

behaviour(
  "name-02",
  "hostname and subdomain make a full name, which /etc/hosts has for the pod's address",
  from.dns,
  async () => {
    const [, full] = await lines(named);
    expect(full).toBe("custom.sub.default.svc.cluster.local");
    expect(await printed(named)).toMatch(
      /^\d+\.\d+\.\d+\.\d+\s+custom\.sub\.default\.svc\.cluster\.local\s+custom$/m,
    );
  },
);

behaviour("name-03", "setHostnameAsFQDN makes the full name the host name", from.dns, async () => {
  expect((await lines(qualified))[0]).toBe("custom.sub.default.svc.cluster.local");
});

behaviour("name-04", "hostnameOverride is the host name as it is written", from.dns, async () => {
  expect((await lines(overridden))[0]).toBe("other.example");
});

behaviour(
  "name-05",
  "a pod's name that is too long for a host name is cut to 63 characters",
  from.pods,
  async () => {
    const long = "a".repeat(62);
    const ended = told(`${long}.${"b".repeat(20)}`, {}, "hostname");
    const [short = ""] = await lines(ended);
    expect(short).toBe(long);
  },
);

behaviour("name-06", "/etc/hosts has localhost and the pod's own name", from.hostAliases, async () => {
  const text = await printed(aliased);
  expect(text).toMatch(/^# Kubernetes-managed hosts file/m);
  expect(text).toMatch(/^127\.0\.0\.1\s+localhost$/m);
  expect(text).toMatch(/^::1\s+localhost ip6-localhost ip6-loopback$/m);
  expect(text).toMatch(/^\d+\.\d+\.\d+\.\d+\s+aliased$/m);
});

behaviour("name-07", "hostAliases are lines of /etc/hosts", from.hostAliases, async () => {
  const text = await printed(aliased);
  expect(text).toMatch(/^# Entries added by HostAliases\.$/m);
  expect(text).toMatch(/^10\.1\.2\.3\s+foo\.remote\s+bar\.remote$/m);
  expect(text).toMatch(/^10\.1\.2\.4\s+baz\.remote$/m);
});

const resolver = "cat /etc/resolv.conf";
const none = told(
  "none",
  {
    dnsPolicy: "None",
    dnsConfig: {
      nameservers: ["192.0.2.1", "192.0.2.2"],
      searches: ["ns1.svc.example", "my.dns.example"],
      options: [{ name: "ndots", value: "2" }, { name: "edns0" }],
    },
  },
  resolver,
);
const hosts = told("hosts", { dnsPolicy: "Default" }, resolver);
const added = told(
  "added",
  {
    dnsPolicy: "Default",
    dnsConfig: { searches: ["added.example"], options: [{ name: "timeout", value: "7" }] },
  },
  resolver,
);
const entries = (text: string, key: string) =>
  text
    .split("\n")
    .filter((line) => line.startsWith(`${key} `))
    .flatMap((line) => line.split(/\s+/).slice(1));
const ours = () => readFileSync("/etc/resolv.conf", "utf8");

behaviour(
  "name-08",
  "with dnsPolicy None, resolv.conf is what dnsConfig says and nothing else",
  from.dns,
  async () => {
    const text = await printed(none);
    expect(entries(text, "nameserver")).toEqual(["192.0.2.1", "192.0.2.2"]);
    expect(entries(text, "search")).toEqual(["ns1.svc.example", "my.dns.example"]);
    expect(entries(text, "options")).toEqual(["ndots:2", "edns0"]);
  },
);

behaviour("name-09", "with dnsPolicy Default, a pod resolves as its node does", from.dns, async () => {
  const text = await printed(hosts);
  const far = entries(ours(), "nameserver").filter((address) => !/^127\.|^::1$/.test(address));
  for (const address of far) expect(entries(text, "nameserver")).toContain(address);
  expect(entries(text, "search")).toEqual(entries(ours(), "search"));
});

behaviour("name-10", "dnsConfig is added to what the policy gives", from.dns, async () => {
  const text = await printed(added);
  expect(entries(text, "search")).toEqual([...entries(ours(), "search"), "added.example"]);
  expect(entries(text, "options")).toContain("timeout:7");
  expect(entries(text, "nameserver")).toEqual(entries(await printed(hosts), "nameserver"));
});

behaviour("name-11", "dnsPolicy None without a name server is refused", from.dns, async () => {
  const lacks = pod("lacks", [sh("a", "true")], {
    dnsPolicy: "None",
    dnsConfig: { searches: ["x.example"] },
  });
  expect(await node.refused(lacks)).toContain(
    "must provide at least one DNS nameserver when `dnsPolicy` is None",
  );
});
