import type { PodDNSConfig, PodSpec } from "../manifest/index.ts";

export interface DnsConfig {
  nameservers: string[];
  searches: string[];
  /** `ndots:5`, `rotate` */
  options: string[];
}

/** Text for a pod's file, and what the user should be told, in the kubelet's words where it has them. */
export interface ResolvConf {
  text: string;
  warnings: string[];
}

/**
 * resolv.conf(5), as far as a kubelet reads it: `nameserver` adds up, of `search` and `options` the last line
 * counts.
 */
export function parseResolvConf(text: string): DnsConfig {
  const config: DnsConfig = { nameservers: [], searches: [], options: [] };
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === "nameserver" && values[0] !== undefined) config.nameservers.push(values[0]);
    // "example.com" and "example.com." count once; "." alone is the root and stays.
    if (keyword === "search") config.searches = values.map((name) => name.replace(/(?<=.)\.$/, ""));
    if (keyword === "options") config.options = values;
  }
  return config;
}

/**
 * A pod's /etc/resolv.conf. `ClusterFirst` uses the cluster's DNS if there is one and is `Default` otherwise, as a
 * kubelet without --cluster-dns does; `dnsConfig` is added to whatever the policy gives.
 *
 * @param hostFile the host's resolv.conf, see `chooseHostResolvConf`
 */
export function resolvConf(input: {
  namespace: string;
  spec: Pick<PodSpec, "dnsPolicy" | "dnsConfig" | "hostNetwork">;
  hostFile: string;
  cluster?: { nameservers: string[]; domain: string };
}): ResolvConf {
  const base = baseConfig(input);
  return limited(input.spec.dnsConfig ? merge(base, input.spec.dnsConfig) : base);
}

function baseConfig({ namespace, spec, hostFile, cluster }: Parameters<typeof resolvConf>[0]): DnsConfig {
  const policy = spec.dnsPolicy || "ClusterFirst";
  if (policy === "None") return { nameservers: [], searches: [], options: [] };
  const host = parseResolvConf(hostFile);
  const asksCluster =
    policy === "ClusterFirstWithHostNet" || (policy === "ClusterFirst" && !spec.hostNetwork);
  if (!asksCluster || cluster === undefined || cluster.nameservers.length === 0) return host;
  const { domain } = cluster;
  const own = domain === "" ? [] : [`${namespace}.svc.${domain}`, `svc.${domain}`, domain];
  return {
    nameservers: cluster.nameservers,
    searches: unique([...own, ...host.searches]),
    options: ["ndots:5"],
  };
}

function merge(base: DnsConfig, added: PodDNSConfig): DnsConfig {
  const options = new Map(base.options.map((option) => splitOption(option)));
  for (const { name, value } of added.options ?? []) if (name) options.set(name, value ?? "");
  return {
    nameservers: unique([...base.nameservers, ...(added.nameservers ?? [])]),
    searches: unique([...base.searches, ...(added.searches ?? [])]),
    options: [...options].map(([name, value]) => (value === "" ? name : `${name}:${value}`)),
  };
}

function splitOption(option: string): [string, string] {
  const colon = option.indexOf(":");
  return colon < 0 ? [option, ""] : [option.slice(0, colon), option.slice(colon + 1)];
}

// pkg/apis/core/validation: MaxDNSNameservers, MaxDNSSearchPaths, MaxDNSSearchListChars.
const maxNameservers = 3;
const maxSearches = 32;
const maxSearchCharacters = 2048;
// glibc aborts on a longer one.
const maxNameLength = 253;

function limited(config: DnsConfig): ResolvConf {
  const warnings: string[] = [];
  const nameservers = config.nameservers.slice(0, maxNameservers);
  if (nameservers.length < config.nameservers.length) {
    warnings.push(
      `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${nameservers.join(" ")}`,
    );
  }
  const searches = config.searches.slice(0, maxSearches).filter(({ length }) => length <= maxNameLength);
  while (searches.join(" ").length > maxSearchCharacters) searches.pop();
  if (searches.length < config.searches.length) {
    warnings.push(
      `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${searches.join(" ")}`,
    );
  }
  const text = [
    ...(searches.length > 0 ? [`search ${searches.join(" ")}`] : []),
    ...nameservers.map((address) => `nameserver ${address}`),
    ...(config.options.length > 0 ? [`options ${config.options.join(" ")}`] : []),
  ];
  return { text: text.map((line) => `${line}\n`).join(""), warnings };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

/** Where systemd-resolved keeps the servers behind its stub on 127.0.0.53. */
export const systemdResolvConf = "/run/systemd/resolve/resolv.conf";

/**
 * Which text stands for the host's resolv.conf. A resolver on the host's loopback cannot be reached from a pod's
 * own network: then the file with the servers behind it is taken, if there is one, and else the user is told.
 *
 * @param etc content of /etc/resolv.conf
 * @param upstream content of `systemdResolvConf`, undefined if it is not there
 */
export function chooseHostResolvConf(input: {
  etc: string;
  upstream: string | undefined;
  hostNetwork: boolean;
}): ResolvConf {
  const { etc, upstream, hostNetwork } = input;
  const unreachable = parseResolvConf(etc).nameservers.filter(isLoopback);
  if (hostNetwork || unreachable.length === 0) return { text: etc, warnings: [] };
  const servers = upstream === undefined ? [] : parseResolvConf(upstream).nameservers;
  if (upstream !== undefined && servers.some((server) => !isLoopback(server)))
    return { text: upstream, warnings: [] };
  return {
    text: etc,
    warnings: [
      `/etc/resolv.conf names ${unreachable.join(" and ")}, which a pod with its own network cannot reach; name a reachable server in spec.dnsConfig.nameservers, or use hostNetwork`,
    ],
  };
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1" || address.startsWith("::ffff:127.");
}
