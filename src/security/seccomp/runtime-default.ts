import { capabilityBit } from "../capabilities.ts";
import type { SeccompProfile, SeccompRule } from "./profile.ts";

/** Calls a program may make whatever its capabilities. */
const ordinary = `
  _llseek _newselect accept accept4 access adjtimex alarm bind brk cachestat capget capset chdir chmod
  chown chown32 clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime
  clock_gettime64 clock_nanosleep clock_nanosleep_time64 close close_range connect copy_file_range
  creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2
  epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2
  fadvise64 fadvise64_64 fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32
  fchownat fcntl fcntl64 fdatasync fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat
  fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futex futex_requeue futex_time64
  futex_wait futex_waitv futex_wake futimesat get_robust_list get_thread_area getcpu getcwd getdents
  getdents64 getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getitimer
  getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresgid32 getresuid
  getresuid32 getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday getuid getuid32
  getxattr getxattrat inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel
  io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit ioctl ioprio_get
  ioprio_set ipc kill landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lchown32
  lgetxattr link linkat listen listmount listxattr listxattrat llistxattr lremovexattr lseek lsetxattr
  lstat lstat64 madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mkdir mkdirat
  mknod mknodat mlock mlock2 mlockall mmap mmap2 mprotect mq_getsetattr mq_notify mq_open
  mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink mremap mseal
  msgctl msgget msgrcv msgsnd msync munlock munlockall munmap name_to_handle_at nanosleep newfstatat
  open openat openat2 pause pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect
  poll ppoll ppoll_time64 prctl pread64 preadv preadv2 prlimit64 process_mrelease pselect6
  pselect6_time64 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recv recvfrom
  recvmmsg recvmmsg_time64 recvmsg remap_file_pages removexattr removexattrat rename renameat
  renameat2 restart_syscall riscv_hwprobe rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask
  rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo
  sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
  sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity
  sched_setattr sched_setparam sched_setscheduler sched_yield seccomp select semctl semget semop
  semtimedop semtimedop_time64 send sendfile sendfile64 sendmmsg sendmsg sendto set_robust_list
  set_thread_area set_tid_address setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups
  setgroups32 setitimer setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid
  setresuid32 setreuid setreuid32 setrlimit setsid setsockopt setuid setuid32 setxattr setxattrat
  shmat shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 sigprocmask sigreturn socketcall
  socketpair splice stat stat64 statfs statfs64 statmount statx symlink symlinkat sync sync_file_range
  syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun timer_gettime
  timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64
  timerfd_settime timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask uname unlink
  unlinkat uretprobe utime utimensat utimensat_time64 utimes vfork vmsplice wait4 waitid waitpid write
  writev
`;

/** Calls that only CAP_SYS_ADMIN makes useful, and dangerous otherwise (mount, namespaces, bpf). */
const administration = `
  bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr
  lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl
  quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare
`;

/** Capability by capability, the calls that are denied without it. */
const withCapability: Record<string, string> = {
  BPF: "bpf",
  DAC_READ_SEARCH: "open_by_handle_at",
  PERFMON: "perf_event_open",
  SYSLOG: "syslog",
  SYS_ADMIN: administration,
  SYS_BOOT: "reboot",
  SYS_CHROOT: "chroot",
  SYS_MODULE: "delete_module init_module finit_module",
  SYS_NICE: "get_mempolicy mbind set_mempolicy set_mempolicy_home_node",
  SYS_PACCT: "acct",
  SYS_PTRACE: "kcmp pidfd_getfd process_madvise",
  SYS_RAWIO: "iopl ioperm",
  SYS_TIME: "settimeofday stime clock_settime clock_settime64",
  SYS_TTY_CONFIG: "vhangup",
};

/** The capabilities that make a difference to the filter. */
export function seccompCapabilities(): bigint {
  return Object.keys(withCapability).reduce((mask, name) => mask | (capabilityBit(name) ?? 0n), 0n);
}

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const newNamespaces = 0x7e020000;

/** PER_LINUX and PER_LINUX32, each with and without UNAME26, and the query of the present one. */
const personalities = [0, 0x0008, 0x20000, 0x20008, 0xffffffff];

const AF_ALG = 38;
const AF_VSOCK = 40;
const ENOSYS = 38;

const words = (text: string) => text.trim().split(/\s+/);

const allow = (names: string, rest: Partial<SeccompRule> = {}): SeccompRule => ({
  names: words(names),
  action: "SCMP_ACT_ALLOW",
  ...rest,
});

/**
 * RuntimeDefault: equal in effect to what Docker and containerd ship (mid-2026). One difference, to the safe
 * side: a socket's address family is compared as the kernel reads it, by its lower 32 bits, so that garbage
 * above them does not carry AF_ALG or AF_VSOCK past the filter.
 */
export function runtimeDefaultProfile(): SeccompProfile {
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 1,
    archMap: [
      { architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] },
      { architecture: "SCMP_ARCH_AARCH64", subArchitectures: ["SCMP_ARCH_ARM"] },
    ],
    syscalls: [
      allow(ordinary),
      // Before 4.8 ptrace could change a call after the filter had seen it.
      allow("process_vm_readv process_vm_writev ptrace", { includes: { minKernel: "4.8" } }),
      allow("process_vm_readv process_vm_writev ptrace", { includes: { caps: ["SYS_PTRACE"] } }),
      ...sockets(),
      ...personalities.map((value) =>
        allow("personality", { args: [{ index: 0, value, op: "SCMP_CMP_EQ" }] }),
      ),
      allow("arch_prctl modify_ldt", { includes: { arches: ["amd64"] } }),
      allow("arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls", {
        includes: { arches: ["arm64"] },
      }),
      ...Object.entries(withCapability).map(([cap, names]) => allow(names, { includes: { caps: [cap] } })),
      allow("clone", {
        args: [{ index: 0, value: newNamespaces, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
        excludes: { caps: ["SYS_ADMIN"] },
      }),
      // Its flags are in memory, out of the filter's sight: refused so that libc falls back to clone.
      {
        names: ["clone3"],
        action: "SCMP_ACT_ERRNO",
        errnoRet: ENOSYS,
        excludes: { caps: ["SYS_ADMIN"] },
      },
    ],
  };
}

/** Every family but AF_ALG (kernel crypto, a rich source of exploits) and AF_VSOCK (no namespace holds it). */
function sockets(): SeccompRule[] {
  const family = (value: number, op: "SCMP_CMP_LT" | "SCMP_CMP_EQ" | "SCMP_CMP_GT") =>
    allow("socket", { args: [{ index: 0, value, op, low: true }] });
  return [family(AF_ALG, "SCMP_CMP_LT"), family(AF_ALG + 1, "SCMP_CMP_EQ"), family(AF_VSOCK, "SCMP_CMP_GT")];
}
