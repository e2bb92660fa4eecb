import type { HostOp } from "../plan/host-op.ts";
import { cloneFlags, namespaceNames } from "./flags.ts";
import { describeFileOp } from "./host-files.ts";
import { describeNetworkOp } from "./host-network.ts";
import { type Narration, shellWord } from "./narration.ts";
import { describeIdRangeOp } from "./user-namespace.ts";

/** An operation on the host, in words. */
export function describeHostOp(op: HostOp): Narration {
  switch (op.op) {
    case "mkdir":
    case "ensure-directory":
    case "ensure-file":
    case "remove-tree":
    case "write-file":
    case "symlink":
    case "unlink":
    case "rename":
    case "claim-ensure":
    case "fs-group":
    case "mount-tmpfs":
    case "mount-hugetlbfs":
    case "mount-overlay":
    case "umount":
    case "expect-mounts":
    case "umount-below":
      return describeFileOp(op);
    case "address-hold":
    case "address-release":
    case "bridge-add":
    case "link-delete":
    case "veth-add":
    case "link-up":
    case "address-add":
    case "route-default":
    case "sysctl-set":
    case "uplinks-close":
    case "nft-table-add":
    case "nft-table-delete":
    case "nft-ports-add":
    case "nft-ports-delete":
      return describeNetworkOp(op);
    case "id-range-hold":
    case "id-range-release":
      return describeIdRangeOp(op);
    case "cgroup-create":
      return {
        what: `create cgroup ${op.path}`,
        why: op.shared
          ? "All pods of tspod are below one folder; it may be there already."
          : "Processes in a cgroup are counted, limited and killed together.",
        syscalls: [`mkdir("${op.path}")`],
        shell: `mkdir ${op.shared ? "-p " : ""}${shellWord(op.path)}`,
      };
    case "cgroup-set":
      return {
        what: `write ${JSON.stringify(op.value)} to ${op.path}`,
        why: reason(op.because),
        syscalls: [`write("${op.path}", ${JSON.stringify(op.value)})`],
        shell: `echo ${shellWord(op.value)} > ${shellWord(op.path)}`,
      };
    case "cgroup-devices-bpf":
      return {
        what: `attach a device program (${op.program.length / 16} instructions) to ${op.path}`,
        why: "cgroup v2 has no file for devices: the kernel asks a small program which ones may be opened.",
        syscalls: [
          "bpf(BPF_PROG_LOAD, BPF_PROG_TYPE_CGROUP_DEVICE)",
          "bpf(BPF_PROG_ATTACH, BPF_CGROUP_DEVICE)",
        ],
      };
    case "cgroup-remove":
      return {
        what: `remove cgroup ${op.path}, with all that is in it`,
        why: "What is left inside is killed first: a cgroup can be removed only when it is empty.",
        syscalls: [`write("${op.path}/cgroup.kill", "1")`, `rmdir("${op.path}")`],
        shell: `echo 1 > ${shellWord(`${op.path}/cgroup.kill`)}; rmdir ${shellWord(op.path)}`,
      };
    case "cgroup-remove-if-empty":
      return {
        what: `remove cgroup ${op.path} if no pod is left in it`,
        why: "The folder is shared by all pods; the last one takes it away.",
        syscalls: [`rmdir("${op.path}")`],
        shell: `rmdir --ignore-fail-on-non-empty ${shellWord(op.path)}`,
      };
    case "holder-start":
      return {
        what: `start the holder, /pause${op.flags === 0 ? "" : `, in new ${namespaceNames(op.flags).join(", ")} namespaces`}`,
        why: "A namespace lives as long as a process is in it: this one does nothing but stay, so that containers can come and go.",
        syscalls: [`clone3(${cloneFlags(op.flags)})`, "execveat(memfd of the helper)"],
        shell:
          op.flags === 0
            ? "sleep infinity &"
            : `unshare ${namespaceNames(op.flags).map(unshareOption).join(" ")} --fork sleep infinity &`,
      };
    case "container-start":
      return {
        what: `create container ${op.name}, up to its gate`,
        why: "Its monitor is started, and below it the process that prepares everything and then waits: created, not yet running.",
        syscalls: ["clone3()", "execveat(memfd of the helper)"],
      };
    case "container-exec":
      return {
        what: `let container ${op.name} through its gate`,
        why: "One byte in a pipe: the waiting process now executes the container's command. This is the step from created to running.",
        syscalls: ['write(gate, "1")'],
      };
    case "apparmor-load":
      return {
        what: `load the AppArmor profile ${op.profile}`,
        why: "What the container may do is then decided by the kernel by name, whatever its user and capabilities.",
        syscalls: ['write("/sys/kernel/security/apparmor/.replace")'],
        shell: `apparmor_parser -r <<'END'\n${op.text}END`,
      };
    case "kill-all":
      return {
        what: `kill everything in ${op.cgroup}`,
        why: "A process cannot leave its cgroup by forking, so none is missed.",
        syscalls: [`write("${op.cgroup}/cgroup.kill", "1")`],
        shell: `echo 1 > ${shellWord(`${op.cgroup}/cgroup.kill`)}`,
      };
  }
}

function unshareOption(namespace: string): string {
  return namespace === "mnt" ? "--mount" : `--${namespace}`;
}

/** `because` names a field, or says in words what no field says. */
function reason(because: string): string {
  if (because.startsWith("spec.")) return `${because} asks the kernel for this.`;
  return `${because.charAt(0).toUpperCase()}${because.slice(1)}.`;
}
