#include "complete.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { NAMES = 1 << 16, VALUE = 1 << 16 };

static int copy_xattrs(int from, int to) {
  static char names[NAMES], value[VALUE];
  ssize_t size = flistxattr(from, names, sizeof names);
  if (size < 0)
    return errno == EOPNOTSUPP ? 0 : -1;
  for (const char *name = names; name < names + size; name += strlen(name) + 1) {
    if (strncmp(name, "trusted.overlay.", 16) == 0)
      continue;
    ssize_t length = fgetxattr(from, name, value, sizeof value);
    if (length < 0 || fsetxattr(to, name, value, (size_t)length, 0))
      return -1;
  }
  return 0;
}

int copy_metadata(int from, int to) {
  struct stat stat;
  if (fstat(from, &stat) || fchown(to, stat.st_uid, stat.st_gid) || fchmod(to, stat.st_mode & 07777))
    return -1;
  const struct timespec times[2] = {stat.st_atim, stat.st_mtim};
  return copy_xattrs(from, to) || futimens(to, times) ? -1 : 0;
}

static int copy_symlink(int from, int to, const char *name, const struct stat *stat) {
  char target[UP_PATH];
  ssize_t length = readlinkat(from, name, target, sizeof target - 1);
  if (length < 0)
    return -1;
  target[length] = '\0';
  const struct timespec times[2] = {stat->st_atim, stat->st_mtim};
  return symlinkat(target, to, name) || fchownat(to, name, stat->st_uid, stat->st_gid, AT_SYMLINK_NOFOLLOW) ||
                 utimensat(to, name, times, AT_SYMLINK_NOFOLLOW)
             ? -1
             : 0;
}

static int copy_data(int from, int to) {
  for (;;) {
    ssize_t copied = copy_file_range(from, NULL, to, NULL, 1 << 30, 0);
    if (copied <= 0)
      return (int)copied;
  }
}

int copy_entry(int from, int to, const char *name) {
  struct stat stat;
  if (fstatat(from, name, &stat, AT_SYMLINK_NOFOLLOW))
    return -1;
  if (S_ISLNK(stat.st_mode))
    return copy_symlink(from, to, name, &stat);
  if (!S_ISREG(stat.st_mode)) {
    errno = EINVAL;
    return -1;
  }
  int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  int out = in < 0 ? -1 : openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  int result = out < 0 || copy_data(in, out) || copy_metadata(in, out) ? -1 : 0;
  if (in >= 0)
    close(in);
  if (out >= 0)
    close(out);
  return result;
}
