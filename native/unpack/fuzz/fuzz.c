/* The parser and the unpacker on bytes of the fuzzer's, into a folder that is emptied after each input. */
#include "unpack.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct bytes {
  const uint8_t *data;
  size_t size;
  size_t piece;
};

/* Small pieces, so that headers lie across their edges. */
static int next(void *context, const uint8_t **data, size_t *size) {
  struct bytes *bytes = context;
  if (bytes->size == 0)
    return 0;
  *size = bytes->size < bytes->piece ? bytes->size : bytes->piece;
  *data = bytes->data;
  bytes->data += *size;
  bytes->size -= *size;
  return 1;
}

static int root = -1;
static char name[] = "/dev/shm/tspod-fuzz-XXXXXX";

static void leave(void) {
  up_remove(AT_FDCWD, name);
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Few changes would get past the checksum: every block that says it is a header gets a right one. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
  size = LLVMFuzzerMutate(data, size, max_size);
  for (uint8_t *block = data; seed % 16 != 0 && block + UP_BLOCK <= data + size; block += UP_BLOCK) {
    unsigned sum = 0;
    if (memcmp(block + 257, "ustar", 5) != 0)
      continue;
    memset(block + 148, ' ', 8);
    for (size_t i = 0; i < UP_BLOCK; i++)
      sum += block[i];
    snprintf((char *)block + 148, 8, "%06o", sum);
  }
  return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct up_failure failure;
  static struct up_tar tar;
  static struct up_tree tree;
  const struct up_limits limits = {.bytes = 1 << 24, .entries = 1000};
  if (root < 0) {
    /* The report goes nowhere. */
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (!mkdtemp(name) || null < 0 || dup2(null, UP_FD_REPORT) < 0)
      abort();
    atexit(leave);
  }
  if (root >= 0)
    close(root);
  if (up_remove(AT_FDCWD, name) || mkdirat(AT_FDCWD, name, 0755) ||
      (root = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
    abort();
  struct bytes bytes = {data, size, size % 700 + 1};
  struct up_source source = {.next = next, .context = &bytes};
  memset(&failure, 0, sizeof failure);
  if (up_tar_open(&tar, &source, &failure) || up_tree_open(&tree, root, &limits, &failure))
    abort();
  while (up_tar_next(&tar) > 0)
    if (up_extract(&tree, &tar))
      break;
  if (!failure.reason)
    up_tree_finish(&tree);
  up_tree_close(&tree);
  up_tar_close(&tar);
  up_report_flush();
  return 0;
}
