/* The exit of a container, in a file that outlives everybody. */
#include "helper.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

int ts_exit_code(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* The line "oom_kill N" of memory.events (v2) or memory.oom_control (v1); 0 when it cannot be told. */
static uint64_t read_oom_kills(int fd) {
  static const char key[] = "oom_kill ";
  char text[512];
  uint64_t count = 0;
  ssize_t got = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
  if (got <= 0)
    return 0;
  text[got] = 0;
  for (const char *line = text; line; line = strchr(line, '\n'), line += line != NULL) {
    if (strncmp(line, key, sizeof key - 1) != 0)
      continue;
    for (line += sizeof key - 1; *line >= '0' && *line <= '9'; line++)
      count = count * 10 + (uint64_t)(*line - '0');
    return count;
  }
  return 0;
}

int ts_op_exit_record(struct ts_run *run, const struct ts_op *op) {
  struct ts_exit_record *record = &run->record;
  record->dir_fd = (int)op->field[0].number;
  record->name = op->field[1].text;
  if (op->field[2].length) {
    record->oom_fd = open(op->field[2].text, O_RDONLY | O_CLOEXEC);
    if (record->oom_fd < 0)
      return TS_FAILED(run, open);
    record->oom_before = read_oom_kills(record->oom_fd);
  }
  if (op->field[3].length) {
    record->kill_fd = open(op->field[3].text, O_WRONLY | O_CLOEXEC);
    /* Not there before Linux 5.14: then what is left lives until the pod is stopped. */
    if (record->kill_fd < 0 && errno != ENOENT)
      return TS_FAILED(run, open);
  }
  return 0;
}

/* Where the PID namespace is not the container's own, the kernel does not end it with its first process. */
void ts_kill_rest(const struct ts_exit_record *record) {
  while (record->kill_fd >= 0 && write(record->kill_fd, "1", 1) < 0 && errno == EINTR)
    continue;
}

static size_t compose(char *out, size_t size, const struct ts_exit_record *record, int status) {
  const char *end = out + size;
  char stamp[TS_STAMP_LENGTH + 1] = {0};
  ts_stamp(stamp);
  char *at = ts_append(out, end, "{\"schema\":1,\"code\":");
  at = ts_append_u64(at, end, (uint64_t)ts_exit_code(status));
  at = ts_append(at, end, ",\"signal\":");
  at = ts_append_u64(at, end, WIFSIGNALED(status) ? (uint64_t)WTERMSIG(status) : 0);
  at = ts_append(at, end, ",\"oomKills\":");
  at = ts_append_u64(at, end, read_oom_kills(record->oom_fd) - record->oom_before);
  at = ts_append(at, end, ",\"finishedAt\":\"");
  at = ts_append(at, end, stamp);
  at = ts_append(at, end, "\"}\n");
  return (size_t)(at - out);
}

int ts_record_exit(const struct ts_exit_record *record, int status) {
  char line[256], temporary[NAME_MAX + 1];
  const size_t length = compose(line, sizeof line, record, status);
  *ts_append(ts_append(temporary, temporary + NAME_MAX, record->name), temporary + NAME_MAX, ".new") = 0;
  unlinkat(record->dir_fd, temporary, 0);
  TS_SCOPED_FD fd =
      openat(record->dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0 || write(fd, line, length) != (ssize_t)length)
    return -1;
  if (fdatasync(fd) && errno != EINVAL)
    return -1;
  return renameat(record->dir_fd, temporary, record->dir_fd, record->name);
}
