/* Operations on the root filesystem other than mounts upon root paths. */
#include "helper.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

int ts_op_propagation(struct ts_run *run, const struct ts_op *op) {
  return ts_mount(NULL, "/", NULL, (unsigned long)op->field[0].number, NULL) ? TS_FAILED(run, mount) : 0;
}

int ts_op_mount(struct ts_run *run, const struct ts_op *op) {
  const struct ts_field *f = op->field;
  return ts_mount(f[0].text, f[1].text, f[2].text, (unsigned long)f[3].number, f[4].length ? f[4].text : NULL)
             ? TS_FAILED(run, mount)
             : 0;
}

int ts_op_root(struct ts_run *run, const struct ts_op *op) {
  int fd = open(op->field[0].text, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return TS_FAILED(run, open);
  if (run->root_fd >= 0)
    close(run->root_fd);
  run->root_fd = fd;
  return 0;
}

int ts_op_root_attr(struct ts_run *run, const struct ts_op *op) {
  if (ts_need_root(run))
    return -1;
  return ts_mount_setattr(run->root_fd, "", AT_EMPTY_PATH, op->field[0].mask, 0, 0)
             ? TS_FAILED(run, mount_setattr)
             : 0;
}

int ts_op_mkdir(struct ts_run *run, const struct ts_op *op) {
  if (ts_need_root(run))
    return -1;
  TS_SCOPED_FD fd = ts_make_dirs(run, run->root_fd, op->field[0].text, (mode_t)op->field[1].number, 0, 0,
                                 RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  return fd < 0 ? -1 : 0;
}

/* mknodat follows no symlink in its last component, and the folder is a descriptor: CVE-2026-41579's way out
   through a /dev that is a link does not exist. */
int ts_op_dev(struct ts_run *run, const struct ts_op *op) {
  const struct ts_field *f = op->field;
  const dev_t device = makedev((unsigned)f[2].number, (unsigned)f[3].number);
  const mode_t kind = ((mode_t)f[1].number & S_IFMT) == S_IFBLK ? S_IFBLK : S_IFCHR;
  const char *last;
  struct stat st;
  TS_SCOPED_FD dir = ts_open_parent(run, f[0].text, &last);
  if (dir < 0)
    return -1;
  if (mknodat(dir, last, kind | ((mode_t)f[1].number & 07777), device) == 0)
    return 0;
  const int error = errno;
  if (error == EEXIST && fstatat(dir, last, &st, AT_SYMLINK_NOFOLLOW) == 0 && (st.st_mode & S_IFMT) == kind &&
      st.st_rdev == device)
    return 0;
  return TS_REFUSED(run, mknodat, error);
}

int ts_op_symlink(struct ts_run *run, const struct ts_op *op) {
  const char *last;
  TS_SCOPED_FD dir = ts_open_parent(run, op->field[0].text, &last);
  if (dir < 0)
    return -1;
  return symlinkat(op->field[1].text, dir, last) ? TS_FAILED(run, symlinkat) : 0;
}

/* pivot_root(2)'s "." form needs no folder for the old root: it lands upon the new one and is detached. */
int ts_op_pivot(struct ts_run *run, const struct ts_op *op) {
  (void)op;
  TS_SCOPED_FD old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (old < 0)
    return TS_FAILED(run, open);
  if (fchdir(run->root_fd))
    return TS_FAILED(run, fchdir);
  if (syscall(SYS_pivot_root, ".", "."))
    return TS_FAILED(run, pivot_root);
  if (fchdir(old))
    return TS_FAILED(run, fchdir);
  /* Whatever propagation the plan chose, the detaching must not travel to the host. */
  if (ts_mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL))
    return TS_FAILED(run, mount);
  if (ts_umount2(".", 2 /* MNT_DETACH */))
    return TS_FAILED(run, umount2);
  return chdir("/") ? TS_FAILED(run, fchdir) : 0;
}
