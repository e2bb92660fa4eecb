/* Operations on the process itself: namespaces, names, sessions, gates and single writes. */
#include "helper.h"
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define KEYCTL_JOIN_SESSION_KEYRING 1

int ts_op_setns(struct ts_run *run, const struct ts_op *op) {
  return setns((int)op->field[0].number, (int)op->field[1].number) ? TS_FAILED(run, setns) : 0;
}

int ts_op_unshare(struct ts_run *run, const struct ts_op *op) {
  return unshare((int)op->field[0].number) ? TS_FAILED(run, unshare) : 0;
}

/* One write(2): procfs, sysctl and cgroup files take a value whole or not at all. */
static int write_whole(struct ts_run *run, int fd, const struct ts_field *data) {
  ssize_t wrote = write(fd, data->text, data->length);
  if (wrote < 0)
    return TS_FAILED(run, write);
  return (size_t)wrote == data->length ? 0 : TS_REFUSED(run, write, EIO);
}

int ts_op_write_fd(struct ts_run *run, const struct ts_op *op) {
  return write_whole(run, (int)op->field[0].number, &op->field[1]);
}

int ts_op_write(struct ts_run *run, const struct ts_op *op) {
  TS_SCOPED_FD fd = open(op->field[0].text, O_WRONLY | O_CLOEXEC);
  return fd < 0 ? TS_FAILED(run, open) : write_whole(run, fd, &op->field[1]);
}

/* The detached copy lacks whatever was mounted upon /proc since, and NO_XDEV refuses what was there before:
   a write can reach nothing but procfs (CVE-2019-16884, CVE-2025-52881). */
int ts_op_proc_write(struct ts_run *run, const struct ts_op *op) {
  const uint64_t inside = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
  const char *path = op->field[0].text;
  while (*path == '/')
    path++;
  TS_SCOPED_FD copy = ts_open_tree(run->proc_fd, "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
  if (copy < 0)
    return TS_FAILED(run, open_tree);
  TS_SCOPED_FD fd = ts_openat2(copy, path, O_WRONLY, 0, inside);
  return fd < 0 ? TS_FAILED(run, openat2) : write_whole(run, fd, &op->field[1]);
}

int ts_op_sethostname(struct ts_run *run, const struct ts_op *op) {
  return sethostname(op->field[0].text, op->field[0].length) ? TS_FAILED(run, sethostname) : 0;
}

int ts_op_setdomainname(struct ts_run *run, const struct ts_op *op) {
  return setdomainname(op->field[0].text, op->field[0].length) ? TS_FAILED(run, setdomainname) : 0;
}

int ts_op_setsid(struct ts_run *run, const struct ts_op *op) {
  (void)op;
  /* EPERM: it leads its process group already, because it is a session's leader. */
  return setsid() < 0 && getsid(0) != getpid() ? TS_FAILED(run, setsid) : 0;
}

int ts_op_umask(struct ts_run *run, const struct ts_op *op) {
  run->umask = (unsigned)op->field[0].number & 0777;
  return 0;
}

int ts_op_pdeathsig(struct ts_run *run, const struct ts_op *op) {
  run->death_signal = (int)op->field[0].number;
  return ts_arm_death_signal(run);
}

int ts_op_keyring(struct ts_run *run, const struct ts_op *op) {
  (void)op;
  /* A kernel without keyrings has none to hide. */
  return syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS
             ? TS_FAILED(run, keyctl)
             : 0;
}

int ts_op_gate(struct ts_run *run, const struct ts_op *op) {
  char byte;
  ssize_t got;
  (void)op;
  ts_emit(run, TS_EVENT_GATE, 0, 0);
  while ((got = read(TS_FD_GATE, &byte, 1)) < 0 && errno == EINTR)
    continue;
  if (got < 0)
    return TS_FAILED(run, read);
  /* End of file: tspod has gone or has changed its mind. */
  return got == 1 ? 0 : TS_REFUSED(run, read, ECANCELED);
}

/* Stage 1 closes for real, but for what it still uses; stage 2 marks, since events are sent until execve. */
int ts_op_close_fds(struct ts_run *run, const struct ts_op *op) {
  const unsigned from = (unsigned)op->field[0].number;
  const int kept[] = {TS_FD_EVENTS,        TS_FD_GATE,         run->root_fd,          run->proc_fd,
                      run->mask_fd,        run->null_fd,       run->log.fd,           run->log.dir_fd,
                      run->mark_fd,        run->record.dir_fd, run->master_fd,        run->record.oom_fd,
                      run->record.kill_fd, run->parent_pidfd,  run->attach.listen_fd, run->attach.size_fd};
  if (run->stage == 2)
    return ts_close_range(from, ~0U, TS_CLOSE_RANGE_CLOEXEC) ? TS_FAILED(run, close_range) : 0;
  return ts_close_all_but(from, kept, sizeof kept / sizeof *kept) ? TS_FAILED(run, close_range) : 0;
}

int ts_close_all_but(unsigned from, const int *kept, size_t count) {
  for (;;) {
    unsigned keep = ~0U;
    for (size_t i = 0; i < count; i++)
      if (kept[i] >= 0 && (unsigned)kept[i] >= from && (unsigned)kept[i] < keep)
        keep = (unsigned)kept[i];
    if (keep > from && ts_close_range(from, keep == ~0U ? keep : keep - 1, 0))
      return -1;
    if (keep == ~0U)
      return 0;
    from = keep + 1;
  }
}
