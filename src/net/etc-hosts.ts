import type { HostAlias } from "../manifest/index.ts";
import type { PodHostname } from "./hostname.ts";

const loopback = [
  ["127.0.0.1", "localhost"],
  ["::1", "localhost ip6-localhost ip6-loopback"],
  ["fe00::0", "ip6-localnet"],
  ["fe00::0", "ip6-mcastprefix"],
  ["fe00::1", "ip6-allnodes"],
  ["fe00::2", "ip6-allrouters"],
];

/** /etc/hosts as a kubelet writes it for a pod with its own network: programs look for its first line. */
export function etcHosts(
  addresses: readonly string[],
  { hostname, domain }: Pick<PodHostname, "hostname" | "domain">,
  aliases: readonly HostAlias[] = [],
): string {
  const names = domain === "" ? [hostname] : [`${hostname}.${domain}`, hostname];
  const own = addresses.map((address) => [address, ...names]);
  return `# Kubernetes-managed hosts file.\n${lines([...loopback, ...own])}${aliasLines(aliases)}`;
}

/** The same for a pod in the host's network: the host's file with a heading and the aliases. */
export function etcHostsOfHost(hostFile: string, aliases: readonly HostAlias[] = []): string {
  return `# Kubernetes-managed hosts file (host network).\n${hostFile}${aliasLines(aliases)}`;
}

function aliasLines(aliases: readonly HostAlias[]): string {
  if (aliases.length === 0) return "";
  const entries = aliases.map(({ ip, hostnames }) => [ip, ...(hostnames ?? [])]);
  return `\n# Entries added by HostAliases.\n${lines(entries)}`;
}

function lines(entries: readonly (readonly string[])[]): string {
  return entries.map((fields) => `${fields.join("\t")}\n`).join("");
}
