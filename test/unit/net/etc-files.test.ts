import { describe, expect, it } from "vitest";
import {
  chooseHostResolvConf,
  etcHosts,
  etcHostsOfHost,
  parseResolvConf,
  resolvConf,
} from "../../../src/net/index.ts";

describe("/etc/hosts", () => {
  const loopback =
    "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";

  it("has the kubelet's heading, the pod's names and the aliases", () => {
    const text = etcHosts(["10.77.0.2"], { hostname: "web", domain: "db.shop.svc.cluster.local" }, [
      { ip: "127.0.0.1", hostnames: ["foo.local", "bar.local"] },
    ]);
    expect(text.startsWith(loopback)).toBe(true);
    expect(text.split("\n").slice(3)).toEqual([
      "fe00::0\tip6-localnet",
      "fe00::0\tip6-mcastprefix",
      "fe00::1\tip6-allnodes",
      "fe00::2\tip6-allrouters",
      "10.77.0.2\tweb.db.shop.svc.cluster.local\tweb",
      "",
      "# Entries added by HostAliases.",
      "127.0.0.1\tfoo.local\tbar.local",
      "",
    ]);
  });

  it("has one name without a subdomain, and no aliases' section without aliases", () => {
    expect(etcHosts(["10.77.0.2"], { hostname: "web", domain: "" })).toMatch(
      /ip6-allrouters\n10\.77\.0\.2\tweb\n$/,
    );
  });

  it("is the host's, under another heading, in the host's network", () => {
    expect(etcHostsOfHost("127.0.0.1 localhost\n", [{ ip: "10.0.0.1", hostnames: ["db"] }])).toBe(
      "# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n\n# Entries added by HostAliases.\n10.0.0.1\tdb\n",
    );
  });
});

const host = "nameserver 192.0.2.53\nsearch example.com corp.example.com.\noptions rotate timeout:1\n";
const of = (
  spec: Parameters<typeof resolvConf>[0]["spec"],
  cluster?: { nameservers: string[]; domain: string },
) => resolvConf({ namespace: "shop", spec, hostFile: host, ...(cluster ? { cluster } : {}) });

describe("/etc/resolv.conf", () => {
  const cluster = { nameservers: ["10.96.0.10"], domain: "cluster.local" };
  const asHost = "search example.com corp.example.com\nnameserver 192.0.2.53\noptions rotate timeout:1\n";
  const asCluster =
    "search shop.svc.cluster.local svc.cluster.local cluster.local example.com corp.example.com\nnameserver 10.96.0.10\noptions ndots:5\n";

  it("is the host's for Default, and for ClusterFirst where there is no cluster's DNS", () => {
    expect(of({ dnsPolicy: "Default" }, cluster).text).toBe(asHost);
    expect(of({ dnsPolicy: "ClusterFirst" }).text).toBe(asHost);
    expect(of({}).text).toBe(asHost);
  });

  it("is the cluster's for ClusterFirst, but not in the host's network unless WithHostNet is said", () => {
    expect(of({ dnsPolicy: "ClusterFirst" }, cluster).text).toBe(asCluster);
    expect(of({ dnsPolicy: "ClusterFirst", hostNetwork: true }, cluster).text).toBe(asHost);
    expect(of({ dnsPolicy: "ClusterFirstWithHostNet", hostNetwork: true }, cluster).text).toBe(asCluster);
  });

  it("is only what dnsConfig says for None", () => {
    const dnsConfig = {
      nameservers: ["1.1.1.1"],
      searches: ["a.example"],
      options: [{ name: "ndots", value: "2" }, { name: "edns0" }],
    };
    expect(of({ dnsPolicy: "None", dnsConfig }).text).toBe(
      "search a.example\nnameserver 1.1.1.1\noptions ndots:2 edns0\n",
    );
  });

  it("has dnsConfig after the policy's, without repetition, and its options win", () => {
    const dnsConfig = {
      nameservers: ["192.0.2.53", "1.1.1.1"],
      searches: ["example.com", "z.example"],
      options: [{ name: "timeout", value: "5" }],
    };
    expect(of({ dnsPolicy: "Default", dnsConfig }).text).toBe(
      "search example.com corp.example.com z.example\nnameserver 192.0.2.53\nnameserver 1.1.1.1\noptions rotate timeout:5\n",
    );
  });

  it("keeps to the limits and says what was left out", () => {
    const four = { nameservers: ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"] };
    expect(of({ dnsPolicy: "None", dnsConfig: four })).toEqual({
      text: "nameserver 1.1.1.1\nnameserver 1.1.1.2\nnameserver 1.1.1.3\n",
      warnings: [
        "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 1.1.1.1 1.1.1.2 1.1.1.3",
      ],
    });
    const searches = Array.from({ length: 40 }, (_, i) => `${"d".repeat(70)}${i}.example`);
    const { text, warnings } = of({ dnsPolicy: "None", dnsConfig: { nameservers: ["1.1.1.1"], searches } });
    const line = text.split("\n")[0]?.replace("search ", "") ?? "";
    expect(line.length).toBeLessThanOrEqual(2048);
    expect(line.split(" ").length).toBe(25);
    expect(warnings).toHaveLength(1);
    const long = of({ dnsPolicy: "None", dnsConfig: { searches: ["x".repeat(254), "ok.example"] } });
    expect(long.text).toBe("search ok.example\n");
  });

  it("is parsed as resolv.conf(5) says: comments passed over, the last search and options lines count", () => {
    const text =
      "# nameserver 9.9.9.9\n; x\nnameserver 1.1.1.1\nsearch a\nsearch b .\noptions x\noptions y z\nsortlist 1\n";
    expect(parseResolvConf(text)).toEqual({
      nameservers: ["1.1.1.1"],
      searches: ["b", "."],
      options: ["y", "z"],
    });
  });
});

describe("the host's resolv.conf", () => {
  const stub = "nameserver 127.0.0.53\n";

  it("is the one behind systemd's stub where there is one", () => {
    expect(chooseHostResolvConf({ etc: stub, upstream: host, hostNetwork: false })).toEqual({
      text: host,
      warnings: [],
    });
  });

  it("is taken with a warning where only the host's loopback answers", () => {
    for (const upstream of [undefined, stub, ""]) {
      const chosen = chooseHostResolvConf({ etc: stub, upstream, hostNetwork: false });
      expect(chosen.text).toBe(stub);
      expect(chosen.warnings[0]).toMatch(/127\.0\.0\.53, which a pod with its own network cannot reach/);
    }
  });

  it("is taken as it is in the host's network, and where it names real servers", () => {
    expect(chooseHostResolvConf({ etc: stub, upstream: host, hostNetwork: true }).text).toBe(stub);
    expect(chooseHostResolvConf({ etc: host, upstream: "x", hostNetwork: false })).toEqual({
      text: host,
      warnings: [],
    });
  });
});
