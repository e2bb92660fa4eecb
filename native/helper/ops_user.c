/* Operations on who the process is and what it may do. */
#include "helper.h"
#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>

/* The raw calls: the C library's versions act on all threads and carry the machinery for it. */

static int capset(uint64_t effective, uint64_t permitted, uint64_t inheritable) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2] = {
      {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
      {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)}};
  return (int)syscall(SYS_capset, &header, data);
}

static int permitted_set(uint64_t *permitted) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  if (syscall(SYS_capget, &header, data))
    return -1;
  *permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
  return 0;
}

static int drop_bounding(uint64_t keep) {
  for (int cap = 0; cap < 64; cap++) {
    int held = prctl(PR_CAPBSET_READ, cap);
    if (held < 0)
      return 0; /* past the last capability this kernel knows */
    if (held && !(keep >> cap & 1) && prctl(PR_CAPBSET_DROP, cap))
      return -1;
  }
  return 0;
}

int ts_drop_capabilities(uint64_t keep) {
  if (drop_bounding(0) || prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
    return -1;
  return capset(keep, keep, 0);
}

int ts_raise_permitted(void) {
  uint64_t permitted;
  return permitted_set(&permitted) || capset(permitted, permitted, 0) ? -1 : 0;
}

int ts_op_rlimit(struct ts_run *run, const struct ts_op *op) {
  const uint64_t limit[2] = {op->field[1].mask, op->field[2].mask};
  return syscall(SYS_prlimit64, 0, (unsigned)op->field[0].number, limit, NULL) ? TS_FAILED(run, setrlimit)
                                                                               : 0;
}

int ts_op_caps_bound(struct ts_run *run, const struct ts_op *op) {
  return drop_bounding(op->field[0].mask) ? TS_FAILED(run, prctl) : 0;
}

int ts_op_user(struct ts_run *run, const struct ts_op *op) {
  static uint32_t groups[TS_WIRE_MAX_LIST];
  const uint32_t uid = (uint32_t)op->field[0].number, gid = (uint32_t)op->field[1].number;
  const char *item = op->field[2].text;
  uint64_t value = 0;
  /* (uid_t)-1 means "leave as it is" to setresuid: the container would stay root (CVE-2026-30892's class). */
  if (uid == UINT32_MAX || gid == UINT32_MAX)
    return TS_REFUSED(run, setresuid, EINVAL);
  for (size_t i = 0; i < op->field[2].length; i++, item = ts_list_next(item)) {
    if (ts_parse_u64(item, strlen(item), UINT32_MAX - 1, &value))
      return TS_REFUSED(run, setgroups, EINVAL);
    groups[i] = (uint32_t)value;
  }
  if (prctl(PR_SET_KEEPCAPS, 1))
    return TS_FAILED(run, prctl);
  if (syscall(SYS_setgroups, op->field[2].length, groups))
    return TS_FAILED(run, setgroups);
  if (syscall(SYS_setresgid, gid, gid, gid))
    return TS_FAILED(run, setresgid);
  if (syscall(SYS_setresuid, uid, uid, uid))
    return TS_FAILED(run, setresuid);
  /* Leaving uid 0 empties the effective set; the ops up to `caps` (seccomp without no_new_privs) still need
   * it. */
  if (ts_raise_permitted())
    return TS_FAILED(run, capset);
  if (prctl(PR_SET_DUMPABLE, 0))
    return TS_FAILED(run, prctl);
  /* A change of credentials forgets PDEATHSIG. */
  return ts_arm_death_signal(run);
}

/* Inheritable comes from the plan as 0 (CVE-2022-29162); ambient ones need their inheritable bit. */
int ts_op_caps(struct ts_run *run, const struct ts_op *op) {
  const struct ts_field *f = op->field;
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
    return TS_FAILED(run, prctl);
  if (capset(f[0].mask, f[1].mask, f[2].mask))
    return TS_FAILED(run, capset);
  for (int cap = 0; cap < 64; cap++)
    if ((f[3].mask >> cap & 1) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
      return TS_FAILED(run, prctl);
  return 0;
}

int ts_op_no_new_privs(struct ts_run *run, const struct ts_op *op) {
  (void)op;
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? TS_FAILED(run, prctl) : 0;
}

static int nibble(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int ts_op_seccomp(struct ts_run *run, const struct ts_op *op) {
  static struct sock_filter filter[BPF_MAXINSNS];
  const struct ts_field *hex = &op->field[1];
  unsigned char *bytes = (unsigned char *)filter;
  const size_t size = sizeof *filter;
  if (hex->length == 0 || hex->length % (2 * size) || hex->length / 2 > sizeof filter)
    return TS_REFUSED(run, seccomp, EINVAL);
  for (size_t i = 0; i < hex->length / 2; i++) {
    int high = nibble(hex->text[2 * i]), low = nibble(hex->text[2 * i + 1]);
    if (high < 0 || low < 0)
      return TS_REFUSED(run, seccomp, EINVAL);
    bytes[i] = (unsigned char)(high << 4 | low);
  }
  struct sock_fprog program = {.len = (unsigned short)(hex->length / 2 / size), .filter = filter};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, (unsigned)op->field[0].number, &program)
             ? TS_FAILED(run, seccomp)
             : 0;
}
