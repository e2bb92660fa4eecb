/* Standard input, output and error of the container. Nothing of the host's changes hands or owner here. */
#include "helper.h"
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <termios.h>

static int send_fd(int socket, int fd) {
  char byte = 'T', control[CMSG_SPACE(sizeof(int))] = {0};
  struct iovec data = {.iov_base = &byte, .iov_len = 1};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

/* The master end, from the container's own devpts and nothing that merely has its name. */
static int open_master(struct ts_run *run) {
  struct statfs fs;
  struct stat st;
  int unlock = 0;
  int fd = ts_resolve(run, "/dev/pts/ptmx", O_RDWR | O_NOCTTY, RESOLVE_NO_SYMLINKS);
  if (fd < 0)
    return -1;
  if (fstatfs(fd, &fs) || fstat(fd, &st) || fs.f_type != TS_DEVPTS_SUPER_MAGIC ||
      st.st_rdev != makedev(5, 2)) {
    close(fd);
    return TS_REFUSED(run, fstatfs, ENODEV);
  }
  if (ioctl(fd, TIOCSPTLCK, &unlock)) {
    close(fd);
    return TS_FAILED(run, ioctl);
  }
  return fd;
}

static int bind_console(struct ts_run *run, int terminal) {
  const char *last;
  TS_SCOPED_FD dir = ts_open_parent(run, "/dev/console", &last);
  if (dir < 0)
    return -1;
  TS_SCOPED_FD made = openat(dir, last, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDONLY | O_CLOEXEC, 0600);
  if (made < 0 && errno != EEXIST)
    return TS_FAILED(run, open);
  /* What is there may be a link to elsewhere (CVE-2025-52565): none is followed. */
  TS_SCOPED_FD target = ts_resolve(run, "/dev/console", O_PATH, RESOLVE_NO_SYMLINKS);
  if (target < 0)
    return -1;
  TS_SCOPED_FD tree = ts_open_tree(terminal, "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
  if (tree < 0)
    return TS_FAILED(run, open_tree);
  return ts_move_mount(tree, target, "", MOVE_MOUNT_T_EMPTY_PATH) ? TS_FAILED(run, move_mount) : 0;
}

int ts_op_console(struct ts_run *run, const struct ts_op *op) {
  const int socket = op->field[0].number >= 0 ? (int)op->field[0].number : run->master_fd;
  struct winsize size = {.ws_row = (unsigned short)op->field[2].number,
                         .ws_col = (unsigned short)op->field[3].number};
  TS_SCOPED_FD master = open_master(run);
  if (master < 0)
    return -1;
  /* The peer by descriptor: a path to it could be swapped between the two opens. */
  TS_SCOPED_FD terminal = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0 || (size.ws_row && ioctl(master, TIOCSWINSZ, &size)))
    return TS_FAILED(run, ioctl);
  if (op->field[1].number && bind_console(run, terminal))
    return -1;
  if (send_fd(socket, master))
    return TS_FAILED(run, sendmsg);
  if (setsid() < 0 && getsid(0) != getpid())
    return TS_FAILED(run, setsid);
  if (ioctl(terminal, TIOCSCTTY, 0))
    return TS_FAILED(run, ioctl);
  for (int fd = 0; fd <= 2; fd++)
    if (dup2(terminal, fd) < 0)
      return TS_FAILED(run, dup2);
  run->terminal = run->own_stdio = 1;
  return 0;
}

int ts_op_stdin_null(struct ts_run *run, const struct ts_op *op) {
  (void)op;
  /* Not waiting for a writer, should the container have put a pipe of its own there. */
  TS_SCOPED_FD null = ts_open_null(run, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (null < 0)
    return -1;
  if (fcntl(null, F_SETFL, 0))
    return TS_FAILED(run, fcntl);
  return dup2(null, 0) < 0 ? TS_FAILED(run, dup2) : 0;
}

int ts_op_chown_stdio(struct ts_run *run, const struct ts_op *op) {
  struct stat st;
  /* What stage 1 was started with belongs to the host or to the user of the command. */
  if (!run->own_stdio)
    return 0;
  for (int fd = 0; fd <= 2; fd++) {
    if (fstat(fd, &st))
      return TS_FAILED(run, fstat);
    if (!S_ISFIFO(st.st_mode) && !(run->terminal && S_ISCHR(st.st_mode) && major(st.st_rdev) >= 136))
      continue; /* /dev/null stays root's: it may be shared (runc's and crun's old bug) */
    if (fchown(fd, (uid_t)op->field[0].number, run->terminal ? (gid_t)-1 : (gid_t)op->field[1].number))
      return TS_FAILED(run, fchown);
  }
  return 0;
}
