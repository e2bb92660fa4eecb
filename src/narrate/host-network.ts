import type { HostOp, Netns, PortMapping } from "../plan/host-op.ts";
import { type Narration, shellWord } from "./narration.ts";

type NetworkOp = Extract<
  HostOp,
  {
    op:
      | "address-hold"
      | "address-release"
      | "bridge-add"
      | "link-delete"
      | "veth-add"
      | "link-up"
      | "address-add"
      | "route-default"
      | "sysctl-set"
      | "uplinks-close"
      | "nft-table-add"
      | "nft-table-delete"
      | "nft-ports-add"
      | "nft-ports-delete";
  }
>;

/** An operation on the network, in words. */
export function describeNetworkOp(op: NetworkOp): Narration {
  switch (op.op) {
    case "address-hold":
      return {
        what: `take address ${op.address} for the pod`,
        why: "A file named after the address, made so that only one can make it: two pods never get the same.",
        syscalls: [`open("${op.directory}/${op.address}", O_CREAT | O_EXCL)`],
        shell: `set -C; echo ${shellWord(op.uid)} > ${shellWord(`${op.directory}/${op.address}`)}`,
      };
    case "address-release":
      return {
        what: `give address ${op.address} back`,
        why: "With the last address go the bridge, the firewall table and the sysctls that the pods shared.",
        syscalls: [`unlink("${op.directory}/${op.address}")`],
        shell: `rm ${shellWord(`${op.directory}/${op.address}`)}`,
      };
    case "bridge-add":
      return {
        what: `make bridge ${op.name} with ${op.address}/${op.prefixLength}`,
        why: "A switch inside the kernel: pods are plugged into it, and its address is their gateway.",
        syscalls: [
          `rtnetlink RTM_NEWLINK ${op.name} kind bridge`,
          `rtnetlink RTM_NEWADDR ${op.address}/${op.prefixLength}`,
        ],
        shell: `ip link add ${op.name} type bridge; ip addr add ${op.address}/${op.prefixLength} dev ${op.name}`,
      };
    case "link-delete":
      return {
        what: `delete link ${op.name}`,
        why: "No pod uses it any more.",
        syscalls: [`rtnetlink RTM_DELLINK ${op.name}`],
        shell: `ip link del ${op.name}`,
      };
    case "veth-add":
      return {
        what: `lay a cable: ${op.peer} in the pod, ${op.name} on bridge ${op.bridge}`,
        why: "A veth pair is two network cards joined by a wire; one end is made in the pod's namespace, the other stays here.",
        syscalls: [
          `rtnetlink RTM_NEWLINK ${op.name} kind veth peer ${op.peer} netns of the holder master ${op.bridge}`,
        ],
        shell: `ip link add ${op.name} master ${op.bridge} type veth peer name ${op.peer} netns $HOLDER`,
      };
    case "link-up":
      return {
        what: `switch ${op.name} on ${where(op.netns)}`,
        why:
          op.name === "lo"
            ? "A new network namespace has a loopback, but it is down: localhost would not work."
            : "A link that is down carries nothing.",
        syscalls: [`rtnetlink RTM_NEWLINK ${op.name} IFF_UP`],
        shell: `${inNetns(op.netns)}ip link set ${op.name} up`,
      };
    case "address-add":
      return {
        what: `give ${op.name} ${where(op.netns)} the address ${op.address}/${op.prefixLength}`,
        why: "The one address of the pod: all its containers have it.",
        syscalls: [`rtnetlink RTM_NEWADDR ${op.address}/${op.prefixLength}`],
        shell: `${inNetns(op.netns)}ip addr add ${op.address}/${op.prefixLength} dev ${op.name}`,
      };
    case "route-default":
      return {
        what: `send everything else from ${where(op.netns)} to ${op.gateway}`,
        why: "The bridge's address is the way out.",
        syscalls: [`rtnetlink RTM_NEWROUTE default via ${op.gateway}`],
        shell: `${inNetns(op.netns)}ip route add default via ${op.gateway} dev ${op.name}`,
      };
    case "sysctl-set":
      return {
        what: `set sysctl ${op.key} to ${op.value}`,
        why: sysctlReason(op.key),
        syscalls: [`write("/proc/sys/${slashes(op.key)}", "${op.value}")`],
        shell: `sysctl -w ${shellWord(`${dots(op.key)}=${op.value}`)}`,
      };
    case "uplinks-close":
      return {
        what: `switch forwarding off again on the links that ${op.table} opened`,
        why: "The host is left as it was found; links that another tspod still needs stay open.",
        syscalls: ['write("/proc/sys/net/ipv4/conf/<link>/forwarding", "0")'],
      };
    case "nft-table-add":
      return {
        what: `make firewall table ${op.table}`,
        why: `Packets from ${op.subnet} leave with the host's address (masquerading), and host ports lead to pods.`,
        syscalls: [`nfnetlink: table, chains and rules of ${op.table} in one transaction`],
        shell: `nft add table ip ${op.table}`,
      };
    case "nft-table-delete":
      return {
        what: `delete firewall table ${op.table}`,
        why: "All rules of tspod are in it, and in no other: one deletion removes them.",
        syscalls: [`nfnetlink: delete table ${op.table}`],
        shell: `nft delete table ip ${op.table}`,
      };
    case "nft-ports-add":
      return {
        what: `publish ${op.ports.map(portText).join(", ")}`,
        why: "Packets to this port of the host are sent on to the pod.",
        syscalls: [`nfnetlink: rules in ${op.table}, in one transaction`],
      };
    case "nft-ports-delete":
      return {
        what: `no longer publish ${op.ports.map(portText).join(", ")}`,
        why: "The pod behind it is gone.",
        syscalls: [`nfnetlink: delete the rules from ${op.table}`],
      };
  }
}

function sysctlReason(key: string): string {
  if (key.endsWith("route_localnet"))
    return "Without it, packets from 127.0.0.1 could not be sent on to a pod: host ports work on localhost too.";
  if (key.endsWith("disable_ipv6"))
    return "Pods have IPv4 addresses only; no address is to appear by itself.";
  return "The host must pass packets between the bridge and the world; taken back with the last pod.";
}

function where(netns: Netns): string {
  return netns === "pod" ? "in the pod" : "on the host";
}

function inNetns(netns: Netns): string {
  return netns === "pod" ? "nsenter -t $HOLDER -n " : "";
}

function portText({ protocol, hostIP, hostPort, podIP, containerPort }: PortMapping): string {
  return `${hostIP || "*"}:${hostPort} to ${podIP}:${containerPort} (${protocol})`;
}

function slashes(key: string): string {
  return key.includes("/") ? key : key.replaceAll(".", "/");
}

function dots(key: string): string {
  return key.includes("/") ? key.replaceAll("/", ".") : key;
}
