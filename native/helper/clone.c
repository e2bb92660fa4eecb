/* The clone between the stages, and what each side makes of its descriptors. */
#include "helper.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

struct ends {
  int out[2], err[2], master[2], mark[2];
};

static int make_ends(struct ts_run *run, struct ends *ends, enum ts_stdio stdio) {
  memset(ends, -1, sizeof *ends);
  if (pipe2(ends->mark, O_CLOEXEC))
    return TS_FAILED(run, pipe);
  if (stdio == TS_STDIO_PIPES && (pipe2(ends->out, O_CLOEXEC) || pipe2(ends->err, O_CLOEXEC)))
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
    if (dup2(ends->out[1], 1) < 0 || dup2(ends->err[1], 2) < 0)
      return TS_FAILED(run, dup2);
    run->own_stdio = 1;
  }
  /* The monitor's ends, here, would keep it from ever seeing the end of the output. */
  const int theirs[] = {ends->out[0],       ends->out[1],       ends->err[0],    ends->err[1],
                        ends->master[0],    run->log.fd,        run->log.dir_fd, run->record.dir_fd,
                        run->record.oom_fd, run->record.kill_fd};
  for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++)
    if (theirs[i] >= 0)
      close(theirs[i]);
  return 0;
}

int ts_op_clone(struct ts_run *run, const struct ts_op *op) {
  const enum ts_stdio stdio = (enum ts_stdio)op->field[2].number;
  const int64_t cgroup = op->field[1].number;
  struct ends ends;
  int pidfd = -1;
  /* The kernel writes the pid, as we see it, before the child runs. On a shared page the child sees it too
     and can be the one to send CLONED, before any other event of its own. */
  int *shared_pid = mmap(NULL, sizeof *shared_pid, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared_pid == MAP_FAILED)
    return TS_FAILED(run, mmap);
  struct ts_clone_args args = {.flags = op->field[0].mask | TS_CLONE_PIDFD | TS_CLONE_PARENT_SETTID,
                               .pidfd = (uintptr_t)&pidfd,
                               .parent_tid = (uintptr_t)shared_pid,
                               .exit_signal = SIGCHLD};
  if (cgroup >= 0) {
    args.flags |= TS_CLONE_INTO_CGROUP;
    args.cgroup = (uint64_t)cgroup;
  }
  if (make_ends(run, &ends, stdio))
    return -1;
  /* Before the clone, so that stage 2 can tell that stage 1 died even from a PID namespace of its own. */
  run->parent_pidfd = ts_pidfd_open(getpid());
  if (run->parent_pidfd < 0)
    return TS_FAILED(run, pidfd_open);
  long pid = syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0)
    return TS_FAILED(run, clone3);
  if (pid == 0)
    return become_stage_2(run, &ends, stdio, *shared_pid);

  struct ts_child child = {.pid = (int)pid,
                           .pidfd = pidfd,
                           .mark_fd = ends.mark[0],
                           .out_fd = ends.out[0],
                           .err_fd = ends.err[0],
                           .master_socket = ends.master[0]};
  close(ends.mark[1]);
  if (stdio == TS_STDIO_INHERIT && run->record.dir_fd < 0)
    ts_wait_command(run, &child);
  ts_monitor(run, &child);
}

int ts_read_mark(int mark_fd) {
  char mark = 0, byte;
  ssize_t got;
  while ((got = read(mark_fd, &byte, 1)) == 1 || (got < 0 && errno == EINTR))
    if (got == 1)
      mark = byte;
  return mark;
}
