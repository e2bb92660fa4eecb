/* Waiting, descriptor passing, sealed memory. */
#include "tspod_addon.h"
#include "tspod_kernel.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { MAX_PASSED = 253 /* SCM_MAX_FD */ };

int ts_wait_pidfd(int pidfd, int *code, int *signal) {
  siginfo_t info = {0};
  int result;
  while ((result = waitid((idtype_t)TS_P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG)) && errno == EINTR)
    continue;
  if (result)
    return -1;
  if (info.si_pid == 0)
    return 0;
  *signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
  *code = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
  return 1;
}

int ts_send_fds(int socket, const int *fds, size_t count) {
  char byte = 'F';
  union {
    char bytes[CMSG_SPACE(sizeof(int) * MAX_PASSED)];
    struct cmsghdr align;
  } control;
  struct iovec data = {.iov_base = &byte, .iov_len = 1};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
  if (count > MAX_PASSED) {
    errno = EINVAL;
    return -1;
  }
  if (count) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (!header)
      return -1;
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * count);
    memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int ts_recv_fds(int socket, int timeout_ms, int *fds, size_t capacity) {
  char byte;
  union {
    char bytes[CMSG_SPACE(sizeof(int) * MAX_PASSED)];
    struct cmsghdr align;
  } control;
  struct iovec data = {.iov_base = &byte, .iov_len = 1};
  struct msghdr message = {.msg_iov = &data,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen =
                               CMSG_SPACE(sizeof(int) * (capacity < MAX_PASSED ? capacity : MAX_PASSED))};
  struct pollfd polled = {.fd = socket, .events = POLLIN};
  int ready = poll(&polled, 1, timeout_ms);
  if (ready <= 0)
    return ready;
  if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) < 0)
    return -1;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
    return 0;
  size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  memcpy(fds, CMSG_DATA(header), count * sizeof(int));
  return (int)count;
}

int ts_memfd(const char *name, const void *content, size_t length) {
  int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0)
    return -1;
  for (size_t done = 0; done < length;) {
    ssize_t wrote = write(fd, (const char *)content + done, length - done);
    if (wrote < 0 && errno == EINTR)
      continue;
    if (wrote < 0) {
      const int error = errno;
      close(fd);
      errno = error;
      return -1;
    }
    done += (size_t)wrote;
  }
  return fd;
}

int ts_seal(int fd) {
  return fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
}
