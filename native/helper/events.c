#include "helper.h"
#include <errno.h>
#include <poll.h>
#include <sys/prctl.h>
#include <time.h>

/* 32 bytes in one write(2): less than PIPE_BUF, so events of the two stages never mix. */
struct event {
  uint32_t kind, step;
  int32_t error;
  uint32_t call;
  int64_t argument;
  uint64_t time;
};
_Static_assert(sizeof(struct event) == 32, "the size of an event is part of the protocol");

void ts_emit(const struct ts_run *run, enum ts_event kind, int error, int64_t argument) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  struct event event = {.kind = kind,
                        .step = run->step,
                        .error = error,
                        .call = kind == TS_EVENT_FAIL ? (uint32_t)run->call : 0,
                        .argument = argument,
                        .time = (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec};
  /* A reader that is gone changes nothing here: SIGPIPE is ignored, and gates tell us to stop. */
  while (write(TS_FD_EVENTS, &event, sizeof event) < 0 && errno == EINTR)
    continue;
}

_Noreturn void ts_give_up(struct ts_run *run, int exit_code) {
  ts_emit(run, TS_EVENT_FAIL, errno, run->detail);
  if (run->mark_fd >= 0)
    while (write(run->mark_fd, "F", 1) < 0 && errno == EINTR)
      continue;
  _exit(exit_code);
}

int ts_orphaned(const struct ts_run *run) {
  if (run->parent_pidfd >= 0) {
    struct pollfd parent = {.fd = run->parent_pidfd, .events = POLLIN};
    return poll(&parent, 1, 0) == 1;
  }
  /* Stage 1: a parent in an outer PID namespace is 0 before and after its death, but its end of the gate
   * goes. */
  struct pollfd gate = {.fd = TS_FD_GATE};
  return getppid() != run->parent_pid || (poll(&gate, 1, 0) == 1 && (gate.revents & (POLLHUP | POLLERR)));
}

int ts_arm_death_signal(struct ts_run *run) {
  if (!run->death_signal)
    return 0;
  if (prctl(PR_SET_PDEATHSIG, run->death_signal))
    return TS_FAILED(run, prctl);
  /* A parent that died before the prctl sends nothing any more. */
  return ts_orphaned(run) ? TS_REFUSED(run, prctl, ESRCH) : 0;
}
