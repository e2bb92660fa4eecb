#include "unpack.h"
#include <string.h>

int up_fail(struct up_failure *failure, const char *reason, const char *path, int error) {
  if (failure->reason)
    return -1;
  failure->reason = reason;
  failure->error = error;
  size_t length = strnlen(path, sizeof failure->path - 1);
  memcpy(failure->path, path, length);
  failure->path[length] = '\0';
  return -1;
}

static int refill(struct up_source *source) {
  while (source->left == 0) {
    int got = source->next(source->context, &source->data, &source->left);
    if (got <= 0)
      return got;
  }
  return 1;
}

int up_take(struct up_source *source, size_t most, const uint8_t **data, size_t *size) {
  int got = refill(source);
  if (got <= 0)
    return got;
  *data = source->data;
  *size = source->left < most ? source->left : most;
  source->data += *size;
  source->left -= *size;
  return 1;
}

int up_read(struct up_source *source, void *into, size_t size) {
  uint8_t *at = into;
  for (size_t filled = 0; filled < size;) {
    const uint8_t *data;
    size_t piece;
    int got = up_take(source, size - filled, &data, &piece);
    if (got < 0)
      return -1;
    if (got == 0)
      return filled == 0 ? 0 : -1;
    memcpy(at + filled, data, piece);
    filled += piece;
  }
  return 1;
}

int up_skip(struct up_source *source, uint64_t size) {
  while (size > 0) {
    const uint8_t *data;
    size_t piece;
    int got = up_take(source, size < SIZE_MAX ? (size_t)size : SIZE_MAX, &data, &piece);
    if (got <= 0)
      return -1;
    size -= piece;
  }
  return 1;
}
