/*
 * What a pod costs the kernel when nothing is in the way: the floor that tspod is measured against.
 *
 *     limit CONTAINERS LOWER SCRATCH
 *
 * Starts one pod of CONTAINERS containers over the root filesystem LOWER, stops it, and prints one line of
 * JSON: nanoseconds to the moment when the last container has executed, nanoseconds of the removal, and the
 * phases in between. It does what a runtime must do for a Kubernetes pod and nothing else: no manifest, no
 * image, no log, no state on disk, no undo. Everything is made in a mount and a network namespace of its own,
 * bridge included.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "limit.h"

static const char *const phase_names[PHASES] = {"holder", "network", "cgroups", "join", "overlay",
                                                "mounts", "pivot",   "confine", "exec"};
uint64_t *spent;

_Noreturn void fail(const char *what) {
  fprintf(stderr, "limit: %s: %s\n", what, strerror(errno));
  _exit(1);
}

uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void lap(enum phase phase, uint64_t *from) {
  uint64_t t = now();
  spent[phase] += t - *from;
  *from = t;
}

void write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0 || write(fd, text, strlen(text)) < 0)
    fail(path);
  close(fd);
}

static pid_t clone_process(uint64_t flags, int *pidfd, int cgroup) {
  struct clone_args args = {.flags = flags | CLONE_PIDFD, .pidfd = (uintptr_t)pidfd, .exit_signal = SIGCHLD};
  if (cgroup >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = (uint64_t)cgroup;
  }
  pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0)
    fail("clone3");
  return pid;
}

static pid_t start_holder(int *pidfd) {
  pid_t pid = clone_process(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS, pidfd, -1);
  if (pid == 0)
    for (;;)
      pause();
  return pid;
}

struct running {
  pid_t pid;
  int pidfd;
  int executed; /* end of file here: execve has closed the other end */
  char folder[600];
};

static void make_folders(struct running *running, const char *scratch, int number) {
  static const char *const parts[] = {"", "/upper", "/work", "/root"};
  char path[700];
  snprintf(running->folder, sizeof running->folder, "%s/c%d", scratch, number);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    snprintf(path, sizeof path, "%s%s", running->folder, parts[i]);
    if (mkdir(path, 0755) < 0)
      fail(path);
  }
  snprintf(path, sizeof path, "%s/hosts", running->folder);
  write_file(path, "127.0.0.1 localhost\n10.99.0.2 floor\n");
}

static void start_container(struct running *running, int number, int holder_pidfd, const char *lower,
                            const char *scratch) {
  int entrances[MAX_HIERARCHIES], done[2];
  uint64_t from = now();
  make_folders(running, scratch, number);
  make_cgroups(number, entrances);
  lap(CGROUPS, &from);
  if (pipe2(done, O_CLOEXEC) < 0)
    fail("pipe");
  running->pid = clone_process(CLONE_NEWNS | CLONE_NEWPID, &running->pidfd, unified ? entrances[0] : -1);
  if (running->pid == 0) {
    close(done[0]);
    become_container(&(struct container){holder_pidfd, entrances, lower, running->folder});
  }
  close(done[1]);
  running->executed = done[0];
  for (int i = 0; i < hierarchy_count; i++)
    close(entrances[i]);
}

static void reap(pid_t pid) {
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
    continue;
}

static void remove_folder(const char *folder) {
  char command[700];
  static const char *const parts[] = {"/hosts",
                                      "/root",
                                      "/upper/etc/hosts",
                                      "/upper/etc/hostname",
                                      "/upper/etc/resolv.conf",
                                      "/upper/etc",
                                      "/upper",
                                      "/work/work",
                                      "/work",
                                      ""};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    snprintf(command, sizeof command, "%s%s", folder, parts[i]);
    if (remove(command) < 0 && errno != ENOENT)
      fail(command);
  }
}

int main(int argc, char **argv) {
  int count = argc == 4 ? atoi(argv[1]) : 0;
  if (count < 1 || count > MAX_CONTAINERS) {
    fprintf(stderr, "usage: limit CONTAINERS LOWER SCRATCH\n");
    return 2;
  }
  const char *lower = argv[2], *scratch = argv[3];
  spent = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (spent == MAP_FAILED)
    fail("mmap");
  if (unshare(CLONE_NEWNS | CLONE_NEWNET) < 0)
    fail("unshare");
  if (mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
    fail("private mounts");
  int own_net = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), host = route_socket(), holder_pidfd;
  unsigned bridge = make_bridge(host);
  find_hierarchies();
  struct running running[MAX_CONTAINERS];

  uint64_t begin = now(), from = begin;
  pid_t holder = start_holder(&holder_pidfd);
  lap(HOLDER, &from);
  connect_pod(host, bridge, holder, holder_pidfd, own_net);
  lap(NETWORK, &from);
  make_cgroups(-1, NULL);
  for (int i = 0; i < count; i++)
    start_container(&running[i], i, holder_pidfd, lower, scratch);
  char byte;
  for (int i = 0; i < count; i++)
    if (read(running[i].executed, &byte, 1) != 0)
      fail("waiting for execve");
  uint64_t up = now();

  /* The veth is left to the dying network namespace: deleting it by name waits for a grace period. */
  for (int i = 0; i < count; i++)
    syscall(SYS_pidfd_send_signal, running[i].pidfd, SIGKILL, NULL, 0);
  for (int i = 0; i < count; i++)
    reap(running[i].pid);
  kill(holder, SIGKILL);
  reap(holder);
  for (int i = 0; i < count; i++) {
    remove_cgroups(i);
    remove_folder(running[i].folder);
  }
  remove_cgroups(-1);
  uint64_t down = now();

  printf("{\"up\":%llu,\"down\":%llu,\"phases\":{", (unsigned long long)(up - begin),
         (unsigned long long)(down - up));
  for (int i = 0; i < PHASES; i++)
    if (i != EXEC)
      printf("%s\"%s\":%llu", i ? "," : "", phase_names[i], (unsigned long long)spent[i]);
  printf("}}\n");
  return 0;
}
