#include "unpack.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEEPEST = 2048 };

/* Depth is bounded, so that folders nested by a hostile layer cannot use up descriptors or the stack. */
static int remove_at(int parent, const char *base, int depth) {
  if (unlinkat(parent, base, 0) == 0 || errno == ENOENT)
    return 0;
  if (errno != EISDIR && errno != EPERM)
    return -1;
  if (depth == DEEPEST) {
    errno = ELOOP;
    return -1;
  }
  int fd = openat(parent, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir(fd);
  if (!dir)
    return -1;
  int result = 0;
  for (struct dirent *entry; result == 0 && (entry = readdir(dir));)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      result = remove_at(fd, entry->d_name, depth + 1);
  closedir(dir);
  return result ? -1 : unlinkat(parent, base, AT_REMOVEDIR);
}

int up_remove(int parent, const char *base) {
  return remove_at(parent, base, 0);
}
