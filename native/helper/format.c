#include "helper.h"
#include <string.h>
#include <time.h>

size_t ts_format_u64(char *out, uint64_t value) {
  char digits[20];
  size_t n = 0;
  do
    digits[n++] = (char)('0' + value % 10);
  while (value /= 10);
  for (size_t i = 0; i < n; i++)
    out[i] = digits[n - 1 - i];
  return n;
}

char *ts_append(char *at, const char *end, const char *text) {
  while (*text && at < end)
    *at++ = *text++;
  return at;
}

char *ts_append_u64(char *at, const char *end, uint64_t value) {
  char digits[21];
  digits[ts_format_u64(digits, value)] = 0;
  return ts_append(at, end, digits);
}

static void put(char *out, unsigned width, unsigned value) {
  while (width--) {
    out[width] = (char)('0' + value % 10);
    value /= 10;
  }
}

/* Years that begin in March, so that the leap day is the last; eras of 400 years from 0000-03-01. */
static void put_date(char *out, uint64_t days) {
  days += 719468;
  const unsigned of_era = (unsigned)(days % 146097);
  const unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
  const unsigned month = (5 * of_year + 2) / 153;
  put(out, 4, (unsigned)(days / 146097) * 400 + year + (month >= 10));
  put(out + 5, 2, month < 10 ? month + 3 : month - 9);
  put(out + 8, 2, of_year - (153 * month + 2) / 5 + 1);
}

void ts_stamp(char out[TS_STAMP_LENGTH]) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  const uint64_t seconds = now.tv_sec > 0 ? (uint64_t)now.tv_sec : 0;
  const unsigned of_day = (unsigned)(seconds % 86400);
  memcpy(out, "0000-00-00T00:00:00.000000000Z", TS_STAMP_LENGTH);
  put_date(out, seconds / 86400);
  put(out + 11, 2, of_day / 3600);
  put(out + 14, 2, of_day / 60 % 60);
  put(out + 17, 2, of_day % 60);
  put(out + 20, 9, (unsigned)now.tv_nsec);
}
