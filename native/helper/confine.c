/* The seccomp filters of the processes that stay: the holder and the monitor. */
#include "helper.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#define LOAD(field)                                                                                          \
  ((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field)))
#define RETURN(action)    ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action))
#define SKIP_UNLESS(k, n) ((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (k), 0, (n)))
#define SKIP_IF(k, n)     ((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (k), (n), 0))

enum { MAX_FILTER = 128 };

/*
 * Allows `calls`, and `event_calls` on the events descriptor alone; everything else kills. Numbers of x32
 * match none of the list, since they carry a high bit.
 */
int ts_allow_only(const int *calls, size_t count, const int *event_calls, size_t event_count) {
  struct sock_filter filter[MAX_FILTER];
  unsigned short n = 0;
  if (2 * count + 4 * event_count + 5 > MAX_FILTER) {
    errno = E2BIG;
    return -1;
  }
  filter[n++] = LOAD(arch);
  filter[n++] = SKIP_IF(TS_AUDIT_ARCH, 1);
  filter[n++] = RETURN(SECCOMP_RET_KILL_PROCESS);
  filter[n++] = LOAD(nr);
  for (size_t i = 0; i < count; i++) {
    filter[n++] = SKIP_UNLESS((unsigned)calls[i], 1);
    filter[n++] = RETURN(SECCOMP_RET_ALLOW);
  }
  for (size_t i = 0; i < event_count; i++) {
    filter[n++] = SKIP_UNLESS((unsigned)event_calls[i], 3);
    filter[n++] = LOAD(args[0]);
    filter[n++] = SKIP_UNLESS(TS_FD_EVENTS, 1 + (unsigned char)(4 * (event_count - 1 - i)));
    filter[n++] = RETURN(SECCOMP_RET_ALLOW);
  }
  filter[n++] = RETURN(SECCOMP_RET_KILL_PROCESS);
  struct sock_fprog program = {.len = n, .filter = filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    return -1;
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}
