/* The layer's folder: resolving parents in it, and what is done when all entries are there. */
#include "unpack.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

enum { CHECK_EVERY = 32 << 20 };

int up_tree_open(struct up_tree *tree, int root, const struct up_limits *limits, struct up_failure *failure) {
  *tree = (struct up_tree){.root = root, .failure = failure, .limits = *limits, .dirs = up_dirs_new()};
  for (size_t i = 0; i < UP_CACHED; i++)
    tree->cache[i].fd = -1;
  /* The root is implied too, until an entry says what it is like. */
  const struct timespec times[2] = {{0}, {0}};
  return tree->dirs && up_dirs_put(tree->dirs, "", times, true) == 0 ? 0
                                                                     : up_fail(failure, "memory", "", ENOMEM);
}

void up_tree_close(struct up_tree *tree) {
  up_forget(tree);
  up_dirs_free(tree->dirs);
}

void up_forget(struct up_tree *tree) {
  for (size_t i = 0; i < UP_CACHED; i++) {
    if (tree->cache[i].fd >= 0)
      close(tree->cache[i].fd);
    tree->cache[i].fd = -1;
  }
  tree->stale = false;
}

/* What is removed may be a folder, or a symlink to one, that the cache holds open: it is emptied before the
 * next entry. */
int up_replace(struct up_tree *tree, int parent, const char *base) {
  tree->stale = true;
  return up_remove(parent, base);
}

bool up_is_whiteout(int parent, const char *base) {
  struct stat stat;
  return fstatat(parent, base, &stat, AT_SYMLINK_NOFOLLOW) == 0 && S_ISCHR(stat.st_mode) && stat.st_rdev == 0;
}

/* A new folder in the place of whatever is there. If that is a whiteout, the folder hides what lower layers
 * have. */
int up_make_folder(struct up_tree *tree, int parent, const char *base, mode_t mode) {
  if (mkdirat(parent, base, mode) == 0)
    return 0;
  if (errno != EEXIST)
    return -1;
  bool opaque = up_is_whiteout(parent, base);
  if (up_replace(tree, parent, base) || mkdirat(parent, base, mode))
    return -1;
  return opaque ? 1 : 0;
}

/* The parent of `path` itself is there; `path` is not a folder yet. */
static int imply(struct up_tree *tree, const char *path) {
  char above[UP_PATH];
  const char *slash = strrchr(path, '/');
  const char *base = slash ? slash + 1 : path;
  size_t length = slash ? (size_t)(slash - path) : 0;
  memcpy(above, path, length);
  above[length] = '\0';
  int parent = up_open(tree->root, above, O_RDONLY | O_DIRECTORY);
  if (parent < 0)
    return up_fail(tree->failure, "parent", path, errno);
  struct stat stat;
  int result = -1;
  if (fstatat(parent, base, &stat, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(stat.st_mode)) {
    up_fail(tree->failure, "through-symlink", path, 0);
  } else {
    int made = up_make_folder(tree, parent, base, 0755);
    int fd = made < 0 ? -1 : up_open(tree->root, path, O_RDONLY | O_DIRECTORY);
    const struct timespec times[2] = {{0}, {0}};
    if (fd < 0)
      up_fail(tree->failure, "mkdir", path, errno);
    else if (made == 1)
      result = up_set_opaque(tree, fd, path);
    else
      result =
          up_dirs_put(tree->dirs, path, times, true) ? up_fail(tree->failure, "many-folders", path, 0) : 0;
    if (fd >= 0)
      close(fd);
  }
  close(parent);
  return result;
}

/* Makes what is missing of `path`, from the top. */
static int imply_all(struct up_tree *tree, char *path) {
  for (char *at = path;; at++) {
    if (*at != '/' && *at != '\0')
      continue;
    bool last = *at == '\0';
    *at = '\0';
    int fd = up_open(tree->root, path, O_PATH | O_DIRECTORY);
    int result = fd >= 0 ? close(fd) : imply(tree, path);
    if (last || result)
      return result;
    *at = '/';
  }
}

static struct up_cached *oldest(struct up_tree *tree) {
  struct up_cached *found = &tree->cache[0];
  for (size_t i = 0; i < UP_CACHED; i++) {
    if (tree->cache[i].fd < 0)
      return &tree->cache[i];
    if (tree->cache[i].used < found->used)
      found = &tree->cache[i];
  }
  return found;
}

static struct up_cached *open_folder(struct up_tree *tree, const char *path, size_t length) {
  for (size_t i = 0; i < UP_CACHED; i++) {
    struct up_cached *cached = &tree->cache[i];
    if (cached->fd >= 0 && strncmp(cached->path, path, length) == 0 && cached->path[length] == '\0') {
      cached->used = ++tree->clock;
      return cached;
    }
  }
  char folder[UP_PATH];
  memcpy(folder, path, length);
  folder[length] = '\0';
  int fd = up_open(tree->root, folder, O_RDONLY | O_DIRECTORY);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
    if (imply_all(tree, folder))
      return NULL;
    fd = up_open(tree->root, folder, O_RDONLY | O_DIRECTORY);
  }
  struct stat stat;
  if (fd < 0 || fstat(fd, &stat)) {
    up_fail(tree->failure, "parent", folder, errno);
    return NULL;
  }
  struct up_cached *cached = oldest(tree);
  if (cached->fd >= 0)
    close(cached->fd);
  memcpy(cached->path, folder, length + 1);
  cached->fd = fd;
  cached->setgid = (stat.st_mode & S_ISGID) != 0;
  cached->used = ++tree->clock;
  return cached;
}

struct up_cached *up_parent(struct up_tree *tree, const char *path, const char **base) {
  const char *slash = strrchr(path, '/');
  *base = slash ? slash + 1 : path;
  return open_folder(tree, path, slash ? (size_t)(slash - path) : 0);
}

int up_check_room(struct up_tree *tree, const char *path) {
  if (tree->written - tree->written_checked < CHECK_EVERY)
    return 0;
  tree->written_checked = tree->written;
  struct statfs room;
  if (tree->limits.reserve == 0 || fstatfs(tree->root, &room))
    return 0;
  return (uint64_t)room.f_bavail * (uint64_t)room.f_bsize >= tree->limits.reserve
             ? 0
             : up_fail(tree->failure, "disk-reserve", path, ENOSPC);
}

int up_tree_finish(struct up_tree *tree) {
  const char *path;
  struct timespec times[2];
  bool implied;
  up_forget(tree);
  for (size_t cursor = 0; up_dirs_next(tree->dirs, &cursor, &path, times, &implied);) {
    /* What became something else meanwhile has its times already. */
    int fd = up_open(tree->root, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
      continue;
    if (fd < 0)
      return up_fail(tree->failure, "times", path, errno);
    if (implied)
      up_report("implied", &path, 1);
    int result = futimens(fd, times);
    close(fd);
    if (result)
      return up_fail(tree->failure, "times", path, errno);
  }
  return 0;
}
