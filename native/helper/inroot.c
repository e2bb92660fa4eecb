/*
 * Paths of the container's root filesystem. The image, and other containers through shared volumes, may put a
 * symlink anywhere and swap it at any time, so a path is resolved once, by the kernel, beneath the root's
 * descriptor, and then only descriptors are used (CVE-2021-30465, CVE-2024-45310).
 */
#include "helper.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define IN_ROOT (RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)

/* For exec the root is that of the mount namespace joined. */
int ts_need_root(struct ts_run *run) {
  if (run->root_fd < 0)
    run->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  return run->root_fd < 0 ? TS_FAILED(run, open) : 0;
}

int ts_resolve(struct ts_run *run, const char *path, uint64_t flags, uint64_t resolve) {
  if (ts_need_root(run))
    return -1;
  int fd = ts_openat2(run->root_fd, path, flags, 0, IN_ROOT | resolve);
  return fd < 0 ? TS_FAILED(run, openat2) : fd;
}

/* The length of `path` without its last component and trailing slashes; `last` gets that component. */
static size_t split(const char *path, const char **last, size_t *last_length) {
  size_t end = strlen(path);
  while (end > 0 && path[end - 1] == '/')
    end--;
  size_t start = end;
  while (start > 0 && path[start - 1] != '/')
    start--;
  *last = path + start;
  *last_length = end - start;
  return start;
}

/* Opens the folder of a path whose last component need not exist, and gives that component. */
int ts_open_parent(struct ts_run *run, const char *path, const char **last) {
  char parent[PATH_MAX];
  size_t last_length, length = split(path, last, &last_length);
  if (length >= sizeof parent || last_length == 0 || (*last)[last_length] || strcmp(*last, "..") == 0 ||
      strcmp(*last, ".") == 0)
    return TS_REFUSED(run, openat2, EINVAL);
  memcpy(parent, path, length);
  parent[length] = 0;
  return ts_resolve(run, length ? parent : "/", O_PATH | O_DIRECTORY, 0);
}

static int make_one(struct ts_run *run, int base, const char *path, size_t length, mode_t mode, uid_t uid,
                    gid_t gid, uint64_t resolve) {
  char parent[PATH_MAX], name[NAME_MAX + 1], prefix[PATH_MAX];
  const char *last;
  size_t last_length;
  if (length >= sizeof prefix)
    return TS_REFUSED(run, mkdirat, ENAMETOOLONG);
  memcpy(prefix, path, length);
  prefix[length] = 0;
  size_t parent_length = split(prefix, &last, &last_length);
  if (last_length > NAME_MAX)
    return TS_REFUSED(run, mkdirat, ENAMETOOLONG);
  memcpy(name, last, last_length);
  name[last_length] = 0;
  memcpy(parent, prefix, parent_length);
  parent[parent_length] = 0;

  TS_SCOPED_FD dir = ts_openat2(base, parent_length ? parent : ".", O_PATH | O_DIRECTORY, 0, resolve);
  if (dir < 0)
    return TS_FAILED(run, openat2);
  if (mkdirat(dir, name, mode))
    return errno == EEXIST ? 0 : TS_FAILED(run, mkdirat);
  if (uid == 0 && gid == 0)
    return 0;
  TS_SCOPED_FD made = ts_openat2(dir, name, O_RDONLY | O_DIRECTORY, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (made < 0)
    return TS_FAILED(run, openat2);
  return fchown(made, uid, gid) ? TS_FAILED(run, fchown) : 0;
}

/*
 * A folder and its missing parents beneath `base`. Each prefix is resolved anew, so an existing symlink
 * counts as what it means inside; the mkdir itself follows none. Returns an O_PATH descriptor of the folder.
 */
int ts_make_dirs(struct ts_run *run, int base, const char *path, mode_t mode, uid_t uid, gid_t gid,
                 uint64_t resolve) {
  const char *whole = path;
  while ((resolve & RESOLVE_BENEATH) && *whole == '/')
    whole++;
  if (!*whole)
    whole = ".";
  int fd = ts_openat2(base, whole, O_PATH | O_DIRECTORY, 0, resolve);
  if (fd >= 0)
    return fd;
  if (errno != ENOENT)
    return TS_FAILED(run, openat2);
  for (size_t i = 1; whole[i - 1]; i++) {
    if (whole[i] != '/' && whole[i] != 0)
      continue;
    /* The sticky bit and others' write permission are for the folder meant, not for the way to it; within a
       volume the way is the container's too (a kubelet gives all of a subPath one mode). */
    const mode_t here = whole[i] && !(resolve & RESOLVE_BENEATH) ? mode & 0755 : mode;
    if (whole[i - 1] != '/' && make_one(run, base, whole, i, here, uid, gid, resolve))
      return -1;
    if (!whole[i])
      break;
  }
  fd = ts_openat2(base, whole, O_PATH | O_DIRECTORY, 0, resolve);
  return fd < 0 ? TS_FAILED(run, openat2) : fd;
}

static int make_file(struct ts_run *run, const char *path, int depth) {
  char link[PATH_MAX], joined[2 * PATH_MAX];
  const char *last;
  size_t last_length, length = split(path, &last, &last_length);
  if (length >= PATH_MAX || last_length == 0 || depth > 8)
    return TS_REFUSED(run, openat2, depth > 8 ? ELOOP : EINVAL);
  memcpy(joined, path, length);
  joined[length] = 0;
  TS_SCOPED_FD dir = ts_make_dirs(run, run->root_fd, length ? joined : "/", 0755, 0, 0, IN_ROOT);
  if (dir < 0)
    return -1;
  int fd = openat(dir, last, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDONLY | O_CLOEXEC, 0644);
  if (fd >= 0 || errno != EEXIST)
    return fd < 0 ? TS_FAILED(run, open) : fd;
  /* It was not there but its name is: an image's dangling link (/etc/resolv.conf -> ../run/…). What it means
     inside the root is made, as if the link had been followed by the container itself. */
  ssize_t got = readlinkat(dir, last, link, sizeof link - 1);
  if (got < 0)
    return TS_FAILED(run, readlinkat);
  link[got] = 0;
  if (link[0] == '/')
    length = 0;
  memcpy(joined + length, link, (size_t)got + 1);
  return make_file(run, joined, depth + 1);
}

/* An O_PATH descriptor of a mount's target; a missing one becomes a folder or an empty file. */
int ts_make_target(struct ts_run *run, const char *path, int folder) {
  if (ts_need_root(run))
    return -1;
  if (folder)
    return ts_make_dirs(run, run->root_fd, path, 0755, 0, 0, IN_ROOT);
  int fd = ts_openat2(run->root_fd, path, O_PATH, 0, IN_ROOT);
  if (fd >= 0)
    return fd;
  if (errno != ENOENT)
    return TS_FAILED(run, openat2);
  return make_file(run, path, 0);
}

/* The null device that masks files must be the kernel's: an image may ship another thing under that name
   (CVE-2025-31133). */
int ts_open_null(struct ts_run *run, int flags) {
  struct stat st;
  int fd = ts_resolve(run, "/dev/null", (uint64_t)flags, RESOLVE_NO_SYMLINKS);
  if (fd < 0)
    return -1;
  if (fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
    return fd;
  close(fd);
  return TS_REFUSED(run, fstat, ENODEV);
}
