/*
 * A layer may name a folder only through what it has beneath it, and then means the folder as the layers
 * below have it; and it may hold a hardlink to a file that only they have, which is then brought into the
 * layer, as overlay's copy-up would. Both need the finished layers below, which the unpacker, shut in its
 * folder, cannot see.
 */
#include "complete.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECORDS = 64 << 20 };

static const char *split(const char *path, char above[UP_PATH]) {
  const char *slash = strrchr(path, '/');
  size_t length = slash ? (size_t)(slash - path) : 0;
  memcpy(above, path, length);
  above[length] = '\0';
  return slash ? slash + 1 : path;
}

/* A folder that the layers below do not have either stays as it was made. */
static int adopt(int root, char **lowers, const char *path) {
  char above[UP_PATH] = "";
  bool is_root = strcmp(path, "/") == 0;
  const char *base = is_root ? "." : split(path, above);
  int parent;
  if (is_root && *lowers)
    parent = open(*lowers, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  else if (is_root || lower_find(lowers, path, &parent))
    return 0;
  int from = openat(parent, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  close(parent);
  if (from < 0)
    return errno == ENOTDIR || errno == ELOOP ? 0 : -1;
  int to = up_open(root, is_root ? "" : path, O_RDONLY | O_DIRECTORY);
  int result = to < 0 ? -1 : copy_metadata(from, to);
  close(from);
  if (to >= 0)
    close(to);
  return result;
}

/* The folders above `path`, as the layers below have them. */
static int make_parents(int root, char **lowers, const char *path) {
  char folder[UP_PATH];
  for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
    char above[UP_PATH];
    memcpy(folder, path, (size_t)(slash - path));
    folder[slash - path] = '\0';
    const char *base = split(folder, above);
    int parent = up_open(root, above, O_RDONLY | O_DIRECTORY);
    int made = parent < 0 ? -1 : mkdirat(parent, base, 0755);
    int error = errno;
    if (parent >= 0)
      close(parent);
    if (made && error != EEXIST)
      return -1;
    if (made == 0 && adopt(root, lowers, folder))
      return -1;
  }
  return 0;
}

/* Changes a folder's entries without changing its times. */
static int keeping_times(int folder, int result, const struct stat *before) {
  const struct timespec times[2] = {before->st_atim, before->st_mtim};
  return futimens(folder, times) || result ? -1 : 0;
}

static int bring(int root, char **lowers, const char *target) {
  char above[UP_PATH];
  const char *base = split(target, above);
  int from, to;
  struct stat before = {0};
  if (lower_find(lowers, target, &from)) {
    errno = ENOENT;
    return -1;
  }
  to = make_parents(root, lowers, target) ? -1 : up_open(root, above, O_RDONLY | O_DIRECTORY);
  int result = to < 0 || fstat(to, &before) ? -1 : copy_entry(from, to, base);
  if (result && errno == EEXIST)
    result = 0;
  if (to >= 0 && before.st_nlink > 0)
    result = keeping_times(to, result, &before);
  close(from);
  if (to >= 0)
    close(to);
  return result;
}

static int link_lower(int root, char **lowers, const char *path, const char *target) {
  char above[UP_PATH];
  struct stat before = {0};
  const char *base = split(path, above);
  if (bring(root, lowers, target))
    return -1;
  int file = up_open(root, target, O_PATH | O_NOFOLLOW);
  int folder = up_open(root, above, O_RDONLY | O_DIRECTORY);
  int result =
      file < 0 || folder < 0 || fstat(folder, &before) ? -1 : linkat(file, "", folder, base, AT_EMPTY_PATH);
  if (folder >= 0 && before.st_nlink > 0)
    result = keeping_times(folder, result, &before);
  if (file >= 0)
    close(file);
  if (folder >= 0)
    close(folder);
  return result;
}

static int failed(const char *path, int error) {
  char number[16];
  (void)snprintf(number, sizeof number, "%d", error);
  const char *fields[] = {"complete", path, number};
  up_report("fail", fields, 3);
  up_report_flush();
  return 1;
}

static char *read_records(size_t *size) {
  char *records = malloc(RECORDS);
  *size = 0;
  for (ssize_t got = 1; records && got > 0; *size += (size_t)got)
    if (*size == RECORDS || (got = read(UP_FD_BLOB, records + *size, RECORDS - *size)) < 0)
      return NULL;
  return records && *size > 0 && records[*size - 1] == '\0' ? records : NULL;
}

int up_complete(int count, char **arguments) {
  char **lowers = arguments + 1;
  size_t size;
  char *records = read_records(&size);
  int root = count > 0 ? open(arguments[0], O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
  if (!records || root < 0)
    return failed("", errno);
  umask(0);
  /* "implied" PATH "" or "lower-link" PATH TARGET "" */
  for (const char *at = records; at < records + size;) {
    const char *path = at + strlen(at) + 1;
    const char *target = path + strlen(path) + 1;
    bool is_link = strcmp(at, "lower-link") == 0;
    if (is_link ? link_lower(root, lowers, path, target) : adopt(root, lowers, path))
      return failed(path, errno);
    at = target + (is_link ? strlen(target) + 1 : 0) + 1;
  }
  free(records);
  up_report("done", NULL, 0);
  return up_report_flush();
}
