import { appArmorEnabled } from "./apparmor.ts";
import type { HostFact } from "./fact.ts";
import { kernelHas } from "./kernel-config.ts";
import type { FactSource } from "./source.ts";

const namespaces = ["mnt", "pid", "net", "ipc", "uts", "cgroup"];

/** Kernel version, namespaces, overlayfs, seccomp, nftables, forwarding, security modules. */
export function kernelFacts(source: FactSource): HostFact[] {
  return [
    version(source),
    namespaceFact(source),
    overlay(source),
    userNamespaces(source),
    seccomp(source),
    nftables(source),
    forwarding(source),
    securityModules(source),
  ];
}

/** mount_setattr(2) came with 5.12, cgroup.kill with 5.14. */
function version(source: FactSource): HostFact {
  const release = (source.read("/proc/sys/kernel/osrelease") ?? "").trim();
  const [major = 0, minor = 0] = release.split(".").map(Number.parseFloat);
  const ok = major > 5 || (major === 5 && minor >= 14);
  return {
    id: "kernel.version",
    ok,
    level: major > 5 || (major === 5 && minor >= 12) ? "warning" : "error",
    title: "kernel",
    detail: release,
    hint: ok ? "" : "Linux 5.12 is needed (mount_setattr), 5.14 wanted (cgroup.kill)",
  };
}

function namespaceFact(source: FactSource): HostFact {
  const missing = namespaces.filter((name) => !source.exists(`/proc/self/ns/${name}`));
  return {
    id: "kernel.namespaces",
    ok: missing.length === 0,
    level: "error",
    title: "namespaces",
    detail: missing.length === 0 ? namespaces.join(", ") : `missing: ${missing.join(", ")}`,
    hint: missing.length === 0 ? "" : "the kernel was built without them (CONFIG_NAMESPACES and its parts)",
  };
}

function overlay(source: FactSource): HostFact {
  const registered = /^nodev\toverlay$/m.test(source.read("/proc/filesystems") ?? "");
  const ok = registered || kernelHas(source, "overlay", "CONFIG_OVERLAY_FS");
  return {
    id: "kernel.overlay",
    ok,
    level: "error",
    title: "overlay file system",
    detail: registered ? "there" : ok ? "a module, loaded when first used" : "not there",
    hint: ok ? "" : "load it: modprobe overlay",
  };
}

function userNamespaces(source: FactSource): HostFact {
  const most = Number(source.read("/proc/sys/user/max_user_namespaces") ?? 0);
  const ok = source.exists("/proc/self/ns/user") && most > 0;
  return {
    id: "kernel.user-namespaces",
    ok,
    level: "info",
    title: "user namespaces",
    detail: ok ? `up to ${most}` : "off",
    hint: ok ? "" : "hostUsers: false needs them: sysctl user.max_user_namespaces=15000",
  };
}

function seccomp(source: FactSource): HostFact {
  const actions = (source.read("/proc/sys/kernel/seccomp/actions_avail") ?? "").trim();
  const ok = actions.includes("errno");
  return {
    id: "kernel.seccomp",
    ok,
    level: "error",
    title: "seccomp",
    detail: ok ? actions : "not there",
    hint: ok ? "" : "containers run confined by RuntimeDefault, which needs CONFIG_SECCOMP_FILTER",
  };
}

function nftables(source: FactSource): HostFact {
  const ok = kernelHas(source, "nf_tables", "CONFIG_NF_TABLES");
  return {
    id: "kernel.nftables",
    ok,
    level: "error",
    title: "nftables",
    detail: ok ? "there" : "not found",
    hint: ok ? "" : "pods reach the network and publish ports through it: modprobe nf_tables",
  };
}

function forwarding(source: FactSource): HostFact {
  const on = (source.read("/proc/sys/net/ipv4/ip_forward") ?? "").trim() === "1";
  return {
    id: "net.ip-forward",
    ok: true,
    level: "info",
    title: "IPv4 forwarding",
    detail: on ? "on" : "off: only the links that pods need forward, while there are pods",
    hint: "",
  };
}

function securityModules(source: FactSource): HostFact {
  const apparmor = appArmorEnabled(source);
  const enforcing = source.read("/sys/fs/selinux/enforce")?.trim();
  const found = [
    ...(apparmor ? ["AppArmor"] : []),
    ...(enforcing === undefined ? [] : [`SELinux (${enforcing === "1" ? "enforcing" : "permissive"})`]),
  ];
  const ok = enforcing !== "1";
  return {
    id: "kernel.security-modules",
    ok,
    level: "warning",
    title: "security modules",
    detail: found.length === 0 ? "neither AppArmor nor SELinux" : found.join(", "),
    hint: ok ? "" : "tspod sets no SELinux labels: containers may be denied their own files",
  };
}
