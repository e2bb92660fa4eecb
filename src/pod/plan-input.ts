import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../errors/errno.ts";
import { hasPath } from "../kernel/has-path.ts";
import { mountOf, mountsBelow } from "../kernel/mount-table.ts";
import { hostPorts } from "../manifest/index.ts";
import {
  chooseHostResolvConf,
  etcHosts,
  etcHostsOfHost,
  type HostNetwork,
  type Network,
  networkFor,
  pickAddress,
  podHostname,
  portMappings,
  resolvConf,
  systemdResolvConf,
} from "../net/index.ts";
import type { PodPlanInput } from "../plan/pod.ts";
import type { Host } from "../runtime/host.ts";
import { idRangeDirectory, idRangeFor } from "../runtime/id-ranges.ts";
import { attemptPaths, type PodPaths } from "../state/paths.ts";
import type { PodRecord } from "../state/record.ts";
import { readEnvFile } from "./env-files.ts";

/** How an address is chosen: for real under the network's lock, or only to look ahead. */
type PickAddress = (host: Host, network: Network) => string;

/** Gathers what the plans of one pod need, from its record and the host as it is. */
export function podPlanInput(
  host: Host,
  { record, paths }: { record: PodRecord; paths: PodPaths },
  pick: PickAddress = nextAddress,
): { input: PodPlanInput; warnings: string[] } {
  const { pod, uid } = record;
  const spec = pod.spec ?? { containers: [] };
  const directory = join(host.paths.run, "network");
  const links = host.kernel.hostNetwork();
  const hostIP = hostAddress(links);
  const network = spec.hostNetwork
    ? undefined
    : networkFor({ rootId: host.paths.rootId, host: links, directory });
  const podIP = network ? pick(host, network) : hostIP;
  const names = podHostname({ metadata: { name: record.name, namespace: record.namespace }, spec });
  const chosen = chooseHostResolvConf({
    etc: readIfThere("/etc/resolv.conf") ?? "",
    upstream: readIfThere(systemdResolvConf),
    hostNetwork: spec.hostNetwork ?? false,
  });
  const dns = resolvConf({ namespace: record.namespace, spec, hostFile: chosen.text });
  const hosts = spec.hostNetwork
    ? etcHostsOfHost(readIfThere("/etc/hosts") ?? "", spec.hostAliases)
    : etcHosts([podIP], names, spec.hostAliases);
  const input: PodPlanInput = {
    pod: { ...pod, metadata: { ...pod.metadata, uid } },
    spec,
    uid,
    configMaps: record.configMaps,
    secrets: record.secrets,
    claims: record.claims ?? [],
    facts: host.facts(),
    folders: paths,
    attempt: (container, attempt) => attemptPaths(paths, container, attempt),
    cgroupName: cgroupName(host),
    ...(network ? { network } : {}),
    podIP,
    hostIP,
    ports: network ? portMappings(hostPorts(spec), podIP) : [],
    hostname: names.kernel,
    etc: new Map([
      ["hosts", hosts],
      ["hostname", `${names.kernel || host.facts().nodeName}\n`],
      ["resolv.conf", dns.text],
    ]),
    mounts: { at: (path) => mountOf(path), below: (path) => mountsBelow(path), has: hasPath },
    ...(pick === previewAddress
      ? {}
      : { envFile: (volume, path) => readEnvFile(paths.volumes, volume, path) }),
    now: new Date(record.createdAt),
    ...(spec.hostUsers === false
      ? { userNamespace: { ...idRangeFor(host, uid), directory: idRangeDirectory(host) } }
      : {}),
  };
  return { input, warnings: [...chosen.warnings, ...dns.warnings] };
}

/** The next free address of the pool; `address-hold` takes it by creating its file exclusively. */
function nextAddress(host: Host, { subnet, addressDirectory }: Network): string {
  const taken = new Set(host.kernel.listDirectory(addressDirectory));
  return pickAddress(subnet, taken, host.kernel.readFile(join(addressDirectory, "last")) ?? "");
}

/**
 * For a look ahead: the address that would be next. Without root the pool may be out of reach; then it counts as
 * empty.
 */
export const previewAddress: PickAddress = (host, network) => {
  try {
    return nextAddress(host, network);
  } catch (error) {
    if (!hasCode(error, "EACCES")) throw error;
    return pickAddress(network.subnet, new Set(), "");
  }
};

/** "tspod" for the default root; others have their own, so that tests and pods do not meet. */
export function cgroupName(host: Host): string {
  return host.paths.rootId === "" ? "tspod" : `tspod-${host.paths.rootId}`;
}

/** The address of the link with the default route, else of any that is not a loopback, else the loopback's. */
function hostAddress({ routes, addresses }: HostNetwork): string {
  const uplink = routes.find(({ destination }) => destination === "0.0.0.0/0")?.link;
  const candidates = [
    addresses.find(({ link }) => link === uplink),
    addresses.find(({ link, address }) => !address.startsWith("127.") && !link.startsWith("tspod")),
  ];
  return candidates.find((each) => each !== undefined)?.address ?? "127.0.0.1";
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
