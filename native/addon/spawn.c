/*
 * Starts a program from a threaded runtime without copying its memory: clone3(CLONE_VM | CLONE_VFORK) on a
 * stack of its own, so the cost does not grow with the heap, and none of the runtime's code runs in the
 * child. Between clone and exec the child uses raw system calls only: the C library's would write the
 * parent's errno and thread state.
 */
#include "tspod_addon.h"
#include "tspod_kernel.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { STACK_SIZE = 65536, GUARD_SIZE = 65536, KERNEL_SIGNALS = 64, SIGSET_BYTES = 8, MAX_FDS = 1024 };

struct kernel_sigaction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)(void);
  uint64_t mask;
};

/* Shared with the child, which writes the failure. */
struct shared {
  const struct ts_spawn_spec *spawn;
  const char *call;
  int error;
};

#if defined(__x86_64__)
static long raw(long number, long a, long b, long c, long d, long e) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return result;
}

/* The child has the new stack, empty; it must not return into the parent's frames. What it needs is in
   registers named here, none of them the frame pointer, which it clears to end its chain of frames. */
static long clone_and_call(struct ts_clone_args *args, void (*function)(struct shared *),
                           struct shared *shared) {
  long result;
  register void *r8 __asm__("r8") = shared;
  register void (*r9)(struct shared *) __asm__("r9") = function;
  __asm__ volatile("syscall\n\t"
                   "test %%rax, %%rax\n\t"
                   "jnz 1f\n\t"
                   "xor %%ebp, %%ebp\n\t"
                   "mov %%r8, %%rdi\n\t"
                   "call *%%r9\n\t"
                   "ud2\n"
                   "1:"
                   : "=a"(result)
                   : "a"((long)SYS_clone3), "D"(args), "S"(sizeof *args), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
static long raw(long number, long a, long b, long c, long d, long e) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
}

static long clone_and_call(struct ts_clone_args *args, void (*function)(struct shared *),
                           struct shared *shared) {
  register long x8 __asm__("x8") = SYS_clone3;
  register long x0 __asm__("x0") = (long)args;
  register long x1 __asm__("x1") = sizeof *args;
  register void *x2 __asm__("x2") = shared;
  register void (*x3)(struct shared *) __asm__("x3") = function;
  __asm__ volatile("svc #0\n\t"
                   "cbnz x0, 1f\n\t"
                   "mov x29, xzr\n\t"
                   "mov x0, x2\n\t"
                   "blr x3\n\t"
                   "brk #1\n"
                   "1:"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3)
                   : "memory");
  return x0;
}
#endif

static _Noreturn void give_up(struct shared *shared, const char *call, long result) {
  shared->call = call;
  shared->error = (int)-result;
  for (;;)
    raw(SYS_exit_group, 127, 0, 0, 0, 0);
}

/* All sources are first copied above the table, so that filling one place cannot overwrite the source of
 * another. */
static int place_descriptors(struct shared *shared) {
  const struct ts_spawn_spec *spawn = shared->spawn;
  const long count = (long)spawn->fd_count;
  long copies[MAX_FDS];
  long exe = raw(SYS_fcntl, spawn->exe_fd, F_DUPFD_CLOEXEC, count, 0, 0);
  if (exe < 0)
    give_up(shared, "fcntl", exe);
  for (long i = 0; i < count; i++) {
    long fd = spawn->fds[i];
    if (fd < 0 && (fd = raw(SYS_openat, AT_FDCWD, (long)"/dev/null", O_RDWR | O_CLOEXEC, 0, 0)) < 0)
      give_up(shared, "openat", fd);
    if ((copies[i] = raw(SYS_fcntl, fd, F_DUPFD_CLOEXEC, count, 0, 0)) < 0)
      give_up(shared, "fcntl", copies[i]);
  }
  for (long i = 0; i < count; i++) {
    long result = raw(SYS_dup3, copies[i], i, 0, 0, 0);
    if (result < 0)
      give_up(shared, "dup3", result);
  }
  long result = raw(SYS_close_range, count, ~0U, TS_CLOSE_RANGE_CLOEXEC, 0, 0);
  if (result < 0)
    give_up(shared, "close_range", result);
  return (int)exe;
}

static void run_child(struct shared *shared) {
  const struct ts_spawn_spec *spawn = shared->spawn;
  struct kernel_sigaction action = {0};
  uint64_t none = 0;
  long result;
  /* CLONE_CLEAR_SIGHAND leaves ignored signals ignored, and Node ignores SIGPIPE. */
  for (long number = 1; number <= KERNEL_SIGNALS; number++)
    if (number != SIGKILL && number != SIGSTOP)
      raw(SYS_rt_sigaction, number, (long)&action, 0, SIGSET_BYTES, 0);
  if (spawn->new_session && (result = raw(SYS_setsid, 0, 0, 0, 0, 0)) < 0)
    give_up(shared, "setsid", result);
  int exe = place_descriptors(shared);
  raw(SYS_rt_sigprocmask, SIG_SETMASK, (long)&none, 0, SIGSET_BYTES, 0);
  result = raw(SYS_execveat, exe, (long)"", (long)spawn->argv, (long)spawn->envp, AT_EMPTY_PATH);
  give_up(shared, "execveat", result);
}

static int reap_failed(struct ts_spawn_spec *spawn, const struct shared *shared) {
  siginfo_t info;
  while (waitid((idtype_t)TS_P_PIDFD, (id_t)spawn->pidfd, &info, WEXITED) && errno == EINTR)
    continue;
  close(spawn->pidfd);
  spawn->failed_call = shared->call;
  errno = shared->error;
  return -1;
}

int ts_spawn(struct ts_spawn_spec *spawn) {
  struct shared shared = {.spawn = spawn};
  sigset_t all, before;
  spawn->pidfd = -1;
  spawn->failed_call = "mmap";
  if (spawn->fd_count > MAX_FDS) {
    errno = EMFILE;
    return -1;
  }
  char *stack =
      mmap(NULL, GUARD_SIZE + STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (stack == MAP_FAILED)
    return -1;
  mprotect(stack, GUARD_SIZE, PROT_NONE);
  struct ts_clone_args args = {
      .flags = spawn->flags | TS_CLONE_VM | TS_CLONE_VFORK | TS_CLONE_PIDFD | TS_CLONE_CLEAR_SIGHAND,
      .pidfd = (uintptr_t)&spawn->pidfd,
      .exit_signal = SIGCHLD,
      .stack = (uintptr_t)(stack + GUARD_SIZE),
      .stack_size = STACK_SIZE,
  };
  if (spawn->cgroup_fd >= 0) {
    args.flags |= TS_CLONE_INTO_CGROUP;
    args.cgroup = (uint64_t)spawn->cgroup_fd;
  }
  /* No handler of the runtime may run in the child, on this memory. */
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  long pid = clone_and_call(&args, run_child, &shared);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  munmap(stack, GUARD_SIZE + STACK_SIZE);
  if (pid < 0) {
    spawn->failed_call = "clone3";
    errno = (int)-pid;
    return -1;
  }
  if (shared.error)
    return reap_failed(spawn, &shared);
  spawn->pid = (int)pid;
  return 0;
}
