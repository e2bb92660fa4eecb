/*
 * Removal of what lower layers have (OCI image spec, "Whiteouts"), in overlay's native form: ".wh.NAME"
 * becomes a character device 0:0, ".wh..wh..opq" an attribute of the folder. A layer's own entries stay, in
 * whatever order.
 */
#include "unpack.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define PREFIX ".wh."
#define OPAQUE ".wh..wh..opq"

int up_set_opaque(struct up_tree *tree, int fd, const char *path) {
  char absolute[UP_PATH + 1];
  if (fsetxattr(fd, "trusted.overlay.opaque", "y", 1, 0))
    return up_fail(tree->failure, "opaque", path, errno);
  (void)snprintf(absolute, sizeof absolute, "/%s", path);
  const char *field = absolute;
  up_report("opaque", &field, 1);
  return 0;
}

static int hide(struct up_tree *tree, struct up_cached *parent, const char *path, const char *name) {
  /* Nobody sees its time, but the same layer shall be the same tree. */
  const struct timespec times[2] = {{0}, {0}};
  if (mknodat(parent->fd, name, S_IFCHR | 0, 0) == 0)
    return utimensat(parent->fd, name, times, AT_SYMLINK_NOFOLLOW)
               ? up_fail(tree->failure, "times", path, errno)
               : 0;
  if (errno != EEXIST)
    return up_fail(tree->failure, "whiteout", path, errno);
  /* The layer has an entry of this name: it hides a file by itself, and a folder must not merge. */
  int fd = openat(parent->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return errno == ENOTDIR || errno == ELOOP ? 0 : up_fail(tree->failure, "whiteout", path, errno);
  char folder[UP_PATH];
  int above = (int)(strlen(path) - strlen(name) - strlen(PREFIX));
  (void)snprintf(folder, sizeof folder, "%.*s%s", above, path, name);
  int result = up_set_opaque(tree, fd, folder);
  close(fd);
  return result;
}

int up_whiteout(struct up_tree *tree, const char *path, const char *base) {
  const char *name = base + strlen(PREFIX);
  bool opaque = strcmp(base, OPAQUE) == 0;
  /* Other names of this kind are aufs' own bookkeeping. */
  if (!opaque && strncmp(name, PREFIX, strlen(PREFIX)) == 0)
    return 0;
  if (!opaque && (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0))
    return up_fail(tree->failure, "bad-whiteout", path, 0);
  struct up_cached *parent = up_parent(tree, path, &base);
  if (!parent)
    return -1;
  return opaque ? up_set_opaque(tree, parent->fd, parent->path) : hide(tree, parent, path, name);
}
