/*
 *    tspod-unpack extract MAX_BYTES MAX_ENTRIES RESERVE     0: blob, 1: report, 3: an empty folder
 *    tspod-unpack complete FOLDER LOWER...                  0: records, 1: report (complete.c)
 *    tspod-unpack digest                                    0: blob, 1: report
 *    tspod-unpack fingerprint FOLDER                        1: report
 *    tspod-unpack sync FOLDER                               syncfs(2) of its file system
 */
#include "unpack.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int report_failure(const struct up_failure *failure) {
  char error[16];
  (void)snprintf(error, sizeof error, "%d", failure->error);
  const char *fields[] = {failure->reason ? failure->reason : "unknown", failure->path, error};
  up_report("fail", fields, 3);
  up_report_flush();
  return 1;
}

static int unpack(struct up_pipeline *pipeline, const struct up_limits *limits, struct up_failure *failure) {
  struct up_source source = {.next = up_pipeline_next, .context = pipeline};
  static struct up_tar tar;
  static struct up_tree tree;
  if (up_tar_open(&tar, &source, failure) || up_tree_open(&tree, UP_FD_ROOT, limits, failure))
    return -1;
  int got;
  while ((got = up_tar_next(&tar)) > 0)
    if (up_extract(&tree, &tar))
      return -1;
  char hex[65], bytes[24], entries[24];
  uint64_t size;
  if (got < 0 || up_pipeline_finish(pipeline, hex, &size) || up_tree_finish(&tree))
    return -1;
  (void)snprintf(bytes, sizeof bytes, "%llu", (unsigned long long)size);
  (void)snprintf(entries, sizeof entries, "%llu", (unsigned long long)tree.entries);
  const char *fields[] = {hex, bytes, entries};
  up_report("done", fields, 3);
  up_tree_close(&tree);
  up_tar_close(&tar);
  return up_report_flush();
}

static int extract(char **argv) {
  static struct up_failure failure;
  struct up_limits limits;
  if (!up_decimal(argv[0], strlen(argv[0]), &limits.bytes) ||
      !up_decimal(argv[1], strlen(argv[1]), &limits.entries) ||
      !up_decimal(argv[2], strlen(argv[2]), &limits.reserve))
    return 2;
  syscall(SYS_close_range, UP_FD_ROOT + 1, ~0U, 0);
  if (up_confine_folder(UP_FD_ROOT)) {
    up_fail(&failure, "confine", "", errno);
    return report_failure(&failure);
  }
  struct up_pipeline *pipeline = up_pipeline_new(UP_FD_BLOB, limits.bytes, &failure);
  if (!pipeline)
    return report_failure(&failure);
  if (up_confine_calls()) {
    up_fail(&failure, "confine", "", errno);
    return report_failure(&failure);
  }
  up_pipeline_go(pipeline);
  /* After a failure the threads may be anywhere; the end of the process ends them. */
  return unpack(pipeline, &limits, &failure) ? report_failure(&failure) : 0;
}

/* The digest of a blob's plain bytes. */
static int digest(void) {
  static struct up_failure failure;
  char hex[65], bytes[24];
  uint64_t size;
  struct up_pipeline *pipeline = up_pipeline_new(UP_FD_BLOB, UINT64_MAX, &failure);
  if (!pipeline || up_confine_calls())
    return report_failure(&failure);
  up_pipeline_go(pipeline);
  if (up_pipeline_finish(pipeline, hex, &size))
    return report_failure(&failure);
  (void)snprintf(bytes, sizeof bytes, "%llu", (unsigned long long)size);
  const char *fields[] = {hex, bytes, "0"};
  up_report("done", fields, 3);
  return up_report_flush();
}

int main(int argc, char **argv) {
  (void)signal(SIGPIPE, SIG_IGN);
  if (argc == 5 && strcmp(argv[1], "extract") == 0)
    return extract(argv + 2);
  if (argc >= 3 && strcmp(argv[1], "complete") == 0)
    return up_complete(argc - 2, argv + 2);
  if (argc == 3 && strcmp(argv[1], "fingerprint") == 0)
    return up_fingerprint(argv[2]);
  if (argc == 2 && strcmp(argv[1], "digest") == 0)
    return digest();
  if (argc == 3 && strcmp(argv[1], "sync") == 0) {
    int fd = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 || syncfs(fd);
  }
  (void)fprintf(stderr, "tspod-unpack is run by tspod; see docs/images.md\n");
  return 2;
}
