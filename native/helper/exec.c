/* The last ops of a container: where it starts, and execve. */
#include "helper.h"
#include <errno.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>

/*
 * The working directory comes from the image or the manifest. Magic links are not followed (/proc/self/fd/7
 * may be a folder of the host), and getcwd proves that the result is inside: the kernel answers
 * "(unreachable)…" for anything else (CVE-2024-21626).
 */
int ts_op_chdir(struct ts_run *run, const struct ts_op *op) {
  const struct ts_field *f = op->field;
  char where[PATH_MAX];
  if (ts_need_root(run))
    return -1;
  TS_SCOPED_FD dir = ts_make_dirs(run, run->root_fd, f[0].text, 0755, (uid_t)f[1].number, (gid_t)f[2].number,
                                  RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  if (dir < 0)
    return -1;
  if (fchdir(dir))
    return TS_FAILED(run, fchdir);
  if (syscall(SYS_getcwd, where, sizeof where) < 0)
    return TS_FAILED(run, getcwd);
  return where[0] == '/' ? 0 : TS_REFUSED(run, getcwd, EXDEV);
}

/* The list as execve(2) wants it: in `few`, or in pages of its own when it is long. A filter of the
   manifest's may be in force already, and may not know mmap(2): for the usual list it is not needed. */
static char **pointers(struct ts_run *run, const struct ts_field *list, char *few[TS_WIRE_MAX_LIST + 1]) {
  const char *item = list->text;
  char **to = few;
  size_t i = 0;
  if (list->length > TS_WIRE_MAX_LIST)
    to = mmap(NULL, (list->length + 1) * sizeof *to, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
              0);
  if (to == MAP_FAILED) {
    run->call = TS_CALL_mmap;
    return NULL;
  }
  for (; i < list->length; i++, item = ts_list_next(item))
    to[i] = (char *)(uintptr_t)item;
  to[i] = NULL;
  return to;
}

/* A terminal of the host must not be handed over: what runs inside could push input into it (CVE-2017-5226's
 * class). */
static int refuse_host_terminal(struct ts_run *run) {
  struct termios settings;
  if (run->terminal)
    return 0;
  for (int fd = 0; fd <= 2; fd++)
    if (tcgetattr(fd, &settings) == 0) {
      run->detail = fd;
      return TS_REFUSED(run, ioctl, EPERM);
    }
  return 0;
}

int ts_op_execve(struct ts_run *run, const struct ts_op *op) {
  static char *few_arguments[TS_WIRE_MAX_LIST + 1], *few_variables[TS_WIRE_MAX_LIST + 1];
  const char *candidate = op->field[0].text;
  struct stat st;
  int best = ENOENT;
  if (refuse_host_terminal(run) || ts_arm_death_signal(run))
    return -1;
  char **argv = pointers(run, &op->field[1], few_arguments);
  char **envp = argv ? pointers(run, &op->field[2], few_variables) : NULL;
  if (!envp)
    return -1;
  umask(run->umask);
  /* Whatever was left open, by whomever: the container gets 0, 1 and 2 (CVE-2024-21626). */
  if (ts_close_range(3, ~0U, TS_CLOSE_RANGE_CLOEXEC))
    return TS_FAILED(run, close_range);
  ts_emit(run, TS_EVENT_EXEC, 0, 0);
  if (run->mark_fd >= 0 && write(run->mark_fd, "X", 1) < 0)
    return TS_FAILED(run, write);
  ts_default_signals();
  for (size_t i = 0; i < op->field[0].length; i++, candidate = ts_list_next(candidate)) {
    execve(candidate, argv, envp);
    const int error = errno;
    /* Like a shell: the search goes on past what is not there or not ours to run, and the latter is what it
     * tells. */
    const int absent = error == ENOENT || error == ENOTDIR;
    if (i == 0 || (best == ENOENT && !absent)) {
      best = absent ? ENOENT : error;
      /* Bit 16: the file is there, so what is missing is its interpreter. */
      run->detail = (int64_t)i | (absent && stat(candidate, &st) == 0 ? 1 << 16 : 0);
    }
    if (!absent && error != EACCES)
      break;
  }
  errno = best;
  run->call = TS_CALL_execve;
  ts_block_signals();
  ts_give_up(run, best == ENOENT ? TS_EXIT_NOT_FOUND : TS_EXIT_NOT_EXECUTABLE);
}
