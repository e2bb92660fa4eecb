/* The v2 cgroup's device control: a BPF program in place of v1's devices.allow. */
#include "tspod_addon.h"
#include "tspod_kernel.h"
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

static int bpf(int command, union bpf_attr *attr) {
  return (int)syscall(SYS_bpf, command, attr, sizeof *attr);
}

int ts_bpf_cgroup_device(int cgroup_fd, const void *program, size_t size, const char **failed_call) {
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attr.insns = (uintptr_t)program;
  attr.insn_cnt = (uint32_t)(size / sizeof(struct bpf_insn));
  attr.license = (uintptr_t) "Apache-2.0";
  *failed_call = "bpf(BPF_PROG_LOAD)";
  TS_SCOPED_FD loaded = bpf(BPF_PROG_LOAD, &attr);
  if (loaded < 0)
    return -1;
  memset(&attr, 0, sizeof attr);
  attr.target_fd = (uint32_t)cgroup_fd;
  attr.attach_bpf_fd = (uint32_t)loaded;
  attr.attach_type = BPF_CGROUP_DEVICE;
  attr.attach_flags = BPF_F_ALLOW_MULTI;
  *failed_call = "bpf(BPF_PROG_ATTACH)";
  return bpf(BPF_PROG_ATTACH, &attr) < 0 ? -1 : 0;
}
