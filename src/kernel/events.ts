import { getSystemErrorName } from "node:util";
import type { HelperEvent } from "./kernel.ts";

/** Bytes of one event on the events pipe (docs/protocol.md). */
export const EVENT_SIZE = 32;

/** System calls by their number in an event; mirrors native/include/tspod_calls.h, where numbers are only added. */
export const CALL_NAMES: Readonly<Record<number, string>> = {
  1: "read",
  2: "write",
  3: "open",
  4: "openat2",
  5: "fstat",
  6: "fstatfs",
  7: "mmap",
  8: "fcntl",
  9: "dup2",
  10: "pipe",
  11: "socketpair",
  12: "sendmsg",
  13: "ioctl",
  14: "close_range",
  15: "clone3",
  16: "unshare",
  17: "setns",
  18: "pidfd_open",
  19: "sethostname",
  20: "setdomainname",
  21: "setsid",
  22: "prctl",
  23: "keyctl",
  24: "mount",
  25: "umount2",
  26: "fsopen",
  27: "fsconfig",
  28: "fsmount",
  29: "open_tree",
  30: "move_mount",
  31: "mount_setattr",
  32: "pivot_root",
  33: "mkdirat",
  34: "mknodat",
  35: "symlinkat",
  36: "readlinkat",
  37: "fchown",
  38: "fchdir",
  39: "getcwd",
  40: "setrlimit",
  41: "setgroups",
  42: "setresgid",
  43: "setresuid",
  44: "capset",
  45: "seccomp",
  46: "execve",
  47: "fchmod",
  48: "plan",
  49: "setfsuid",
  50: "socket",
  51: "bind",
  52: "listen",
};

/** Bit of an EXITED event's argument: the code stands for a signal (128 + signal). */
const SIGNALLED = 1n << 16n;

/** One event of EVENT_SIZE bytes. @throws RangeError for a kind this side does not know. */
export function decodeEvent(bytes: Buffer): HelperEvent {
  const kind = bytes.readUInt32LE(0);
  const step = bytes.readUInt32LE(4);
  const argument = bytes.readBigInt64LE(16);
  const time = bytes.readBigUInt64LE(24);
  switch (kind) {
    case 1:
      return { kind: "step", step, time };
    case 2: {
      const call = bytes.readUInt32LE(12);
      const syscall = CALL_NAMES[call] ?? `call ${call}`;
      return { kind: "fail", step, errno: errnoName(bytes.readInt32LE(8)), syscall, detail: argument, time };
    }
    case 3:
      return { kind: "cloned", pid: Number(argument), time };
    case 4:
      return { kind: "gate", step, time };
    case 5:
      return { kind: "exec", step, time };
    case 6: {
      const code = Number(argument & 0xffffn);
      return { kind: "exited", code, signal: argument & SIGNALLED ? code - 128 : 0, time };
    }
    case 7:
      return { kind: "paused", time };
    case 8:
      return { kind: "started", time };
    default:
      throw new RangeError(`event kind ${kind} is not known`);
  }
}

/** Errnos the helper can meet that libuv has no name for. */
const OTHER_ERRNOS: Readonly<Record<number, string>> = {
  8: "ENOEXEC",
  11: "EAGAIN",
  26: "ETXTBSY",
  74: "EBADMSG",
  80: "ELIBBAD",
  87: "EUSERS",
  116: "ESTALE",
  122: "EDQUOT",
};

function errnoName(errno: number): string {
  return OTHER_ERRNOS[errno] ?? getSystemErrorName(-errno).replace(/^Unknown.*/, `errno ${errno}`);
}
