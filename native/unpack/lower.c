/* What the layers beneath have at a path, as overlay would show it. They are complete and nobody changes
 * them. */
#include "complete.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static bool is_opaque(int folder) {
  char value[2];
  return fgetxattr(folder, "trusted.overlay.opaque", value, sizeof value) == 1 && value[0] == 'y';
}

/*
 * One layer: 1 and the parent's descriptor when it has the path; 0 when the layers beneath may have it; -1
 * when it hides them. No component is followed if it is a symlink.
 */
static int look(const char *layer, const char *path, int *parent) {
  int at = open(layer, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool hides = false;
  while (at >= 0) {
    const char *slash = strchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : strlen(path);
    char name[UP_PATH];
    struct stat stat;
    memcpy(name, path, length);
    name[length] = '\0';
    hides = hides || is_opaque(at);
    if (fstatat(at, name, &stat, AT_SYMLINK_NOFOLLOW)) {
      close(at);
      return hides ? -1 : 0;
    }
    bool whiteout = S_ISCHR(stat.st_mode) && stat.st_rdev == 0;
    if (whiteout || (slash && !S_ISDIR(stat.st_mode))) {
      close(at);
      return -1;
    }
    if (!slash) {
      *parent = at;
      return 1;
    }
    int next = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    close(at);
    at = next;
    path = slash + 1;
  }
  return -1;
}

int lower_find(char **lowers, const char *path, int *parent) {
  for (; *lowers; lowers++) {
    int found = look(*lowers, path, parent);
    if (found != 0)
      return found > 0 ? 0 : -1;
  }
  return -1;
}
