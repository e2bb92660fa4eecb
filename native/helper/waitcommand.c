/* Stage 1 of `exec`: waits for the command, passes signals on to it, and ends as it ended. */
#include "helper.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

/* Reports that execve has worked: the mark closes without an 'F'. */
static void see_mark(const struct ts_run *run, struct pollfd *mark) {
  char byte;
  for (;;) {
    ssize_t got = read(mark->fd, &byte, 1);
    if (got < 0 && errno == EINTR)
      continue;
    if (got == 1 && byte == 'X')
      return;
    if (got == 0)
      ts_emit(run, TS_EVENT_STARTED, 0, 0);
    close(mark->fd);
    mark->fd = -1;
    return;
  }
}

static void pass_on(const struct ts_child *child, int signals) {
  struct signalfd_siginfo info;
  if (read(signals, &info, sizeof info) != sizeof info)
    return;
  switch (info.ssi_signo) {
  case SIGCHLD:
  case SIGPIPE:
  case SIGSEGV:
  case SIGBUS:
  case SIGFPE:
  case SIGILL:
    return;
  default:
    ts_pidfd_send_signal(child->pidfd, (int)info.ssi_signo);
  }
}

_Noreturn void ts_wait_command(struct ts_run *run, struct ts_child *child) {
  sigset_t all;
  int status = 0, events;
  prctl(PR_SET_NAME, "tspod-exec");
  /* The command's output ends when the command closes it, not when its parent does. */
  ts_close_range(0, 2, 0);
  close(TS_FD_GATE);
  sigfillset(&all);
  int signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0 || ts_drop_capabilities(1U << TS_CAP_KILL)) {
    ts_pidfd_send_signal(child->pidfd, SIGKILL);
    run->call = TS_CALL_capset;
    ts_give_up(run, TS_EXIT_FAILED);
  }
  struct pollfd polled[] = {{.fd = child->pidfd, .events = POLLIN},
                            {.fd = child->mark_fd, .events = POLLIN},
                            {.fd = signals, .events = POLLIN}};
  for (;;) {
    events = poll(polled, 3, -1);
    if (events < 0)
      continue;
    if (polled[1].revents)
      see_mark(run, &polled[1]);
    if (polled[2].revents)
      pass_on(child, signals);
    if (polled[0].revents)
      break;
  }
  while (polled[1].fd >= 0)
    see_mark(run, &polled[1]);
  while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
    continue;
  const int code = ts_exit_code(status);
  ts_emit(run, TS_EVENT_EXITED, 0, code | (WIFSIGNALED(status) ? 1 << 16 : 0));
  _exit(code);
}
