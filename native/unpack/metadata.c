/* Owner, mode, attributes and times of an entry, in the order in which they do not undo one another. */
#include "unpack.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static bool starts(const char *name, const char *prefix) {
  return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Labels of another host's security modules, and of other file systems: restoring them would be wrong or
 * impossible. */
static bool is_foreign(const char *name) {
  return strcmp(name, "security.selinux") == 0 || strcmp(name, "security.ima") == 0 ||
         strcmp(name, "security.evm") == 0 || strcmp(name, "system.nfs4_acl") == 0 ||
         starts(name, "security.SMACK64");
}

static void dropped(const char *path, const char *name) {
  const char *fields[] = {path, name};
  up_report("dropped", fields, 2);
}

static int xattr(struct up_tree *tree, const struct up_entry *entry, const struct up_xattr *xattr,
                 const struct up_cached *parent, int fd, const char *base) {
  /* A layer that could set overlay's own marks could redirect a lookup to any path of the lower layers. */
  if (starts(xattr->name, "trusted.overlay.") || starts(xattr->name, "user.overlay."))
    return up_fail(tree->failure, "overlay-xattr", entry->path, 0);
  if (is_foreign(xattr->name)) {
    dropped(entry->path, xattr->name);
    return 0;
  }
  /* There is no setxattrat(2) everywhere yet: one component below the working directory cannot lead anywhere.
   */
  int result = fd >= 0              ? fsetxattr(fd, xattr->name, xattr->value, xattr->size, 0)
               : fchdir(parent->fd) ? -1
                                    : lsetxattr(base, xattr->name, xattr->value, xattr->size, 0);
  if (result == 0)
    return 0;
  bool harmless = starts(xattr->name, "user.") && (errno == EOPNOTSUPP || errno == EPERM);
  if (!harmless)
    return up_fail(tree->failure, "xattr", entry->path, errno);
  dropped(entry->path, xattr->name);
  return 0;
}

int up_metadata(struct up_tree *tree, const struct up_entry *entry, struct up_cached *parent, int fd,
                const char *base, bool fresh) {
  const struct timespec times[2] = {entry->atime, entry->mtime};
  bool owned = fresh && entry->uid == 0 && entry->gid == 0 && !parent->setgid;
  if (fd >= 0) {
    if (!owned && fchown(fd, entry->uid, entry->gid))
      return up_fail(tree->failure, "owner", entry->path, errno);
    /* chown clears setuid, and a folder below a setgid folder is born with that bit. */
    if ((!owned || (entry->mode & 07000)) && fchmod(fd, entry->mode))
      return up_fail(tree->failure, "mode", entry->path, errno);
  } else {
    if (!owned && fchownat(parent->fd, base, entry->uid, entry->gid, AT_SYMLINK_NOFOLLOW))
      return up_fail(tree->failure, "owner", entry->path, errno);
    if (entry->type != '2' && fchmodat(parent->fd, base, entry->mode, 0))
      return up_fail(tree->failure, "mode", entry->path, errno);
  }
  for (size_t i = 0; i < entry->xattr_count; i++)
    if (xattr(tree, entry, &entry->xattrs[i], parent, fd, base))
      return -1;
  if (entry->type == '5')
    return up_dirs_put(tree->dirs, entry->path, times, false)
               ? up_fail(tree->failure, "many-folders", entry->path, 0)
               : 0;
  int result = fd >= 0 ? futimens(fd, times) : utimensat(parent->fd, base, times, AT_SYMLINK_NOFOLLOW);
  return result ? up_fail(tree->failure, "times", entry->path, errno) : 0;
}
