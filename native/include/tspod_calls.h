/*
 * The system calls an event can blame, by number. The numbers are part of the protocol: append only.
 * src/kernel/events.ts mirrors this list, and a test compares the two.
 */
#ifndef TSPOD_CALLS_H
#define TSPOD_CALLS_H

#define TSPOD_CALLS(X)                                                                                       \
  X(1, read)                                                                                                 \
  X(2, write)                                                                                                \
  X(3, open)                                                                                                 \
  X(4, openat2)                                                                                              \
  X(5, fstat)                                                                                                \
  X(6, fstatfs)                                                                                              \
  X(7, mmap)                                                                                                 \
  X(8, fcntl)                                                                                                \
  X(9, dup2)                                                                                                 \
  X(10, pipe)                                                                                                \
  X(11, socketpair)                                                                                          \
  X(12, sendmsg)                                                                                             \
  X(13, ioctl)                                                                                               \
  X(14, close_range)                                                                                         \
  X(15, clone3)                                                                                              \
  X(16, unshare)                                                                                             \
  X(17, setns)                                                                                               \
  X(18, pidfd_open)                                                                                          \
  X(19, sethostname)                                                                                         \
  X(20, setdomainname)                                                                                       \
  X(21, setsid)                                                                                              \
  X(22, prctl)                                                                                               \
  X(23, keyctl)                                                                                              \
  X(24, mount)                                                                                               \
  X(25, umount2)                                                                                             \
  X(26, fsopen)                                                                                              \
  X(27, fsconfig)                                                                                            \
  X(28, fsmount)                                                                                             \
  X(29, open_tree)                                                                                           \
  X(30, move_mount)                                                                                          \
  X(31, mount_setattr)                                                                                       \
  X(32, pivot_root)                                                                                          \
  X(33, mkdirat)                                                                                             \
  X(34, mknodat)                                                                                             \
  X(35, symlinkat)                                                                                           \
  X(36, readlinkat)                                                                                          \
  X(37, fchown)                                                                                              \
  X(38, fchdir)                                                                                              \
  X(39, getcwd)                                                                                              \
  X(40, setrlimit)                                                                                           \
  X(41, setgroups)                                                                                           \
  X(42, setresgid)                                                                                           \
  X(43, setresuid)                                                                                           \
  X(44, capset)                                                                                              \
  X(45, seccomp)                                                                                             \
  X(46, execve)                                                                                              \
  X(47, fchmod)                                                                                              \
  X(48, plan)                                                                                                \
  X(49, setfsuid)                                                                                            \
  X(50, socket)                                                                                              \
  X(51, bind)                                                                                                \
  X(52, listen)

enum ts_call {
#define X(number, name) TS_CALL_##name = number,
  TSPOD_CALLS(X)
#undef X
};

#endif
