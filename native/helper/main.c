#include "helper.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>

static ts_op_function *const functions[] = {
#define X(code, function, name, shape) [TS_OP_##code] = ts_op_##function,
    TSPOD_OPS(X)
#undef X
};

/* The plan must not change under the pointers that the decoder hands out: it is refused unless sealed. */
static int map_plan(struct ts_run *run, struct ts_plan *plan) {
  const int wanted = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;
  struct stat st;
  int seals = fcntl(TS_FD_PLAN, F_GET_SEALS);
  if (seals < 0)
    return TS_FAILED(run, fcntl);
  if ((seals & wanted) != wanted)
    return TS_REFUSED(run, fcntl, EPERM);
  if (fstat(TS_FD_PLAN, &st))
    return TS_FAILED(run, fstat);
  void *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, TS_FD_PLAN, 0);
  if (bytes == MAP_FAILED)
    return TS_FAILED(run, mmap);
  if (ts_plan_open(plan, bytes, (size_t)st.st_size) || ts_plan_check(*plan, &run->step))
    return TS_FAILED(run, plan);
  run->trace = (plan->flags & TS_WIRE_TRACE) != 0;
  close(TS_FD_PLAN);
  return 0;
}

int main(void) {
  struct ts_run run = {.stage = 1,
                       .root_fd = -1,
                       .proc_fd = -1,
                       .mask_fd = -1,
                       .null_fd = -1,
                       .parent_pidfd = -1,
                       .parent_pid = getppid(),
                       .umask = 022,
                       .master_fd = -1,
                       .mark_fd = -1,
                       .log = {.dir_fd = -1, .fd = -1},
                       .record = {.dir_fd = -1, .oom_fd = -1, .kill_fd = -1},
                       .attach = {.listen_fd = -1, .size_fd = -1, .master_fd = -1}};
  struct ts_plan plan;
  struct ts_op op;

  /* Signals first, so that none is lost. Then: a process that joins a container's PID namespace can be traced
     from inside until it is not dumpable (CVE-2016-9962). */
  ts_block_signals();
  /* A gap among the first six would be filled by a descriptor of ours, which would then be taken for the
   * gate. */
  for (int fd = 0; fd < TS_FD_FIRST; fd++)
    if (fcntl(fd, F_GETFD) < 0)
      return TS_EXIT_FAILED;
  if (prctl(PR_SET_DUMPABLE, 0)) {
    run.call = TS_CALL_prctl;
    ts_give_up(&run, TS_EXIT_FAILED);
  }
  prctl(PR_SET_NAME, "tspod-helper");
  umask(0); /* modes in the plan are exact; op `umask` is for the container */
  if (chdir("/") || map_plan(&run, &plan))
    ts_give_up(&run, TS_EXIT_FAILED);
  for (run.step = 0; ts_plan_next(&plan, &op) == 1; run.step++) {
    run.detail = 0;
    if (functions[op.code](&run, &op))
      ts_give_up(&run, TS_EXIT_FAILED);
    if (run.trace)
      ts_emit(&run, TS_EVENT_STEP, 0, 0);
  }
  return TS_EXIT_FAILED; /* not reached: the plan was checked to end in execve or pause */
}
