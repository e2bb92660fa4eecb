/* The clone between the stages, and what each side makes of its descriptors. */
#include "helper.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

struct ends {
  int in[2], out[2], err[2], master[2], mark[2];
};

static int make_ends(struct ts_run *run, struct ends *ends, enum ts_stdio stdio) {
  memset(ends, -1, sizeof *ends);
  if (pipe2(ends->mark, O_CLOEXEC))
    return TS_FAILED(run, pipe);
  if (stdio == TS_STDIO_PIPES && (pipe2(ends->out, O_CLOEXEC) || pipe2(ends->err, O_CLOEXEC)))
    return TS_FAILED(run, pipe);
  if (stdio == TS_STDIO_PIPES && run->attach.input && pipe2(ends->in, O_CLOEXEC))
    return TS_FAILED(run, pipe);
  if (stdio == TS_STDIO_TTY && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends->master))
    return TS_FAILED(run, socketpair);
  return 0;
}

static int become_stage_2(struct ts_run *run, struct ends *ends, enum ts_stdio stdio, int pid) {
  run->stage = 2;
  ts_emit(run, TS_EVENT_CLONED, 0, pid);
  run->death_signal = 0;
  run->mark_fd = ends->mark[1];
  run->master_fd = ends->master[1];
  close(ends->mark[0]);
  prctl(PR_SET_NAME, "tspod-init");
  if (stdio == TS_STDIO_PIPES) {
    if (dup2(ends->out[1], 1) < 0 || dup2(ends->err[1], 2) < 0 ||
        (ends->in[0] >= 0 && dup2(ends->in[0], 0) < 0))
      return TS_FAILED(run, dup2);
    run->own_stdio = 1;
  }
  /* The monitor's ends, here, would keep it from ever seeing the end of the output. */
  const int theirs[] = {ends->in[0],         ends->in[1],          ends->out[0],       ends->out[1],
                        ends->err[0],        ends->err[1],         ends->master[0],    run->log.fd,
                        run->log.dir_fd,     run->record.dir_fd,   run->record.oom_fd, run->record.kill_fd,
                        run->attach.size_fd, run->attach.listen_fd};
  for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++)
    if (theirs[i] >= 0)
      close(theirs[i]);
  return 0;
}

/* The kernel writes the pid, as stage 1 sees it, before the child runs. On a shared page the child sees it
   too and can be the one to send CLONED, before any other event of its own. */
static int *share_pid(struct ts_run *run) {
  int *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED)
    run->call = TS_CALL_mmap;
  return shared;
}

/* Before any clone, so that stage 2 can tell that stage 1 died even from a PID namespace of its own. */
static int open_self(struct ts_run *run) {
  run->parent_pidfd = ts_pidfd_open(getpid());
  return run->parent_pidfd < 0 ? TS_FAILED(run, pidfd_open) : 0;
}

static _Noreturn void become_parent(struct ts_run *run, const struct ends *ends, enum ts_stdio stdio, int pid,
                                    int pidfd) {
  struct ts_child child = {.pid = pid,
                           .pidfd = pidfd,
                           .mark_fd = ends->mark[0],
                           .in_fd = ends->in[1],
                           .out_fd = ends->out[0],
                           .err_fd = ends->err[0],
                           .master_socket = ends->master[0]};
  close(ends->mark[1]);
  if (stdio == TS_STDIO_INHERIT && run->record.dir_fd < 0)
    ts_wait_command(run, &child);
  ts_monitor(run, &child);
}

/* What `aside` has prepared for the `clone` that follows. */
static struct {
  int *pid; /* set: we are the process aside */
  struct ends ends;
  enum ts_stdio stdio;
} aside;

/*
 * stage 1 ─ aside ─▶ waits ──────────────────────────────────────▶ the monitor
 *              └─▶ the ops up to `clone`, among them setns ─▶ ends
 *                                                   └─ CLONE_PARENT ─▶ stage 2, a child of stage 1
 *
 * So stage 2 is born in namespaces that stage 1 never enters: it keeps its place, and its rights, outside.
 */
int ts_op_aside(struct ts_run *run, const struct ts_op *op) {
  int status;
  aside.stdio = (enum ts_stdio)op->field[0].number;
  const struct ts_clone_args args = {.exit_signal = SIGCHLD};
  int *pid = share_pid(run);
  if (pid == MAP_FAILED || open_self(run) || make_ends(run, &aside.ends, aside.stdio))
    return -1;
  /* Their owner must have a place in the container's user namespace, for it to give them to its user. */
  const int given[] = {aside.ends.in[0], aside.ends.out[1], aside.ends.err[1]};
  for (size_t i = 0; i < sizeof given / sizeof *given; i++)
    if (given[i] >= 0 && fchown(given[i], (uid_t)op->field[1].number, (gid_t)op->field[2].number))
      return TS_FAILED(run, fchown);
  long helper = syscall(SYS_clone3, &args, sizeof args);
  if (helper < 0)
    return TS_FAILED(run, clone3);
  if (helper == 0) {
    aside.pid = pid;
    return 0;
  }
  while (waitpid((int)helper, &status, 0) < 0 && errno == EINTR)
    continue;
  /* It failed before there was a stage 2, and has said so. */
  if (*pid == 0)
    _exit(TS_EXIT_FAILED);
  int pidfd = ts_pidfd_open(*pid);
  if (pidfd < 0)
    return TS_FAILED(run, pidfd_open);
  become_parent(run, &aside.ends, aside.stdio, *pid, pidfd);
}

/* exit_signal is inherited with CLONE_PARENT, and must not be given. */
static int clone_for_parent(struct ts_run *run, struct ts_clone_args *args) {
  args->flags |= TS_CLONE_PARENT;
  args->parent_tid = (uintptr_t)aside.pid;
  long pid = syscall(SYS_clone3, args, sizeof *args);
  if (pid < 0)
    return TS_FAILED(run, clone3);
  if (pid > 0)
    _exit(0);
  return become_stage_2(run, &aside.ends, aside.stdio, *aside.pid);
}

int ts_op_clone(struct ts_run *run, const struct ts_op *op) {
  const enum ts_stdio stdio = (enum ts_stdio)op->field[2].number;
  const int64_t cgroup = op->field[1].number;
  struct ends ends;
  int pidfd = -1;
  struct ts_clone_args args = {.flags = op->field[0].mask | TS_CLONE_PARENT_SETTID};
  if (cgroup >= 0) {
    args.flags |= TS_CLONE_INTO_CGROUP;
    args.cgroup = (uint64_t)cgroup;
  }
  if (aside.pid)
    return clone_for_parent(run, &args);
  int *pid = share_pid(run);
  if (pid == MAP_FAILED || make_ends(run, &ends, stdio) || open_self(run))
    return -1;
  args.flags |= TS_CLONE_PIDFD;
  args.pidfd = (uintptr_t)&pidfd;
  args.parent_tid = (uintptr_t)pid;
  args.exit_signal = SIGCHLD;
  long child = syscall(SYS_clone3, &args, sizeof args);
  if (child < 0)
    return TS_FAILED(run, clone3);
  if (child == 0)
    return become_stage_2(run, &ends, stdio, *pid);
  become_parent(run, &ends, stdio, (int)child, pidfd);
}

int ts_read_mark(int mark_fd) {
  char mark = 0, byte;
  ssize_t got;
  while ((got = read(mark_fd, &byte, 1)) == 1 || (got < 0 && errno == EINTR))
    if (got == 1)
      mark = byte;
  return mark;
}
