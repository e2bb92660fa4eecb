#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "limit.h"

/* cpu, memory and pids, wherever this host has them. */
static struct {
  char folder[64], limit_file[32];
  const char *limit;
} hierarchies[MAX_HIERARCHIES];
int hierarchy_count;
int unified;

void find_hierarchies(void) {
  static const char *const v1[][3] = {{"cpu", "cpu.cfs_quota_us", "50000"},
                                      {"memory", "memory.limit_in_bytes", "67108864"},
                                      {"pids", "pids.max", "64"}};
  unified = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0;
  hierarchy_count = unified ? 1 : MAX_HIERARCHIES;
  for (int i = 0; i < hierarchy_count; i++) {
    snprintf(hierarchies[i].folder, sizeof hierarchies[i].folder, "/sys/fs/cgroup/%s%sfloor-%d",
             unified ? "" : v1[i][0], unified ? "" : "/", getpid());
    snprintf(hierarchies[i].limit_file, sizeof hierarchies[i].limit_file, "%s",
             unified ? "pids.max" : v1[i][1]);
    hierarchies[i].limit = unified ? "64" : v1[i][2];
  }
}

static void cgroup_path(char *path, size_t size, int hierarchy, int container, const char *file) {
  if (container < 0)
    snprintf(path, size, "%s", hierarchies[hierarchy].folder);
  else
    snprintf(path, size, "%s/c%d/%s", hierarchies[hierarchy].folder, container, file);
}

void make_cgroups(int container, int *entrances) {
  char path[512];
  for (int i = 0; i < hierarchy_count; i++) {
    cgroup_path(path, sizeof path, i, container, "");
    if (mkdir(path, 0755) < 0)
      fail(path);
    if (container < 0)
      continue;
    cgroup_path(path, sizeof path, i, container, hierarchies[i].limit_file);
    if (!unified || access(path, W_OK) == 0)
      write_file(path, hierarchies[i].limit);
    cgroup_path(path, sizeof path, i, container, unified ? "" : "tasks");
    entrances[i] = open(path, unified ? O_PATH | O_DIRECTORY | O_CLOEXEC : O_WRONLY | O_CLOEXEC);
    if (entrances[i] < 0)
      fail(path);
  }
}

void remove_cgroups(int container) {
  char path[512];
  for (int i = 0; i < hierarchy_count; i++) {
    cgroup_path(path, sizeof path, i, container, "");
    while (rmdir(path) < 0 && errno == EBUSY)
      usleep(100);
  }
}
