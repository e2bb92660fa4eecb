/* Netlink: a socket of another network namespace, and a batch of requests with all its answers. */
#include "tspod_addon.h"
#include "tspod_kernel.h"
#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { RECEIVE_SIZE = 65536, ANSWER_TIMEOUT_MS = 10000, MAX_BATCH = 4096 };

static int open_socket(int protocol) {
  int on = 1, buffer = 1 << 20;
  struct sockaddr_nl address = {.nl_family = AF_NETLINK};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (fd < 0)
    return -1;
  if (bind(fd, (struct sockaddr *)&address, sizeof address)) {
    const int error = errno;
    close(fd);
    errno = error;
    return -1;
  }
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
  return fd;
}

int ts_netlink_socket(int protocol, int netns_fd, const char **failed_call) {
  *failed_call = "socket";
  if (netns_fd < 0)
    return open_socket(protocol);
  *failed_call = "open";
  TS_SCOPED_FD own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (own < 0)
    return -1;
  *failed_call = "setns";
  if (setns(netns_fd, CLONE_NEWNET))
    return -1;
  int fd = open_socket(protocol);
  const int error = errno;
  /* A thread of the runtime that stays in a pod's network would act there for ever, unnoticed. */
  if (setns(own, CLONE_NEWNET)) {
    perror("tspod: cannot return to the host's network namespace");
    abort();
  }
  *failed_call = "socket";
  errno = error;
  return fd;
}

/* The requests of a batch that still await an answer, by sequence number. */
struct pending {
  uint32_t sequence[MAX_BATCH];
  unsigned char waits[MAX_BATCH];
  int count, waiting;
};

static int index_of(const struct pending *pending, uint32_t sequence) {
  for (int i = 0; i < pending->count; i++)
    if (pending->sequence[i] == sequence)
      return i;
  return -1;
}

static void settle(struct pending *pending, int index) {
  if (index >= 0 && pending->waits[index]) {
    pending->waits[index] = 0;
    pending->waiting--;
  }
}

static int read_batch(struct pending *pending, const unsigned char *bytes, size_t length) {
  pending->count = pending->waiting = 0;
  for (size_t at = 0; at + sizeof(struct nlmsghdr) <= length;) {
    struct nlmsghdr header;
    memcpy(&header, bytes + at, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > length - at || pending->count == MAX_BATCH) {
      errno = EINVAL;
      return -1;
    }
    const int dump = (header.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
    pending->sequence[pending->count] = header.nlmsg_seq;
    pending->waits[pending->count] = dump || (header.nlmsg_flags & NLM_F_ACK);
    pending->waiting += pending->waits[pending->count++];
    at += (size_t)NLMSG_ALIGN(header.nlmsg_len);
  }
  return 0;
}

static int keep(struct ts_netlink_reply *reply, const unsigned char *message, size_t length) {
  const size_t padded = (length + 3) & ~(size_t)3;
  if (reply->length + padded > reply->capacity) {
    size_t capacity = (reply->capacity + padded) * 2;
    unsigned char *grown = realloc(reply->bytes, capacity);
    if (!grown)
      return -1;
    reply->bytes = grown;
    reply->capacity = capacity;
  }
  memset(reply->bytes + reply->length + length, 0, padded - length);
  memcpy(reply->bytes + reply->length, message, length);
  reply->length += padded;
  return 0;
}

/* The kernel's own words stand in an attribute behind the error, which CAP_ACK keeps free of our own request.
 */
static void read_text(struct ts_netlink_reply *reply, const unsigned char *message,
                      const struct nlmsghdr *header) {
  size_t at = (size_t)NLMSG_HDRLEN + sizeof(struct nlmsgerr);
  if (!(header->nlmsg_flags & NLM_F_ACK_TLVS))
    return;
  if (!(header->nlmsg_flags & NLM_F_CAPPED)) {
    struct nlmsghdr inner;
    memcpy(&inner, message + NLMSG_HDRLEN + sizeof(int), sizeof inner);
    at = (size_t)NLMSG_HDRLEN + sizeof(int) + (size_t)NLMSG_ALIGN(inner.nlmsg_len);
  }
  while (at + sizeof(struct nlattr) <= header->nlmsg_len) {
    struct nlattr attribute;
    memcpy(&attribute, message + at, sizeof attribute);
    if (attribute.nla_len < sizeof attribute || at + attribute.nla_len > header->nlmsg_len)
      return;
    if ((attribute.nla_type & NLA_TYPE_MASK) == NLMSGERR_ATTR_MSG) {
      snprintf(reply->text, sizeof reply->text, "%.*s", (int)(attribute.nla_len - sizeof attribute),
               (const char *)message + at + sizeof attribute);
      return;
    }
    at += (size_t)NLA_ALIGN(attribute.nla_len);
  }
}

/* Returns the errno that a message reports, 0 for none. */
static int take_message(struct pending *pending, struct ts_netlink_reply *reply, const unsigned char *message,
                        const struct nlmsghdr *header, int *first_error) {
  const int index = index_of(pending, header->nlmsg_seq);
  int error = 0;
  if (header->nlmsg_type == NLMSG_ERROR || header->nlmsg_type == NLMSG_DONE) {
    if (header->nlmsg_len >= NLMSG_HDRLEN + sizeof error)
      memcpy(&error, message + NLMSG_HDRLEN, sizeof error);
    settle(pending, index);
    if (error < 0 && !*first_error) {
      *first_error = -error;
      reply->failed_index = index;
      if (header->nlmsg_type == NLMSG_ERROR)
        read_text(reply, message, header);
    }
    return 0;
  }
  return header->nlmsg_type == NLMSG_NOOP ? 0 : keep(reply, message, header->nlmsg_len);
}

int ts_netlink_request(int socket, const void *messages, size_t length, struct ts_netlink_reply *reply) {
  static _Thread_local struct pending pending;
  static _Thread_local unsigned char received[RECEIVE_SIZE];
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  int first_error = 0;
  reply->failed_index = -1;
  if (read_batch(&pending, messages, length) ||
      sendto(socket, messages, length, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0)
    return -1;
  /* After an error the kernel may drop the rest of a batch (nfnetlink does): what has been answered is queued
     by now, so it is taken without waiting, and nothing of it is left for the next request. */
  while (pending.waiting > 0 || first_error) {
    struct pollfd polled = {.fd = socket, .events = POLLIN};
    int ready = poll(&polled, 1, first_error ? 0 : ANSWER_TIMEOUT_MS);
    if (ready < 0 && errno == EINTR)
      continue;
    if (ready <= 0) {
      errno = first_error ? first_error : ETIMEDOUT;
      return -1;
    }
    ssize_t got = recv(socket, received, sizeof received, MSG_DONTWAIT | MSG_TRUNC);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
    if (got < 0)
      return -1;
    if ((size_t)got > sizeof received) {
      errno = EMSGSIZE;
      return -1;
    }
    for (size_t at = 0; at + sizeof(struct nlmsghdr) <= (size_t)got;) {
      struct nlmsghdr header;
      memcpy(&header, received + at, sizeof header);
      if (header.nlmsg_len < sizeof header || header.nlmsg_len > (size_t)got - at)
        break;
      if (take_message(&pending, reply, received + at, &header, &first_error))
        return -1;
      at += (size_t)NLMSG_ALIGN(header.nlmsg_len);
    }
  }
  return 0;
}
