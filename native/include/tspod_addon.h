/*
 * The kernel work of the addon in plain C: 0 or a result, or -1 with errno set. The C++ file turns that into
 * JavaScript errors and does nothing else.
 */
#ifndef TSPOD_ADDON_H
#define TSPOD_ADDON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ts_spawn_spec {
  int exe_fd;
  char *const *argv, *const *envp;
  uint64_t flags;
  const int *fds; /* fds[i] becomes descriptor i; -1: /dev/null */
  size_t fd_count;
  int cgroup_fd; /* -1: none */
  int new_session;
  int pid, pidfd;          /* results */
  const char *failed_call; /* with -1 */
};
int ts_spawn(struct ts_spawn_spec *spawn);

/* 1 with code and signal, 0 while it runs, -1. */
int ts_wait_pidfd(int pidfd, int *code, int *signal);
int ts_send_fds(int socket, const int *fds, size_t count);
/* How many descriptors came (0: none before the timeout, or the peer has closed), -1. */
int ts_recv_fds(int socket, int timeout_ms, int *fds, size_t capacity);
int ts_memfd(const char *name, const void *content, size_t length);
int ts_seal(int fd);

int ts_raw_mode(int fd, void *saved, size_t size);
int ts_restore_mode(int fd, const void *saved, size_t size);
size_t ts_mode_size(void);

int ts_bpf_cgroup_device(int cgroup_fd, const void *program, size_t size, const char **failed_call);

int ts_netlink_socket(int protocol, int netns_fd, const char **failed_call);

struct ts_netlink_reply {
  unsigned char *bytes; /* free() it */
  size_t length, capacity;
  int failed_index; /* place in the batch of the message that errno is about, or -1 */
  char text[256];   /* the kernel's own words (extended acknowledgement), or "" */
};
int ts_netlink_request(int socket, const void *messages, size_t length, struct ts_netlink_reply *reply);

#ifdef __cplusplus
}
#endif
#endif
