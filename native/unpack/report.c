/*
 * The report: records of NUL-ended fields, the first being the record's kind, each ended by an empty field.
 *
 *    opaque PATH              a folder that hides what lower layers have beneath it
 *    implied PATH             a folder that had no entry of its own
 *    lower-link PATH TARGET   a hardlink to a file that this layer does not have
 *    dropped PATH XATTR       an attribute that means nothing on this host
 *    done DIGEST BYTES ENTRIES
 *    fail REASON PATH ERRNO
 */
#include "unpack.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

static char buffer[1 << 16];
static size_t used;
static bool lost;

int up_report_flush(void) {
  for (size_t at = 0; at < used && !lost;) {
    ssize_t wrote = write(UP_FD_REPORT, buffer + at, used - at);
    if (wrote < 0 && errno != EINTR)
      lost = true;
    if (wrote > 0)
      at += (size_t)wrote;
  }
  used = 0;
  return lost ? -1 : 0;
}

static void put(const char *text) {
  size_t size = strlen(text) + 1;
  if (used + size > sizeof buffer)
    up_report_flush();
  memcpy(buffer + used, text, size);
  used += size;
}

void up_report(const char *kind, const char *const *fields, size_t count) {
  put(kind);
  for (size_t i = 0; i < count; i++)
    put(*fields[i] ? fields[i] : "/");
  put("");
}
