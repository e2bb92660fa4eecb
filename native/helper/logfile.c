/* The log as a file: opened before any code of the container runs, rotated, never a reason to stop. */
#include "helper.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { LOG_MODE = 0640 };

/* Who collects logs can often write to their folder, and could have put a pipe there for us to wait at. */
int ts_log_open(struct ts_log *log) {
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  struct stat st;
  int fd = openat(log->dir_fd, log->name, flags, LOG_MODE);
  if (fd < 0)
    return -1;
  if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
    close(fd);
    errno = EINVAL;
    return -1;
  }
  if (log->fd >= 0)
    close(log->fd);
  log->fd = fd;
  log->size = (uint64_t)st.st_size;
  return 0;
}

int ts_op_log(struct ts_run *run, const struct ts_op *op) {
  const struct ts_field *f = op->field;
  run->log.dir_fd = (int)f[0].number;
  run->log.name = f[1].text;
  run->log.max_bytes = f[2].mask;
  run->log.max_files = (uint32_t)f[3].number;
  return ts_log_open(&run->log) ? TS_FAILED(run, open) : 0;
}

/* Disk full: what did not fit is lost and the container goes on; whole lines that did fit stay, and no torn
 * one. */
static void keep_whole_lines(struct ts_log *log, const char *bytes, size_t wrote) {
  const char *last = wrote ? memrchr(bytes, '\n', wrote) : NULL;
  const uint64_t kept = last ? (uint64_t)(last - bytes) + 1 : 0;
  log->size += ftruncate(log->fd, (off_t)(log->size + kept)) ? wrote : kept;
}

void ts_log_append(struct ts_log *log, const char *bytes, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t wrote = write(log->fd, bytes + done, length - done);
    if (wrote < 0 && errno == EINTR)
      continue;
    if (wrote <= 0) {
      keep_whole_lines(log, bytes, done);
      return;
    }
    done += (size_t)wrote;
  }
  log->size += length;
}

/* "name.3", or "name" itself for 0. */
static void numbered(const struct ts_log *log, uint32_t number, char out[NAME_MAX + 1]) {
  const char *end = out + NAME_MAX;
  char *at = ts_append(out, end, log->name);
  if (number) {
    at = ts_append(at, end, ".");
    at = ts_append_u64(at, end, number);
  }
  *at = 0;
}

void ts_log_rotate(struct ts_log *log) {
  char from[NAME_MAX + 1], to[NAME_MAX + 1];
  for (uint32_t number = log->max_files > 1 ? log->max_files - 1 : 0; number > 0; number--) {
    numbered(log, number - 1, from);
    numbered(log, number, to);
    renameat(log->dir_fd, from, log->dir_fd, to);
  }
  if (log->max_files <= 1)
    unlinkat(log->dir_fd, log->name, 0);
  /* Where no new file can be made, the old one, now renamed, takes the rest. */
  ts_log_open(log);
}
