/* A user namespace of the pod: made with the holder, its ids shown by mounts (docs/adr/0023). */
#include "helper.h"
#include <errno.h>
#include <sys/fsuid.h>
#include <sys/stat.h>

/* One write(2) of one line: the kernel takes a map whole, and once. */
static int write_map(struct ts_run *run, int pid, const char *name, uint64_t first, uint64_t size) {
  char path[64] = {0}, line[64] = {0};
  const char *path_end = path + sizeof path - 1, *end = line + sizeof line - 1;
  char *at = ts_append_u64(ts_append(path, path_end, "/proc/"), path_end, (uint64_t)pid);
  ts_append(ts_append(at, path_end, "/"), path_end, name);
  at = ts_append_u64(ts_append(line, end, "0 "), end, first);
  at = ts_append(ts_append_u64(ts_append(at, end, " "), end, size), end, "\n");
  TS_SCOPED_FD fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return TS_FAILED(run, open);
  return write(fd, line, (size_t)(at - line)) == at - line ? 0 : TS_FAILED(run, write);
}

/*
 * The holder in a user namespace is a child of ours: only somebody outside may write its map of ids. By
 * CLONE_PARENT it is tspod's child, as it would be without, and we end. It waits for its map, since until
 * then it is nobody.
 */
int ts_op_clone_mapped(struct ts_run *run, const struct ts_op *op) {
  const uint64_t first = (uint64_t)op->field[1].number, size = (uint64_t)op->field[2].number;
  int ready[2], pid_here = 0;
  char byte = 'm';
  /* exit_signal is inherited with CLONE_PARENT, and must not be given. */
  struct ts_clone_args args = {.flags = op->field[0].mask | TS_CLONE_PARENT | TS_CLONE_PARENT_SETTID,
                               .parent_tid = (uintptr_t)&pid_here};
  if (pipe2(ready, O_CLOEXEC))
    return TS_FAILED(run, pipe);
  long pid = syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0)
    return TS_FAILED(run, clone3);
  if (pid > 0) {
    close(ready[0]);
    if (write_map(run, (int)pid, "uid_map", first, size) || write_map(run, (int)pid, "gid_map", first, size))
      return -1;
    ts_emit(run, TS_EVENT_CLONED, 0, pid);
    _exit(write(ready[1], &byte, 1) == 1 ? 0 : TS_EXIT_FAILED);
  }
  close(ready[1]);
  ssize_t got;
  while ((got = read(ready[0], &byte, 1)) < 0 && errno == EINTR)
    continue;
  close(ready[0]);
  /* Our parent has failed, and has said so. */
  if (got != 1)
    _exit(TS_EXIT_FAILED);
  run->parent_pid = getppid();
  return 0;
}

/* A device node needs no owner that the pod knows, and devtmpfs cannot show it another. */
int ts_op_id_map(struct ts_run *run, const struct ts_op *op) {
  const int mount = (int)op->field[0].number;
  struct stat st;
  if (fstat(mount, &st))
    return TS_FAILED(run, fstat);
  if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
    return 0;
  return ts_mount_id_map(mount, (int)op->field[1].number) ? TS_FAILED(run, mount_setattr) : 0;
}

/* setfsuid(2) reports no failure; asking for an impossible id tells what is in force. */
static int become(uid_t uid, gid_t gid) {
  setfsgid(gid);
  setfsuid(uid);
  return setfsuid((uid_t)-1) == (int)uid && setfsgid((gid_t)-1) == (int)gid ? 0 : -1;
}

/*
 * Whose new files are: an overlay does its work as who mounted it, and on an idmapped upper layer an id
 * without a place in the map can create nothing (EOVERFLOW).
 */
int ts_op_fs_user(struct ts_run *run, const struct ts_op *op) {
  if (become((uid_t)op->field[0].number, (gid_t)op->field[1].number))
    return TS_REFUSED(run, setfsuid, EPERM);
  /* Leaving 0 takes the capabilities that concern files out of the effective set. */
  return ts_raise_permitted() ? TS_FAILED(run, capset) : 0;
}
