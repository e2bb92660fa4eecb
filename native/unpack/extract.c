/* One entry of the archive becomes one entry of the folder. */
#include "unpack.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int folder(struct up_tree *tree, const struct up_entry *entry, struct up_cached *parent,
                  const char *base) {
  bool fresh = *base && mkdirat(parent->fd, base, entry->mode & 0777) == 0;
  if (*base && !fresh && errno != EEXIST)
    return up_fail(tree->failure, "mkdir", entry->path, errno);
  const char *name = *base ? base : ".";
  int made = 0;
  int fd = openat(parent->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 && (errno == ENOTDIR || errno == ELOOP)) {
    made = up_make_folder(tree, parent->fd, base, entry->mode & 0777);
    fd = made < 0 ? -1 : openat(parent->fd, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  }
  if (fd < 0)
    return up_fail(tree->failure, "mkdir", entry->path, errno);
  int result = made == 1 ? up_set_opaque(tree, fd, entry->path) : 0;
  if (result == 0)
    result = up_metadata(tree, entry, parent, fd, base, fresh);
  close(fd);
  /* A cached descriptor knows whether the folder was setgid before. */
  if (!fresh)
    tree->stale = true;
  return result;
}

/* Runs `make` and, if something is in the way, removes that and runs it again. */
#define REPLACING(tree, parent, base, make)                                                                  \
  ((make) == 0 ? 0 : errno != EEXIST || up_replace(tree, (parent)->fd, base) ? -1 : (make))

static int special(struct up_tree *tree, const struct up_entry *entry, struct up_cached *parent,
                   const char *base) {
  mode_t mode = entry->mode;
  dev_t device = 0;
  if (entry->type == '6') {
    mode |= S_IFIFO;
  } else {
    mode |= entry->type == '3' ? S_IFCHR : S_IFBLK;
    device = makedev(entry->major, entry->minor);
    /* overlay's whiteout: the only way to hide lower files is the one that the image spec names. */
    if (entry->type == '3' && device == 0)
      return up_fail(tree->failure, "overlay-device", entry->path, 0);
  }
  if (REPLACING(tree, parent, base, mknodat(parent->fd, base, mode, device)))
    return up_fail(tree->failure, "create", entry->path, errno);
  return up_metadata(tree, entry, parent, -1, base, false);
}

static int symlink_entry(struct up_tree *tree, const struct up_entry *entry, struct up_cached *parent,
                         const char *base) {
  if (REPLACING(tree, parent, base, symlinkat(entry->link, parent->fd, base)))
    return up_fail(tree->failure, "create", entry->path, errno);
  return up_metadata(tree, entry, parent, -1, base, false);
}

/* The file that a hardlink names, without following it; -1 with errno. */
static int find_target(struct up_tree *tree, const char *link, struct stat *stat) {
  int fd = up_open(tree->root, link, O_PATH | O_NOFOLLOW);
  if (fd >= 0 && fstat(fd, stat) == 0)
    return fd;
  if (fd >= 0)
    close(fd);
  return -1;
}

static int hardlink(struct up_tree *tree, const struct up_entry *entry, struct up_cached *parent,
                    const char *base) {
  struct stat target, here;
  int fd = *entry->link ? find_target(tree, entry->link, &target) : -1;
  if (fd < 0 && *entry->link && (errno == ENOENT || errno == ENOTDIR)) {
    const char *fields[] = {entry->path, entry->link};
    if (up_replace(tree, parent->fd, base))
      return up_fail(tree->failure, "replace", entry->path, errno);
    up_report("lower-link", fields, 2);
    return 0;
  }
  if (fd < 0)
    return up_fail(tree->failure, "bad-link", entry->path, errno);
  bool whiteout = S_ISCHR(target.st_mode) && target.st_rdev == 0;
  bool same = fstatat(parent->fd, base, &here, AT_SYMLINK_NOFOLLOW) == 0 && here.st_ino == target.st_ino &&
              here.st_dev == target.st_dev;
  int result = 0;
  if (S_ISDIR(target.st_mode) || whiteout)
    result = up_fail(tree->failure, "bad-link", entry->path, 0);
  else if (!same && REPLACING(tree, parent, base, linkat(fd, "", parent->fd, base, AT_EMPTY_PATH)))
    result = up_fail(tree->failure, "create", entry->path, errno);
  close(fd);
  return result;
}

int up_extract(struct up_tree *tree, struct up_tar *tar) {
  const struct up_entry *entry = &tar->entry;
  const char *slash = strrchr(entry->path, '/');
  const char *base = slash ? slash + 1 : entry->path;
  if (tree->stale)
    up_forget(tree);
  if (++tree->entries > tree->limits.entries)
    return up_fail(tree->failure, "many-entries", entry->path, 0);
  if (strncmp(base, ".wh.", 4) == 0)
    return up_whiteout(tree, entry->path, base);
  if (*base == '\0' && entry->type != '5')
    return up_fail(tree->failure, "bad-root", entry->path, 0);
  struct up_cached *parent = up_parent(tree, entry->path, &base);
  if (!parent)
    return -1;
  switch (entry->type) {
  case '0':
    return up_write_file(tree, tar, parent, base);
  case '1':
    return hardlink(tree, entry, parent, base);
  case '2':
    return symlink_entry(tree, entry, parent, base);
  case '5':
    return folder(tree, entry, parent, base);
  default:
    return special(tree, entry, parent, base);
  }
}
