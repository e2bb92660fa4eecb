/* The holder ("pause"): keeps the pod's namespaces alive, reaps as PID 1, and wakes for nothing but signals.
 */
#include "helper.h"
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static void reap(void) {
  while (waitpid(-1, NULL, WNOHANG) > 0)
    continue;
}

int ts_op_pause(struct ts_run *run, const struct ts_op *op) {
  /* clock_gettime is a system call where the clock source has no vDSO: hpet, acpi_pm, User Mode Linux. */
  static const int calls[] = {SYS_rt_sigtimedwait, SYS_wait4,      SYS_rt_sigreturn,
                              SYS_restart_syscall, SYS_exit_group, SYS_clock_gettime};
  static const int event_calls[] = {SYS_write, SYS_close};
  const int kept[] = {TS_FD_EVENTS};
  siginfo_t info;
  sigset_t wanted;
  (void)op;

  prctl(PR_SET_NAME, "pause");
  if (ts_drop_capabilities(0))
    return TS_FAILED(run, capset);
  if (ts_close_all_but(0, kept, 1))
    return TS_FAILED(run, close_range);
  if (ts_allow_only(calls, sizeof calls / sizeof *calls, event_calls,
                    sizeof event_calls / sizeof *event_calls))
    return TS_FAILED(run, seccomp);
  ts_emit(run, TS_EVENT_PAUSED, 0, 0);
  close(TS_FD_EVENTS);

  sigemptyset(&wanted);
  sigaddset(&wanted, SIGCHLD);
  sigaddset(&wanted, SIGTERM);
  sigaddset(&wanted, SIGINT);
  const int init = run->parent_pid == 0;
  for (;;) {
    int number = sigwaitinfo(&wanted, &info);
    reap();
    /* As PID 1 it sees senders in outer namespaces as pid 0. A container's `kill 1`, in a pod that shares the
       PID namespace, must not take the pod down: such signals have a sender with a pid, or come by tgkill(2)
       or rt_sigqueueinfo(2), whose senders can fill in any pid but not SI_USER. */
    if ((number == SIGTERM || number == SIGINT) && (!init || (info.si_code == SI_USER && info.si_pid == 0)))
      _exit(0);
  }
}
