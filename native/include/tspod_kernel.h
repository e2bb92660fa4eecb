/*
 * Kernel interface that the C libraries do not wrap, and what differs between machines. The one place for
 * fallback numbers: the calls from 424 on have the same number on x86_64 and aarch64.
 * The least kernel is 5.12 (mount_setattr); there is no older road to fall back to.
 */
#ifndef TSPOD_KERNEL_H
#define TSPOD_KERNEL_H

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/types.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_open_tree
#define SYS_open_tree  428
#define SYS_move_mount 429
#define SYS_fsopen     430
#define SYS_fsconfig   431
#define SYS_fsmount    432
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

/* linux/sched.h clashes with both libraries' sched.h, so the few names wanted of it are here. */
#define TS_CLONE_PIDFD         0x1000ULL
#define TS_CLONE_PARENT        0x8000ULL
#define TS_CLONE_PARENT_SETTID 0x100000ULL
#define TS_CLONE_VM            0x100ULL
#define TS_CLONE_VFORK         0x4000ULL
#define TS_CLONE_NEWNET        0x40000000ULL
#define TS_CLONE_CLEAR_SIGHAND 0x100000000ULL
#define TS_CLONE_INTO_CGROUP   0x200000000ULL

struct ts_clone_args {
  uint64_t flags;
  uint64_t pidfd;
  uint64_t child_tid;
  uint64_t parent_tid;
  uint64_t exit_signal;
  uint64_t stack;
  uint64_t stack_size;
  uint64_t tls;
  uint64_t set_tid;
  uint64_t set_tid_size;
  uint64_t cgroup;
};

#define TS_P_PIDFD             3
#define TS_CLOSE_RANGE_CLOEXEC 4U
#define TS_PROC_SUPER_MAGIC    0x9fa0
#define TS_DEVPTS_SUPER_MAGIC  0x1cd1
#ifndef TIOCGPTPEER
#define TIOCGPTPEER 0x5441
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

#if defined(__x86_64__)
#define TS_AUDIT_ARCH 0xc000003eU
#elif defined(__aarch64__)
#define TS_AUDIT_ARCH 0xc00000b7U
#else
#error "tspod knows x86_64 and aarch64"
#endif

/*
 * EAGAIN: something on the machine was renamed or mounted while the kernel walked a "..", so it cannot vouch
 * for the result (openat2(2)). On a busy machine that is chance; on an idle one somebody races us, so it has
 * an end.
 */
static inline int ts_openat2(int dir, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
  int fd = -1;
  for (int tries = 0; tries < 128; tries++) {
    fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
    if (fd >= 0 || errno != EAGAIN)
      break;
  }
  return fd;
}

static inline int ts_mount(const char *source, const char *target, const char *type, unsigned long flags,
                           const char *data) {
  return (int)syscall(SYS_mount, source, target, type, flags, data);
}

static inline int ts_umount2(const char *target, int flags) {
  return (int)syscall(SYS_umount2, target, flags);
}

static inline int ts_open_tree(int dir, const char *path, unsigned flags) {
  return (int)syscall(SYS_open_tree, dir, path, flags | OPEN_TREE_CLOEXEC);
}

static inline int ts_move_mount(int from, int to, const char *to_path, unsigned flags) {
  return (int)syscall(SYS_move_mount, from, "", to, to_path, flags | MOVE_MOUNT_F_EMPTY_PATH);
}

static inline int ts_mount_setattr(int dir, const char *path, unsigned flags, uint64_t set, uint64_t clear,
                                   uint64_t propagation) {
  struct mount_attr attr = {.attr_set = set, .attr_clr = clear, .propagation = propagation};
  return (int)syscall(SYS_mount_setattr, dir, path, flags, &attr, sizeof attr);
}

/* Shows the files of a detached mount with the ids of a user namespace (Linux 5.12). */
static inline int ts_mount_id_map(int mount, int user_namespace) {
  struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (unsigned)user_namespace};
  return (int)syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &attr, sizeof attr);
}

static inline int ts_fsopen(const char *type) {
  return (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
}

static inline int ts_fsconfig(int fd, unsigned command, const char *key, const char *value) {
  return (int)syscall(SYS_fsconfig, fd, command, key, value, 0);
}

static inline int ts_fsmount(int fd, unsigned attrs) {
  return (int)syscall(SYS_fsmount, fd, FSMOUNT_CLOEXEC, attrs);
}

static inline int ts_pidfd_open(int pid) {
  return (int)syscall(SYS_pidfd_open, pid, 0);
}

static inline int ts_pidfd_send_signal(int pidfd, int sig) {
  return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, 0, 0);
}

static inline int ts_close_range(unsigned first, unsigned last, unsigned flags) {
  return (int)syscall(SYS_close_range, first, last, flags);
}

/* RAII in C: the descriptor of a scope is closed on every way out of it. */
static inline void ts_close_scope(int *fd) {
  if (*fd >= 0)
    close(*fd);
}
#define TS_SCOPED_FD __attribute__((cleanup(ts_close_scope))) int

#endif
