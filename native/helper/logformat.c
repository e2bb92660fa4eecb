/* The kubelet's log format: "<RFC 3339 time> <stream> <F|P> <text>\n". */
#include "helper.h"
#include <string.h>

enum { OUT_SIZE = 32768, STREAM_MAX = 8 };
static char out[OUT_SIZE];
static size_t used;

void ts_log_flush(struct ts_log *log) {
  if (used)
    ts_log_append(log, out, used);
  used = 0;
}

void ts_log_record(struct ts_log *log, const char *stream, char tag, const char *bytes, size_t length) {
  const size_t stream_length = strlen(stream);
  const size_t size = TS_STAMP_LENGTH + 1 + stream_length + 3 + length + 1;
  if (log->fd < 0 || stream_length > STREAM_MAX || length > TS_LINE_MAX)
    return;
  if (used + size > OUT_SIZE)
    ts_log_flush(log);
  if (log->max_bytes && log->size + used && log->size + used + size > log->max_bytes) {
    ts_log_flush(log);
    ts_log_rotate(log);
  }
  char *at = out + used;
  ts_stamp(at);
  at += TS_STAMP_LENGTH;
  *at++ = ' ';
  memcpy(at, stream, stream_length);
  at += stream_length;
  *at++ = ' ';
  *at++ = tag;
  *at++ = ' ';
  memcpy(at, bytes, length);
  at[length] = '\n';
  used += size;
}
