#include "unpack.h"
#include <errno.h>
#include <string.h>

/*
 * "./a//b/../c/" is "a/c". A name whose ".." leads above the root is refused rather than cut: no tool writes
 * it by accident, and the reader of the message should know.
 */
int up_clean_path(const char *raw, size_t size, char out[UP_PATH]) {
  size_t length = 0;
  if (memchr(raw, '\0', size)) {
    errno = EINVAL;
    return -1;
  }
  for (size_t i = 0; i < size;) {
    size_t end = i;
    while (end < size && raw[end] != '/')
      end++;
    size_t part = end - i;
    if (part == 2 && raw[i] == '.' && raw[i + 1] == '.') {
      if (length == 0) {
        errno = ELOOP;
        return -1;
      }
      while (length > 0 && out[length - 1] != '/')
        length--;
      if (length > 0)
        length--;
    } else if (part > 0 && !(part == 1 && raw[i] == '.')) {
      if (length + part + 2 > UP_PATH) {
        errno = ENAMETOOLONG;
        return -1;
      }
      if (length > 0)
        out[length++] = '/';
      memcpy(out + length, raw + i, part);
      length += part;
    }
    i = end + 1;
  }
  out[length] = '\0';
  return 0;
}
