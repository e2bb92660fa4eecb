import type { ContainerOp } from "../plan/container-op.ts";
import type { HostOp } from "../plan/host-op.ts";
import { cloneFlags, namespaceNames } from "./flags.ts";
import { type Narration, shellWord } from "./narration.ts";

export type MappedOp = Extract<ContainerOp, { op: "aside" | "clone-mapped" | "id-map" | "fs-user" }>;
export type IdRangeOp = Extract<HostOp, { op: "id-range-hold" | "id-range-release" }>;

/** An operation that only pods with a user namespace of their own need, in words. */
export function describeMappedOp(op: MappedOp): Narration {
  switch (op.op) {
    case "aside":
      return {
        what: "leave the steps up to the clone to a process aside",
        why: "It enters the pod's user namespace, which takes its rights on the host; the monitor stays outside, and is the container's parent all the same.",
        syscalls: ["clone3(0)", `fchown(pipes, ${op.uid}, ${op.gid})`, "waitid()"],
      };
    case "clone-mapped": {
      const map = `0 ${op.first} ${op.size}`;
      return {
        what: `clone into new ${namespaceNames(op.flags).join(", ")} namespaces, with ids 0 to ${op.size - 1} for the host's ${op.first} and up`,
        why: "The user namespace owns the others: its root may do in them what root may, and is an ordinary user, one without files, on the host.",
        syscalls: [
          `clone3(${cloneFlags(op.flags)} | CLONE_PARENT)`,
          `write("/proc/<pid>/uid_map", "${map}")`,
          `write("/proc/<pid>/gid_map", "${map}")`,
        ],
        shell: `unshare ${namespaceNames(op.flags).map(unshareOption).join(" ")} --map-users=0,${op.first},${op.size} --map-groups=0,${op.first},${op.size} --fork`,
      };
    }
    case "id-map":
      return {
        what: `show ${op.of} with the pod's ids`,
        why: "On disk the files keep their owners; through this mount, who is 0 there is the pod's root.",
        syscalls: [`mount_setattr(${op.fd}, "", AT_EMPTY_PATH, {MOUNT_ATTR_IDMAP, user namespace ${op.by}})`],
        shell: `mount --bind -o X-mount.idmap=/proc/$HOLDER/ns/user ${shellWord(op.of)} $TREE`,
      };
    case "fs-user":
      return {
        what: `own what is made now as user ${op.uid}`,
        why:
          op.uid === 0
            ? "Back to the host's root."
            : "An overlay writes as who has mounted it, and to its upper layer only ids of the pod can be written.",
        syscalls: [`setfsgid(${op.gid})`, `setfsuid(${op.uid})`],
      };
  }
}

/** Taking and giving back a range of ids, in words. */
export function describeIdRangeOp(op: IdRangeOp): Narration {
  const file = `${op.directory}/${op.first}`;
  if (op.op === "id-range-hold") {
    return {
      what: `take ids ${op.first} to ${op.first + op.size - 1} for the pod`,
      why: "A file named after the first, made so that only one can make it: no two pods have an id in common.",
      syscalls: [`open("${file}", O_CREAT | O_EXCL)`],
      shell: `set -C; echo ${shellWord(op.uid)} > ${shellWord(file)}`,
    };
  }
  return {
    what: `give ids ${op.first} to ${op.first + op.size - 1} back`,
    why: "No process has them any more, and files on disk never had.",
    syscalls: [`unlink("${file}")`],
    shell: `rm ${shellWord(file)}`,
  };
}

function unshareOption(namespace: string): string {
  return namespace === "mnt" ? "--mount" : `--${namespace}`;
}
