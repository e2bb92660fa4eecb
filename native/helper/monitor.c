/* Stage 1 of a container: pumps its output into the log, records its exit, holds its terminal. */
#include "helper.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

static const char *const names[2] = {"stdout", "stderr"};
struct stream {
  const char *name;
  int fd;
  size_t used;
  char text[TS_LINE_MAX + 1]; /* one more, to see whether a line of full length ends there */
};
static struct stream streams[2];

static void close_stream(struct ts_log *log, struct stream *stream) {
  /* A last line without its newline is a part, as containerd writes it. */
  if (stream->used)
    ts_log_record(log, stream->name, 'P', stream->text, stream->used);
  stream->used = 0;
  close(stream->fd);
  stream->fd = -1;
}

/* Turns whole lines of the buffer into records; a buffer full of one line becomes a part, so memory is
 * constant. */
static void cut_lines(struct ts_log *log, struct stream *stream) {
  char *line = stream->text, *end = stream->text + stream->used, *newline;
  while ((newline = memchr(line, '\n', (size_t)(end - line))) != NULL) {
    ts_log_record(log, stream->name, 'F', line, (size_t)(newline - line));
    line = newline + 1;
  }
  stream->used = (size_t)(end - line);
  if (stream->used == sizeof stream->text) {
    ts_log_record(log, stream->name, 'P', line, TS_LINE_MAX);
    line += TS_LINE_MAX;
    stream->used -= TS_LINE_MAX;
  }
  if (line != stream->text)
    memmove(stream->text, line, stream->used);
}

/* One read: its size, 0 when there is nothing now, -1 when the stream has ended. */
static ssize_t pump(struct ts_log *log, struct stream *stream) {
  ssize_t got = read(stream->fd, stream->text + stream->used, sizeof stream->text - stream->used);
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return 0;
  if (got <= 0) {
    close_stream(log, stream);
    return -1;
  }
  ts_attach_output(stream == &streams[0] ? 1 : 2, stream->text + stream->used, (size_t)got);
  stream->used += (size_t)got;
  cut_lines(log, stream);
  return got;
}

/* What was written before the exit is at most what the pipe holds. More may come for ever, from processes
   that inherited the descriptor; they are not waited for. */
static void drain(struct ts_log *log, struct stream *stream) {
  if (stream->fd < 0)
    return;
  int left = fcntl(stream->fd, F_GETPIPE_SZ);
  left = left < 0 ? 65536 : left;
  while (left > 0) {
    ssize_t got = pump(log, stream);
    if (got < 0)
      return;
    if (got == 0)
      break;
    left -= (int)got;
  }
  close_stream(log, stream);
}

static void watch(struct stream *stream, int fd) {
  stream->name = names[stream - streams];
  stream->fd = fd;
  if (fd >= 0)
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void take_terminal(struct ts_run *run, struct ts_child *child) {
  char byte, control[CMSG_SPACE(sizeof(int))];
  int master = -1;
  struct iovec data = {.iov_base = &byte, .iov_len = 1};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t got = recvmsg(child->master_socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  struct cmsghdr *header = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
  if (header && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(int)))
    memcpy(&master, CMSG_DATA(header), sizeof master);
  close(child->master_socket);
  child->master_socket = -1;
  watch(&streams[0], master);
  run->attach.master_fd = master;
  ts_attach_terminal(&run->attach, master);
  /* A peer of our own, never closed: else a master reads EIO whenever the container has closed its last one,
     though it may open /dev/console again. */
  if (master >= 0)
    (void)ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static int confine(void) {
  static const int calls[] = {
      SYS_read,      SYS_write,           SYS_close,         SYS_ppoll,      SYS_recvmsg,    SYS_openat,
      SYS_unlinkat,  SYS_fdatasync,       SYS_ftruncate,     SYS_fstat,      SYS_pread64,    SYS_fcntl,
      SYS_ioctl,     SYS_wait4,           SYS_clock_gettime, SYS_exit_group, SYS_newfstatat, SYS_rt_sigreturn,
      SYS_renameat2, SYS_restart_syscall, SYS_accept4,
#ifdef SYS_poll
      SYS_poll,
#endif
#ifdef SYS_renameat
      SYS_renameat,
#endif
  };
  /* PDEATHSIG is sent with the credentials of the parent that dies: without CAP_KILL it never reaches a
     container of another user. The filter has no call that could use the capability otherwise. */
  return ts_drop_capabilities(1U << TS_CAP_KILL) ||
                 ts_allow_only(calls, sizeof calls / sizeof *calls, NULL, 0)
             ? -1
             : 0;
}

static void pump_until_exit(struct ts_run *run, struct ts_child *child) {
  for (;;) {
    struct pollfd polled[4 + TS_ATTACH_POLLED] = {{.fd = child->pidfd, .events = POLLIN},
                                                  {.fd = streams[0].fd, .events = POLLIN},
                                                  {.fd = streams[1].fd, .events = POLLIN},
                                                  {.fd = child->master_socket, .events = POLLIN}};
    const int attachable = run->attach.listen_fd >= 0;
    if (attachable)
      ts_attach_watch(&run->attach, polled + 4);
    if (poll(polled, attachable ? 4 + TS_ATTACH_POLLED : 4, -1) < 0)
      continue;
    for (int i = 0; i < 2; i++)
      if (polled[1 + i].revents)
        pump(&run->log, &streams[i]);
    if (polled[3].revents)
      take_terminal(run, child);
    if (attachable)
      ts_attach_serve(&run->attach, polled + 4);
    ts_log_flush(&run->log);
    if (polled[0].revents)
      return;
  }
}

_Noreturn void ts_monitor(struct ts_run *run, struct ts_child *child) {
  const int kept[] = {child->pidfd,       child->mark_fd,      child->out_fd,        child->err_fd,
                      run->log.dir_fd,    run->log.fd,         child->master_socket, run->record.dir_fd,
                      run->record.oom_fd, run->record.kill_fd, child->in_fd,         run->attach.listen_fd,
                      run->attach.size_fd};
  int status = 0;
  prctl(PR_SET_NAME, "tspod-monitor");
  if (ts_close_all_but(0, kept, sizeof kept / sizeof *kept) || confine()) {
    ts_pidfd_send_signal(child->pidfd, 9);
    _exit(TS_EXIT_FAILED);
  }
  ts_attach_begin(child->in_fd);
  watch(&streams[0], child->out_fd);
  watch(&streams[1], child->err_fd);
  pump_until_exit(run, child);
  ts_kill_rest(&run->record);
  if (child->master_socket >= 0)
    take_terminal(run, child);
  drain(&run->log, &streams[0]);
  drain(&run->log, &streams[1]);
  ts_log_flush(&run->log);
  ts_attach_finish();
  while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
    continue;
  /* Without an execve there was no container: the FAIL event has told, and nothing is recorded. */
  if (ts_read_mark(child->mark_fd) != 'X')
    _exit(TS_EXIT_FAILED);
  _exit(run->record.dir_fd >= 0 && ts_record_exit(&run->record, status) ? TS_EXIT_FAILED : 0);
}
