/*
 * attach: a socket in the attempt's folder, served by the monitor. Nobody has to be there, and several can.
 *
 *   client ─▶ one byte: 'i' its input is the container's, 'o' output alone; then the input
 *   client ◀─ records: stream (1, 2), 0, length (u16, little endian), bytes, from that moment on
 *
 * A FIFO beside it takes sizes of the terminal: rows and columns, u16 each, in one write.
 */
#include "helper.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>

enum { RECORD = 4, INPUT = 4096, PATIENCE_MS = 1000 };

struct client {
  int fd;
  char kind; /* 0 until it has said */
  size_t from, to;
};
static struct client clients[TS_ATTACH_CLIENTS];
/* What a client has not taken yet; apart, so that the memory of those who are not there is never touched. */
static char waiting[TS_ATTACH_CLIENTS][RECORD + TS_LINE_MAX + 1];
static struct {
  int fd; /* the container's: a pipe of ours, or the master of its terminal; -1: nobody reads */
  int terminal, ending;
  size_t from, to;
  char bytes[INPUT];
} input = {.fd = -1};

static int listen_at(struct ts_run *run, int dir, const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  const char *end = address.sun_path + sizeof address.sun_path - 1;
  /* By way of the folder's descriptor: its own path may be longer than an address can be. */
  char *at = ts_append(address.sun_path, end, "/proc/self/fd/");
  at = ts_append_u64(at, end, (uint64_t)dir);
  at = ts_append(at, end, "/");
  at = ts_append(at, end, name);
  if (at == end)
    return TS_REFUSED(run, bind, ENAMETOOLONG);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return TS_FAILED(run, socket);
  umask(0177);
  int failed = bind(fd, (struct sockaddr *)&address, sizeof address) ? TS_FAILED(run, bind) : 0;
  umask(0);
  if (!failed && listen(fd, TS_ATTACH_CLIENTS))
    failed = TS_FAILED(run, listen);
  if (!failed)
    return fd;
  close(fd);
  return -1;
}

int ts_op_attach(struct ts_run *run, const struct ts_op *op) {
  const struct ts_field *f = op->field;
  const int dir = (int)f[0].number;
  run->attach.listen_fd = listen_at(run, dir, f[1].text);
  if (run->attach.listen_fd < 0)
    return -1;
  if (mknodat(dir, f[2].text, S_IFIFO | 0600, 0))
    return TS_FAILED(run, mknodat);
  /* Read and write: without a writer of our own it would be at its end whenever the last one has gone. */
  run->attach.size_fd = openat(dir, f[2].text, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  if (run->attach.size_fd < 0)
    return TS_FAILED(run, open);
  run->attach.input = f[3].number != 0;
  run->attach.once = f[4].number != 0;
  return 0;
}

void ts_attach_begin(int pipe) {
  for (size_t i = 0; i < TS_ATTACH_CLIENTS; i++)
    clients[i].fd = -1;
  input.fd = pipe;
  if (pipe >= 0)
    fcntl(pipe, F_SETFL, fcntl(pipe, F_GETFL) | O_NONBLOCK);
}

void ts_attach_terminal(const struct ts_attach *attach, int master) {
  input.terminal = 1;
  if (attach->input)
    input.fd = master;
}

static void drop(struct client *client) {
  close(client->fd);
  client->fd = -1;
}

static void close_input(void) {
  if (input.fd >= 0 && !input.terminal)
    close(input.fd);
  if (!input.terminal)
    input.fd = -1;
  input.from = input.to = 0;
}

static void flush_input(void) {
  while (input.from < input.to) {
    ssize_t wrote = input.fd < 0 ? (ssize_t)(input.to - input.from)
                                 : write(input.fd, input.bytes + input.from, input.to - input.from);
    if (wrote < 0 && errno == EAGAIN)
      return;
    if (wrote < 0 && errno != EINTR)
      close_input(); /* the container reads no more */
    if (wrote > 0)
      input.from += (size_t)wrote;
  }
  if (input.ending)
    close_input();
}

static void take_input(const struct ts_attach *attach, struct client *client) {
  ssize_t got = read(client->fd, input.bytes, client->kind ? sizeof input.bytes : 1);
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (got > 0 && !client->kind) {
    client->kind = input.bytes[0] == 'i' ? 'i' : 'o';
    return;
  }
  if (got > 0) {
    input.from = 0;
    input.to = (size_t)got;
  } else {
    input.ending |= client->kind == 'i' && attach->once;
    client->kind = 'o'; /* its input is at an end; output it may still want */
  }
  flush_input();
}

/* 1 when all of it is gone. */
static int flush_output(struct client *client) {
  while (client->from < client->to) {
    ssize_t wrote = write(client->fd, waiting[client - clients] + client->from, client->to - client->from);
    if (wrote < 0 && errno == EAGAIN)
      return 0;
    if (wrote < 0 && errno != EINTR) {
      drop(client);
      return 1;
    }
    if (wrote > 0)
      client->from += (size_t)wrote;
  }
  client->from = client->to = 0;
  return 1;
}

/* Who takes nothing for a while is let go of: a stopped client must not stop the container. */
static int flush_patiently(struct client *client) {
  struct pollfd ready = {.fd = client->fd, .events = POLLOUT};
  while (client->fd >= 0 && !flush_output(client))
    if (poll(&ready, 1, PATIENCE_MS) <= 0)
      drop(client);
  return client->fd >= 0;
}

void ts_attach_output(int stream, const char *bytes, size_t length) {
  for (size_t i = 0; i < TS_ATTACH_CLIENTS; i++) {
    struct client *client = &clients[i];
    if (client->fd < 0 || !client->kind || !flush_patiently(client))
      continue;
    waiting[i][0] = (char)stream;
    waiting[i][1] = 0;
    waiting[i][2] = (char)(length & 0xff);
    waiting[i][3] = (char)(length >> 8);
    memcpy(waiting[i] + RECORD, bytes, length);
    client->to = RECORD + length;
    flush_output(client);
  }
}

static void accept_one(const struct ts_attach *attach) {
  int fd = accept4(attach->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0)
    return;
  for (size_t i = 0; i < TS_ATTACH_CLIENTS; i++)
    if (clients[i].fd < 0) {
      clients[i].kind = 0;
      clients[i].from = clients[i].to = 0;
      clients[i].fd = fd;
      return;
    }
  close(fd);
}

static void resize(const struct ts_attach *attach) {
  unsigned short size[2];
  while (read(attach->size_fd, size, sizeof size) == (ssize_t)sizeof size) {
    const struct winsize window = {.ws_row = size[0], .ws_col = size[1]};
    if (input.terminal && attach->master_fd >= 0)
      (void)ioctl(attach->master_fd, TIOCSWINSZ, &window);
  }
}

void ts_attach_watch(const struct ts_attach *attach, struct pollfd *set) {
  const int full = input.from < input.to;
  set[0] = (struct pollfd){.fd = attach->listen_fd, .events = POLLIN};
  set[1] = (struct pollfd){.fd = attach->size_fd, .events = POLLIN};
  set[2] = (struct pollfd){.fd = full ? input.fd : -1, .events = POLLOUT};
  for (size_t i = 0; i < TS_ATTACH_CLIENTS; i++) {
    const struct client *client = &clients[i];
    const int reads = client->kind != 'o', writes = client->from < client->to;
    const int events = (reads && !full ? POLLIN : 0) | (writes ? POLLOUT : 0);
    /* One whose input has to wait is not looked at: its end would be told again and again. */
    set[3 + i] = (struct pollfd){.fd = reads && !events ? -1 : client->fd, .events = (short)events};
  }
}

void ts_attach_serve(const struct ts_attach *attach, const struct pollfd *set) {
  if (set[1].revents)
    resize(attach);
  if (set[2].revents)
    flush_input();
  for (size_t i = 0; i < TS_ATTACH_CLIENTS; i++) {
    const int got = set[3 + i].fd < 0 ? 0 : set[3 + i].revents;
    if (got & POLLOUT)
      flush_output(&clients[i]);
    if (clients[i].fd < 0)
      continue;
    if ((got & POLLIN) && input.from == input.to)
      take_input(attach, &clients[i]);
    else if (got & (POLLHUP | POLLERR))
      drop(&clients[i]);
  }
  if (set[0].revents)
    accept_one(attach);
}

void ts_attach_finish(void) {
  for (size_t i = 0; i < TS_ATTACH_CLIENTS; i++)
    if (clients[i].fd >= 0)
      flush_patiently(&clients[i]);
}
