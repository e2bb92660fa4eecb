/*
 * The container's root: the layers of its image, read-only, and a folder of its own on top.
 *
 * Two roads, since an image may have more layers than mount(2) has room for in its one page of options:
 * fsconfig(2) takes the layers one by one ("lowerdir+", Linux 6.8), texts of up to 255 bytes. Where it
 * cannot, mount(2) gets the layers as numbers of open descriptors, relative to /proc/self/fd: four bytes
 * each.
 */
#include "helper.h"
#include <errno.h>
#include <string.h>

/* OVL_MAX_STACK of the kernel. */
enum { MAX_LAYERS = 500, OPTIONS_SIZE = 4096 };

/* What of the op each field is; `lowers` and `options` are lists. */
enum { TARGET, LOWERS, UPPER, WORK, OPTIONS };

static int set(struct ts_run *run, int fs, const char *key, const char *value) {
  return ts_fsconfig(fs, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, key, value)
             ? TS_FAILED(run, fsconfig)
             : 0;
}

/* -1 with EINVAL: a kernel that does not know "lowerdir+", or a path that is too long for fsconfig. */
static int add_layers(struct ts_run *run, int fs, const struct ts_field *f) {
  const char *lower = f[LOWERS].text;
  for (size_t i = 0; i < f[LOWERS].length; i++, lower = ts_list_next(lower)) {
    run->detail = (int64_t)i;
    if (set(run, fs, "lowerdir+", lower))
      return -1;
  }
  run->detail = 0;
  return set(run, fs, "upperdir", f[UPPER].text) || set(run, fs, "workdir", f[WORK].text) ? -1 : 0;
}

static int attach(struct ts_run *run, int fs, const struct ts_field *f) {
  const char *option = f[OPTIONS].text;
  for (size_t i = 0; i < f[OPTIONS].length; i++, option = ts_list_next(option))
    if (set(run, fs, option, NULL))
      return -1;
  /* What mountinfo shows as the source. */
  if (set(run, fs, "source", "overlay"))
    return -1;
  if (ts_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL))
    return TS_FAILED(run, fsconfig);
  TS_SCOPED_FD mount = ts_fsmount(fs, 0);
  if (mount < 0)
    return TS_FAILED(run, fsmount);
  return ts_move_mount(mount, AT_FDCWD, f[TARGET].text, 0) ? TS_FAILED(run, move_mount) : 0;
}

/* Opens a folder and appends its descriptor's number, which is its name in /proc/self/fd. */
static int append_folder(struct ts_run *run, char **at, const char *end, const char *path) {
  int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return TS_FAILED(run, open);
  *at = ts_append_u64(*at, end, (uint64_t)fd);
  return fd;
}

static int mount_numbered(struct ts_run *run, const struct ts_field *f, int fds[MAX_LAYERS + 2]) {
  static char options[OPTIONS_SIZE];
  char *at = options, *const end = options + sizeof options - 1;
  const char *lower = f[LOWERS].text, *option = f[OPTIONS].text;
  size_t count = 0;
  at = ts_append(at, end, "lowerdir=");
  for (size_t i = 0; i < f[LOWERS].length; i++, lower = ts_list_next(lower)) {
    run->detail = (int64_t)i;
    at = ts_append(at, end, i ? ":" : "");
    if ((fds[count] = append_folder(run, &at, end, lower)) < 0)
      return -1;
    count++;
  }
  run->detail = 0;
  at = ts_append(at, end, ",upperdir=");
  if ((fds[count++] = append_folder(run, &at, end, f[UPPER].text)) < 0)
    return -1;
  at = ts_append(at, end, ",workdir=");
  if ((fds[count] = append_folder(run, &at, end, f[WORK].text)) < 0)
    return -1;
  for (size_t i = 0; i < f[OPTIONS].length; i++, option = ts_list_next(option))
    at = ts_append(ts_append(at, end, ","), end, option);
  if (at == end)
    return TS_REFUSED(run, mount, E2BIG);
  *at = 0;
  if (chdir("/proc/self/fd"))
    return TS_FAILED(run, fchdir);
  const int failed = ts_mount("overlay", f[TARGET].text, "overlay", 0, options), error = errno;
  if (chdir("/"))
    return TS_FAILED(run, fchdir);
  return failed ? TS_REFUSED(run, mount, error) : 0;
}

static int mount_by_number(struct ts_run *run, const struct ts_field *f) {
  static int fds[MAX_LAYERS + 2];
  for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
    fds[i] = -1;
  const int result = mount_numbered(run, f, fds), error = errno;
  for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
    if (fds[i] >= 0)
      close(fds[i]);
  errno = error;
  return result;
}

int ts_op_overlay(struct ts_run *run, const struct ts_op *op) {
  const struct ts_field *f = op->field;
  if (f[LOWERS].length == 0 || f[LOWERS].length > MAX_LAYERS)
    return TS_REFUSED(run, fsconfig, EINVAL);
  /* Of these two alone fsconfig takes backslashes away. */
  if (strchr(f[UPPER].text, '\\') || strchr(f[WORK].text, '\\'))
    return mount_by_number(run, f);
  TS_SCOPED_FD fs = ts_fsopen("overlay");
  if (fs < 0)
    return TS_FAILED(run, fsopen);
  if (add_layers(run, fs, f) == 0)
    return attach(run, fs, f);
  return errno == EINVAL ? mount_by_number(run, f) : -1;
}
