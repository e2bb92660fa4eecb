import type { HostOp } from "../plan/host-op.ts";
import { overlayPath } from "./container-root.ts";
import { mountFlags, mountOptions } from "./flags.ts";
import { type Narration, octal, shellWord } from "./narration.ts";

type FileOp = Extract<
  HostOp,
  {
    op:
      | "mkdir"
      | "ensure-directory"
      | "ensure-file"
      | "remove-tree"
      | "write-file"
      | "symlink"
      | "unlink"
      | "rename"
      | "claim-ensure"
      | "fs-group"
      | "mount-tmpfs"
      | "mount-hugetlbfs"
      | "mount-overlay"
      | "umount"
      | "expect-mounts"
      | "umount-below";
  }
>;

/** An operation on files and mounts of the host, in words. */
export function describeFileOp(op: FileOp): Narration {
  switch (op.op) {
    case "mkdir":
      return {
        what: `make folder ${op.path}`,
        why: "A folder of this pod alone; it goes when the pod is removed.",
        syscalls: [`mkdir("${op.path}", ${octal(op.mode)})`],
        shell: `mkdir -m ${octal(op.mode)} ${shellWord(op.path)}`,
      };
    case "ensure-directory":
      return {
        what: `make folder ${op.path} if it is not there`,
        why: "It may be older than the pod and outlives it.",
        syscalls: [`mkdir("${op.path}", ${octal(op.mode)})`],
        shell: `mkdir -p -m ${octal(op.mode)} ${shellWord(op.path)}`,
      };
    case "ensure-file":
      return {
        what: `make file ${op.path} if it is not there`,
        why: "It may be older than the pod and outlives it.",
        syscalls: [`open("${op.path}", O_CREAT, ${octal(op.mode)})`],
        shell: `touch ${shellWord(op.path)}`,
      };
    case "remove-tree":
      return {
        what: `remove ${op.path} and all below it`,
        why: "No symbolic link is followed and no mount is crossed, so nothing outside can be hit.",
        syscalls: [`unlinkat("${op.path}", …)`],
        shell: `rm -rf --one-file-system ${shellWord(op.path)}`,
      };
    case "write-file":
      return {
        what: `write file ${op.path} (${sizeOf(op)} bytes)`,
        why: "Made anew for this pod: what is there already would be an error.",
        syscalls: [`open("${op.path}", O_CREAT | O_EXCL, ${octal(op.mode)})`, "write()"],
        shell: writeCommand(op),
      };
    case "symlink":
      return {
        what: `link ${op.path} to ${op.target}`,
        why: "A symbolic link is changed in one step, so readers see all of the old content or all of the new.",
        syscalls: [`symlink("${op.target}", "${op.path}")`],
        shell: `ln -s ${shellWord(op.target)} ${shellWord(op.path)}`,
      };
    case "unlink":
      return {
        what: `remove file ${op.path}`,
        why: "It was made for this pod.",
        syscalls: [`unlink("${op.path}")`],
        shell: `rm -f ${shellWord(op.path)}`,
      };
    case "rename":
      return {
        what: `rename ${op.from} to ${op.to}`,
        why: "Whoever reads the volume sees all of the old content or all of the new.",
        syscalls: [`rename("${op.from}", "${op.to}")`],
        shell: `mv -T ${shellWord(op.from)} ${shellWord(op.to)}`,
      };
    case "claim-ensure":
      return {
        what: `make folder ${op.path} and the claim's record ${op.record} if they are not there`,
        why: "A claim's data outlives the pods that use it; `tspod delete pvc` removes both.",
        syscalls: [`mkdir("${op.path}", ${octal(op.mode)})`, `rename("…", "${op.record}")`],
        shell: `mkdir -p -m ${octal(op.mode)} ${shellWord(op.path)}`,
      };
    case "fs-group":
      return {
        what: `give ${op.path} and all below it to group ${op.gid}`,
        why: op.onlyOnMismatch
          ? "fsGroup: every container is in this group. Nothing is done when the folder itself is the group's already."
          : "fsGroup: every container is in this group, and may read and write the volume by it.",
        syscalls: [`fchownat("${op.path}", -1, ${op.gid})`, `chmod("${op.path}", … | 02770)`],
        shell: `chgrp -hR ${op.gid} ${shellWord(op.path)} && chmod -R ug+rwX,g+s ${shellWord(op.path)}`,
      };
    case "mount-tmpfs": {
      const options = [...mountOptions(op.flags), ...(op.data === "" ? [] : [op.data])].join(",");
      return {
        what: `mount a tmpfs on ${op.target}`,
        why: "A filesystem in memory that the pod's containers share; it goes with the pod.",
        syscalls: [`mount("tmpfs", "${op.target}", "tmpfs", ${mountFlags(op.flags)}, "${op.data}")`],
        shell: `mount -t tmpfs${options === "" ? "" : ` -o ${shellWord(options)}`} tmpfs ${shellWord(op.target)}`,
      };
    }
    case "mount-hugetlbfs":
      return {
        what: `mount huge pages on ${op.target}`,
        why: "Files in it are made of large pages, which the pod's hugepages limit counts; it goes with the pod.",
        syscalls: [`mount("nodev", "${op.target}", "hugetlbfs", MS_NOSUID | MS_NODEV, "${op.data}")`],
        shell: `mount -t hugetlbfs -o ${shellWord(`nosuid,nodev,${op.data}`)} nodev ${shellWord(op.target)}`,
      };
    case "mount-overlay":
      return {
        what: `mount an image's layers on ${op.target}`,
        why: "An image volume: files only, so nothing of it can be changed or executed.",
        syscalls: [
          'fsopen("overlay")',
          ...op.lowers.map((lower) => `fsconfig("lowerdir+", "${lower}")`),
          "fsmount(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)",
          `move_mount("${op.target}")`,
        ],
        shell: `mount -t overlay -o ${shellWord(`ro,nosuid,nodev,noexec,lowerdir=${op.lowers.map(overlayPath).join(":")}`)} overlay ${shellWord(op.target)}`,
      };
    case "expect-mounts":
      return {
        what: `remember what is mounted below ${op.path}`,
        why: "mountPropagation: Bidirectional. What containers mount there besides goes with the pod.",
        syscalls: ['open("/proc/self/mountinfo")'],
      };
    case "umount-below":
      return {
        what: `unmount what containers left below ${op.path}`,
        why: "They mounted it on the host too, by mountPropagation: Bidirectional.",
        syscalls: [`umount2("${op.path}/…", ${op.detach ? "MNT_DETACH | " : ""}UMOUNT_NOFOLLOW)`],
        shell: `umount ${op.detach ? "-l " : ""}-R ${shellWord(op.path)}`,
      };
    case "umount":
      return {
        what: `unmount ${op.target}`,
        why: "The pod that used it is gone.",
        syscalls: [`umount2("${op.target}", MNT_DETACH)`],
        shell: `umount -l ${shellWord(op.target)}`,
      };
  }
}

type WriteFile = Extract<FileOp, { op: "write-file" }>;

function sizeOf({ data, encoding }: WriteFile): number {
  return Buffer.byteLength(data, encoding ?? "utf8");
}

function writeCommand({ path, data, encoding, mode, uid, gid }: WriteFile): string {
  const content = encoding === "base64" ? `base64 -d <<< ${shellWord(data)}` : `printf %s ${shellWord(data)}`;
  const owner = uid === undefined ? "" : ` && chown ${uid}:${gid ?? uid} ${shellWord(path)}`;
  return `${content} > ${shellWord(path)} && chmod ${octal(mode)} ${shellWord(path)}${owner}`;
}
