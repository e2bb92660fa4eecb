/* Mounts upon root paths: made detached, given their attributes, then moved onto the target's descriptor. */
#include "helper.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

static int attach(struct ts_run *run, int mount, int target) {
  return ts_move_mount(mount, target, "", MOVE_MOUNT_T_EMPTY_PATH) ? TS_FAILED(run, move_mount) : 0;
}

/* A new, detached filesystem. `options` are `count` texts, "key=value" or "flag". */
static int make_fs(struct ts_run *run, const char *type, unsigned attrs, const char *options, size_t count) {
  char key[256];
  TS_SCOPED_FD fs = ts_fsopen(type);
  if (fs < 0)
    return TS_FAILED(run, fsopen);
  for (size_t i = 0; i < count; i++, options = ts_list_next(options)) {
    const char *equals = strchr(options, '=');
    size_t length = equals ? (size_t)(equals - options) : strlen(options);
    run->detail = (int64_t)i;
    if (length >= sizeof key)
      return TS_REFUSED(run, fsconfig, EINVAL);
    memcpy(key, options, length);
    key[length] = 0;
    if (ts_fsconfig(fs, equals ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, key, equals ? equals + 1 : NULL))
      return TS_FAILED(run, fsconfig);
  }
  run->detail = -1;
  if (ts_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL))
    return TS_FAILED(run, fsconfig);
  run->detail = 0;
  int fd = ts_fsmount(fs, attrs);
  return fd < 0 ? TS_FAILED(run, fsmount) : fd;
}

static int keep_procfs(struct ts_run *run, int fd) {
  struct statfs st;
  if (fstatfs(fd, &st))
    return TS_FAILED(run, fstatfs);
  if (st.f_type != TS_PROC_SUPER_MAGIC)
    return TS_REFUSED(run, fstatfs, ENODEV);
  if (run->proc_fd >= 0)
    close(run->proc_fd);
  run->proc_fd = fcntl(fd, F_DUPFD_CLOEXEC, TS_FD_FIRST);
  return run->proc_fd < 0 ? TS_FAILED(run, fcntl) : 0;
}

int ts_op_fs(struct ts_run *run, const struct ts_op *op) {
  const struct ts_field *f = op->field;
  /* A tmpfs may sit where an image's link points to, inside the root. The kernel's own filesystems may not:
     masks, read-only paths and the program itself believe in /proc and /sys by name (CVE-2019-19921,
     CVE-2023-27561). */
  const uint64_t links = strcmp(f[0].text, "tmpfs") == 0 ? 0 : RESOLVE_NO_SYMLINKS;
  if (ts_need_root(run))
    return -1;
  TS_SCOPED_FD target =
      ts_make_dirs(run, run->root_fd, f[1].text, 0755, 0, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | links);
  if (target < 0)
    return -1;
  TS_SCOPED_FD mount = make_fs(run, f[0].text, (unsigned)f[2].number, f[3].text, f[3].length);
  if (mount < 0)
    return -1;
  if (strcmp(f[0].text, "proc") == 0 && keep_procfs(run, mount))
    return -1;
  return attach(run, mount, target);
}

int ts_op_procfs(struct ts_run *run, const struct ts_op *op) {
  (void)op;
  TS_SCOPED_FD mount =
      make_fs(run, "proc", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, NULL, 0);
  return mount < 0 ? -1 : keep_procfs(run, mount);
}

/* The part of a volume that `subPath` names; a folder that is missing may be made, with the volume's own mode
   as a kubelet does it: who may write to the volume may write to its part. Neither can lead out of the volume
   (CVE-2017-1002101, CVE-2021-25741). */
static int open_sub_path(struct ts_run *run, int volume, const char *sub_path, int create) {
  const uint64_t inside = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  struct stat st;
  int fd = ts_openat2(volume, sub_path, O_PATH, 0, inside);
  if (fd >= 0)
    return fd;
  if (errno != ENOENT || !create)
    return TS_FAILED(run, openat2);
  if (fstat(volume, &st))
    return TS_FAILED(run, fstat);
  return ts_make_dirs(run, volume, sub_path, st.st_mode & 01777, 0, 0, inside);
}

/* A detached copy of the mounts at a source; `f` are its path, subPath and whether to make that. */
static int clone_source(struct ts_run *run, const struct ts_field *f, unsigned deep) {
  TS_SCOPED_FD volume = open(f[0].text, O_PATH | O_CLOEXEC);
  if (volume < 0)
    return TS_FAILED(run, open);
  TS_SCOPED_FD part = f[1].length ? open_sub_path(run, volume, f[1].text, (int)f[2].number) : -1;
  if (f[1].length && part < 0)
    return -1;
  int tree = ts_open_tree(part >= 0 ? part : volume, "", OPEN_TREE_CLONE | deep | AT_EMPTY_PATH);
  return tree < 0 ? TS_FAILED(run, open_tree) : tree;
}

/* Done before `propagation` cuts the ties: the copy stays in the peer group of the host's mount, so what is
   mounted in either appears in the other. */
int ts_op_tree(struct ts_run *run, const struct ts_op *op) {
  const struct ts_field *f = op->field;
  TS_SCOPED_FD tree = clone_source(run, f + 1, f[4].number ? AT_RECURSIVE : 0);
  if (tree < 0)
    return -1;
  /* The number is the plan's, above all that is in use. */
  return dup3(tree, (int)f[0].number, O_CLOEXEC) < 0 ? TS_FAILED(run, dup2) : 0;
}

/* A volume upon /proc or a folder of it would stand between the container and what masks and read-only paths
   protect there (CVE-2019-16884, CVE-2023-28642). A single file (lxcfs gives /proc/meminfo) does not. Upon
   the root, where a link of the image can lead, it would never be seen: lookups begin below it. */
static int refuse_place(struct ts_run *run, int target, int folder) {
  struct statfs fs;
  struct stat here, root;
  if (fstatfs(target, &fs))
    return TS_FAILED(run, fstatfs);
  if (fstat(target, &here) || fstat(run->root_fd, &root))
    return TS_FAILED(run, fstat);
  const int procfs = fs.f_type == TS_PROC_SUPER_MAGIC && S_ISDIR(here.st_mode);
  const int itself = here.st_dev == root.st_dev && here.st_ino == root.st_ino;
  if (procfs || itself)
    return TS_REFUSED(run, move_mount, EPERM);
  /* The kernel's own answer is EINVAL, which says nothing. */
  return !folder && S_ISDIR(here.st_mode) ? TS_REFUSED(run, move_mount, EISDIR) : 0;
}

int ts_op_bind(struct ts_run *run, const struct ts_op *op) {
  const struct ts_field *f = op->field;
  const unsigned deep = f[4].number ? AT_RECURSIVE : 0, attrs_deep = f[8].number ? AT_RECURSIVE : 0;
  const uint64_t propagation = (uint64_t)f[7].number & (MS_PRIVATE | MS_SLAVE | MS_SHARED | MS_UNBINDABLE);
  struct stat st;
  TS_SCOPED_FD tree = f[9].number >= 0 ? (int)f[9].number : clone_source(run, f, deep);
  if (tree < 0)
    return -1;
  if (fstat(tree, &st))
    return TS_FAILED(run, fstat);
  if ((f[5].mask || f[6].mask) &&
      ts_mount_setattr(tree, "", AT_EMPTY_PATH | attrs_deep, f[5].mask, f[6].mask, 0))
    return TS_FAILED(run, mount_setattr);
  if (propagation && ts_mount_setattr(tree, "", AT_EMPTY_PATH | deep, 0, 0, propagation))
    return TS_FAILED(run, mount_setattr);
  TS_SCOPED_FD target = ts_make_target(run, f[3].text, S_ISDIR(st.st_mode));
  if (target < 0 || refuse_place(run, target, S_ISDIR(st.st_mode)))
    return -1;
  return attach(run, tree, target);
}

/* A path that is not there needs neither mask nor protection; 1 says so. */
static int open_if_there(struct ts_run *run, const char *path, int *fd) {
  *fd = ts_resolve(run, path, O_PATH, 0);
  if (*fd >= 0)
    return 0;
  return errno == ENOENT || errno == ENOTDIR ? 1 : -1;
}

static int mask_source(struct ts_run *run, int folder) {
  int *source = folder ? &run->mask_fd : &run->null_fd;
  if (*source < 0 && folder) {
    *source = make_fs(run, "tmpfs",
                      MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, NULL, 0);
  } else if (*source < 0) {
    *source = ts_open_null(run, O_PATH);
  }
  if (*source < 0)
    return -1;
  int tree = ts_open_tree(*source, "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
  return tree < 0 ? TS_FAILED(run, open_tree) : tree;
}

int ts_op_mask(struct ts_run *run, const struct ts_op *op) {
  int fd;
  struct stat st;
  int there = open_if_there(run, op->field[0].text, &fd);
  TS_SCOPED_FD target = fd;
  if (there)
    return there < 0 ? -1 : 0;
  if (fstat(target, &st))
    return TS_FAILED(run, fstat);
  TS_SCOPED_FD cover = mask_source(run, S_ISDIR(st.st_mode));
  return cover < 0 ? -1 : attach(run, cover, target);
}

int ts_op_readonly(struct ts_run *run, const struct ts_op *op) {
  int fd;
  int there = open_if_there(run, op->field[0].text, &fd);
  TS_SCOPED_FD target = fd;
  if (there)
    return there < 0 ? -1 : 0;
  TS_SCOPED_FD tree = ts_open_tree(target, "", OPEN_TREE_CLONE | AT_EMPTY_PATH | AT_RECURSIVE);
  if (tree < 0)
    return TS_FAILED(run, open_tree);
  if (ts_mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, MOUNT_ATTR_RDONLY, 0, 0))
    return TS_FAILED(run, mount_setattr);
  return attach(run, tree, target);
}
