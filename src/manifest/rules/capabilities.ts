import { nearest } from "../decode/nearest.ts";
import type { Capabilities } from "../gen/types.ts";
import type { Check } from "./check.ts";

/** Linux' capabilities by number (capability.h, 6.18), without CAP_. */
export const CAPABILITY_NAMES: readonly string[] = (
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE " +
  "NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN " +
  "SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE " +
  "MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
).split(" ");

/** Names as a kubelet's runtime takes them: with or without CAP_, in any case, or ALL. */
export function checkCapabilities(check: Check, path: string, { add, drop }: Capabilities): void {
  for (const [list, names] of [
    ["add", add],
    ["drop", drop],
  ] as const) {
    for (const [i, name] of (names ?? []).entries()) {
      const bare = name.toUpperCase().replace(/^CAP_/, "");
      if (bare === "ALL" || CAPABILITY_NAMES.includes(bare)) continue;
      const near = nearest(bare, CAPABILITY_NAMES);
      const note = near === undefined ? {} : { note: `did you mean "${near}"?` };
      check.invalid(`${path}.${list}[${i}]`, name, "is no Linux capability", {
        help: "man 7 capabilities lists them",
        ...note,
      });
    }
  }
}
