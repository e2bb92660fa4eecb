#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "limit.h"

static void mount_or_fail(const char *source, const char *target, const char *type, unsigned long flags,
                          const char *data) {
  if (mount(source, target, type, flags, data) < 0)
    fail(target);
}

static void mount_overlay(const struct container *c) {
  char options[4096], merged[1024];
  mount_or_fail("", "/", NULL, MS_REC | MS_PRIVATE, NULL);
  snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s/upper,workdir=%s/work", c->lower, c->folder,
           c->folder);
  snprintf(merged, sizeof merged, "%s/root", c->folder);
  mount_or_fail("overlay", merged, "overlay", 0, options);
  if (chdir(merged) < 0)
    fail(merged);
}

static void mount_devices(void) {
  static const struct {
    const char *path;
    unsigned major, minor;
  } nodes[] = {{"dev/null", 1, 3}, {"dev/zero", 1, 5},   {"dev/full", 1, 7},
               {"dev/tty", 5, 0},  {"dev/random", 1, 8}, {"dev/urandom", 1, 9}};
  static const char *const links[][2] = {{"/proc/self/fd", "dev/fd"},
                                         {"/proc/self/fd/0", "dev/stdin"},
                                         {"/proc/self/fd/1", "dev/stdout"},
                                         {"/proc/self/fd/2", "dev/stderr"},
                                         {"pts/ptmx", "dev/ptmx"}};
  mount_or_fail("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k");
  for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
    if (mknod(nodes[i].path, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)) < 0)
      fail(nodes[i].path);
  for (size_t i = 0; i < sizeof links / sizeof *links; i++)
    if (symlink(links[i][0], links[i][1]) < 0)
      fail(links[i][1]);
  if (mkdir("dev/pts", 0755) < 0 || mkdir("dev/shm", 01777) < 0 || mkdir("dev/mqueue", 0755) < 0)
    fail("mkdir in dev");
  mount_or_fail("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
                "newinstance,ptmxmode=0666,mode=0620,gid=5");
  mount_or_fail("shm", "dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=65536k");
  mount_or_fail("mqueue", "dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

/* The files that every container of a pod shares with the pod. */
static void bind_pod_files(const struct container *c) {
  static const char *const targets[] = {"etc/hosts", "etc/hostname", "etc/resolv.conf"};
  char source[1024];
  snprintf(source, sizeof source, "%s/hosts", c->folder);
  for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
    int fd = open(targets[i], O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
      fail(targets[i]);
    close(fd);
    mount_or_fail(source, targets[i], NULL, MS_BIND, NULL);
  }
}

/* The OCI defaults; what this kernel does not have is passed over. */
static void hide_kernel_paths(void) {
  static const char *const hidden[] = {
      "proc/acpi", "proc/asound",      "proc/kcore",         "proc/keys",    "proc/timer_list",
      "proc/scsi", "proc/sched_debug", "proc/latency_stats", "sys/firmware", "proc/timer_stats"};
  static const char *const fixed[] = {"proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger"};
  for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
    if (mount("dev/null", hidden[i], NULL, MS_BIND, NULL) < 0 && errno == ENOTDIR)
      mount_or_fail("tmpfs", hidden[i], "tmpfs", MS_RDONLY, "size=0k");
  for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
    if (mount(fixed[i], fixed[i], NULL, MS_BIND | MS_REC, NULL) == 0)
      mount_or_fail(NULL, fixed[i], NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
                    NULL);
}

/* Kubernetes' default capabilities, and a filter of the length that a profile of 330 system calls compiles
 * to. */
static void confine(void) {
  static const int kept[] = {CAP_CHOWN,       CAP_DAC_OVERRIDE,     CAP_FOWNER,     CAP_FSETID,
                             CAP_KILL,        CAP_SETGID,           CAP_SETUID,     CAP_SETPCAP,
                             CAP_NET_RAW,     CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT, CAP_MKNOD,
                             CAP_AUDIT_WRITE, CAP_SETFCAP};
  uint64_t mask = 0;
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
    mask |= UINT64_C(1) << kept[i];
  for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
    if (!(mask >> cap & 1))
      prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2] = {{(uint32_t)mask, (uint32_t)mask, 0},
                                           {(uint32_t)(mask >> 32), (uint32_t)(mask >> 32), 0}};
  if (syscall(SYS_capset, &header, data) < 0)
    fail("capset");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    fail("no_new_privs");

  static struct sock_filter code[700];
  unsigned short n = 0;
  code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (unsigned number = 0; number < 330; number++) {
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  }
  code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
  struct sock_fprog program = {n, code};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
    fail("seccomp");
}

_Noreturn void become_container(const struct container *c) {
  uint64_t from = now();
  if (setns(c->holder_pidfd, CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) < 0)
    fail("setns");
  /* From inside, "0" to tasks: a pid written to cgroup.procs from outside waits for a grace period. */
  for (int i = 0; !unified && i < hierarchy_count; i++)
    if (write(c->entrances[i], "0", 1) != 1)
      fail("tasks");
  lap(JOIN, &from);
  mount_overlay(c);
  lap(OVERLAY, &from);
  umask(0);
  mount_or_fail("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  mount_or_fail("sysfs", "sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL);
  mount_devices();
  bind_pod_files(c);
  hide_kernel_paths();
  umask(022);
  lap(MOUNTS, &from);
  if (syscall(SYS_pivot_root, ".", ".") < 0)
    fail("pivot_root");
  if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
    fail("leaving the old root");
  lap(PIVOT, &from);
  confine();
  lap(CONFINE, &from);
  char *argv[] = {"sleep", "60", NULL}, *envp[] = {"PATH=/bin", NULL};
  execve("/bin/sleep", argv, envp);
  fail("execve /bin/sleep");
}
