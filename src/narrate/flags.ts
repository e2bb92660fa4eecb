import * as kernel from "../kernel/constants.ts";

type Names = readonly (readonly [value: number, name: string])[];

const CLONE: Names = [
  [kernel.CLONE_NEWNET, "CLONE_NEWNET"],
  [kernel.CLONE_NEWIPC, "CLONE_NEWIPC"],
  [kernel.CLONE_NEWUTS, "CLONE_NEWUTS"],
  [kernel.CLONE_NEWPID, "CLONE_NEWPID"],
  [kernel.CLONE_NEWNS, "CLONE_NEWNS"],
  [kernel.CLONE_NEWUSER, "CLONE_NEWUSER"],
  [kernel.CLONE_NEWCGROUP, "CLONE_NEWCGROUP"],
  [kernel.CLONE_NEWTIME, "CLONE_NEWTIME"],
];

const MS: Names = [
  [kernel.MS_RDONLY, "MS_RDONLY"],
  [kernel.MS_NOSUID, "MS_NOSUID"],
  [kernel.MS_NODEV, "MS_NODEV"],
  [kernel.MS_NOEXEC, "MS_NOEXEC"],
  [kernel.MS_REMOUNT, "MS_REMOUNT"],
  [kernel.MS_BIND, "MS_BIND"],
  [kernel.MS_REC, "MS_REC"],
  [kernel.MS_PRIVATE, "MS_PRIVATE"],
  [kernel.MS_SLAVE, "MS_SLAVE"],
  [kernel.MS_SHARED, "MS_SHARED"],
];

const MOUNT_ATTR: Names = [
  [kernel.MOUNT_ATTR_RDONLY, "MOUNT_ATTR_RDONLY"],
  [kernel.MOUNT_ATTR_NOSUID, "MOUNT_ATTR_NOSUID"],
  [kernel.MOUNT_ATTR_NODEV, "MOUNT_ATTR_NODEV"],
  [kernel.MOUNT_ATTR_NOEXEC, "MOUNT_ATTR_NOEXEC"],
  [kernel.MOUNT_ATTR_NOATIME, "MOUNT_ATTR_NOATIME"],
  [kernel.MOUNT_ATTR_STRICTATIME, "MOUNT_ATTR_STRICTATIME"],
];

/** `CLONE_NEWNET | CLONE_NEWIPC`; bits without a name stay a number; no bits are `0`. */
export const cloneFlags = (flags: number): string => decode(flags, CLONE);
export const mountFlags = (flags: number): string => decode(flags, MS);
export const mountAttributes = (flags: number): string => decode(flags, MOUNT_ATTR);

/** The mount options of the flags as mount(8) spells them: `ro,nosuid`. */
export function mountOptions(flags: number): string[] {
  return names(flags, MS)
    .map((name) => name.slice(3).toLowerCase())
    .map((name) => (name === "rdonly" ? "ro" : name))
    .filter((name) => ["ro", "nosuid", "nodev", "noexec"].includes(name));
}

/** The same for MOUNT_ATTR_*. */
export function attributeOptions(flags: number): string[] {
  return names(flags, MOUNT_ATTR)
    .map((name) => name.slice("MOUNT_ATTR_".length).toLowerCase())
    .map((name) => (name === "rdonly" ? "ro" : name));
}

const NAMESPACES: Record<string, string> = {
  CLONE_NEWNET: "net",
  CLONE_NEWIPC: "ipc",
  CLONE_NEWUTS: "uts",
  CLONE_NEWPID: "pid",
  CLONE_NEWNS: "mnt",
  CLONE_NEWUSER: "user",
  CLONE_NEWCGROUP: "cgroup",
  CLONE_NEWTIME: "time",
};

/** The namespaces that the flags name, as /proc/<pid>/ns spells them. */
export function namespaceNames(flags: number): string[] {
  return names(flags, CLONE).map((name) => NAMESPACES[name] ?? name);
}

function decode(flags: number, table: Names): string {
  const known = names(flags, table);
  const rest = table.reduce((left, [value]) => left & ~value, flags) >>> 0;
  const all = rest === 0 ? known : [...known, `0x${rest.toString(16)}`];
  return all.length === 0 ? "0" : all.join(" | ");
}

function names(flags: number, table: Names): string[] {
  return table.filter(([value]) => (flags & value) !== 0).map(([, name]) => name);
}
