#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "limit.h"

/* Requests are gathered here and sent at once. */

static union {
  struct nlmsghdr align;
  char bytes[4096];
} batch;
static size_t batch_used;

static struct nlmsghdr *request(uint16_t type, uint16_t flags, const void *body, size_t size) {
  struct nlmsghdr *message = (void *)(batch.bytes + batch_used);
  memset(message, 0, NLMSG_SPACE(size));
  message->nlmsg_len = (uint32_t)NLMSG_SPACE(size);
  message->nlmsg_type = type;
  message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
  memcpy(NLMSG_DATA(message), body, size);
  batch_used += message->nlmsg_len;
  return message;
}

static struct rtattr *attribute(struct nlmsghdr *message, unsigned short type, const void *data,
                                size_t size) {
  struct rtattr *attr = (void *)((char *)message + message->nlmsg_len);
  attr->rta_type = type;
  attr->rta_len = (unsigned short)RTA_LENGTH(size);
  if (size > 0)
    memcpy(RTA_DATA(attr), data, size);
  message->nlmsg_len += (uint32_t)RTA_SPACE(size);
  batch_used += RTA_SPACE(size);
  return attr;
}

static void close_nest(struct nlmsghdr *message, struct rtattr *nest) {
  nest->rta_len = (unsigned short)((char *)message + message->nlmsg_len - (char *)nest);
}

static void send_batch(int socket, int messages) {
  char answer[8192];
  if (send(socket, batch.bytes, batch_used, 0) < 0)
    fail("netlink send");
  batch_used = 0;
  while (messages > 0) {
    ssize_t got = recv(socket, answer, sizeof answer, 0);
    if (got < 0)
      fail("netlink receive");
    for (struct nlmsghdr *m = (void *)answer; NLMSG_OK(m, got); m = NLMSG_NEXT(m, got)) {
      if (m->nlmsg_type != NLMSG_ERROR)
        continue;
      errno = -((struct nlmsgerr *)NLMSG_DATA(m))->error;
      if (errno)
        fail("netlink");
      messages--;
    }
  }
}

int route_socket(void) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0)
    fail("netlink socket");
  return fd;
}

static void add_address(unsigned link, const char *text) {
  struct ifaddrmsg body = {.ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = link};
  in_addr_t address = inet_addr(text);
  struct nlmsghdr *m = request(RTM_NEWADDR, NLM_F_CREATE, &body, sizeof body);
  attribute(m, IFA_LOCAL, &address, sizeof address);
  attribute(m, IFA_ADDRESS, &address, sizeof address);
}

unsigned make_bridge(int host) {
  struct ifinfomsg body = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP};
  struct nlmsghdr *m = request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
  attribute(m, IFLA_IFNAME, "floor0", 7);
  struct rtattr *info = attribute(m, IFLA_LINKINFO, NULL, 0);
  attribute(m, IFLA_INFO_KIND, "bridge", 6);
  close_nest(m, info);
  send_batch(host, 1);
  unsigned bridge = if_nametoindex("floor0");
  add_address(bridge, "10.99.0.1");
  send_batch(host, 1);
  return bridge;
}

static void make_veth(int host, unsigned bridge, pid_t holder) {
  static const struct ifinfomsg up = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP}, peer;
  struct nlmsghdr *m = request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &up, sizeof up);
  attribute(m, IFLA_IFNAME, "floorpod", 9);
  attribute(m, IFLA_MASTER, &bridge, sizeof bridge);
  struct rtattr *info = attribute(m, IFLA_LINKINFO, NULL, 0);
  attribute(m, IFLA_INFO_KIND, "veth", 4);
  struct rtattr *data = attribute(m, IFLA_INFO_DATA, NULL, 0);
  struct rtattr *other = attribute(m, VETH_INFO_PEER, &peer, sizeof peer);
  attribute(m, IFLA_IFNAME, "eth0", 5);
  attribute(m, IFLA_NET_NS_PID, &holder, sizeof holder);
  close_nest(m, other);
  close_nest(m, data);
  close_nest(m, info);
  send_batch(host, 1);
}

static void configure_pod(int holder_pidfd, int own_net) {
  if (setns(holder_pidfd, CLONE_NEWNET) < 0)
    fail("setns net");
  int pod = route_socket();
  unsigned eth0 = if_nametoindex("eth0");
  if (setns(own_net, CLONE_NEWNET) < 0)
    fail("setns back");
  struct ifinfomsg link = {.ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
  request(RTM_NEWLINK, 0, &link, sizeof link);
  link.ifi_index = (int)eth0;
  request(RTM_NEWLINK, 0, &link, sizeof link);
  add_address(eth0, "10.99.0.2");
  struct rtmsg route = {.rtm_family = AF_INET,
                        .rtm_table = RT_TABLE_MAIN,
                        .rtm_protocol = RTPROT_BOOT,
                        .rtm_type = RTN_UNICAST};
  struct nlmsghdr *m = request(RTM_NEWROUTE, NLM_F_CREATE, &route, sizeof route);
  in_addr_t gateway = inet_addr("10.99.0.1");
  attribute(m, RTA_GATEWAY, &gateway, sizeof gateway);
  send_batch(pod, 4);
  close(pod);
}

void connect_pod(int host, unsigned bridge, pid_t holder, int holder_pidfd, int own_net) {
  make_veth(host, bridge, holder);
  configure_pod(holder_pidfd, own_net);
}
