/* Numbers of tar headers: octal text, GNU's base-256 binary, and decimal in PAX records. */
#include "unpack.h"
#include <string.h>

/* Base-256: the first bit marks it, the second is the sign, the rest is big-endian two's complement. */
static bool binary(const uint8_t *field, size_t width, int64_t *value) {
  bool negative = (field[0] & 0x40) != 0;
  uint64_t result = negative ? UINT64_MAX : 0;
  for (size_t i = 0; i < width; i++) {
    uint8_t byte = field[i];
    if (i == 0)
      byte = negative ? byte | 0x80 : byte & 0x7f;
    /* What is shifted out must be sign only. */
    if ((result >> 55) != (negative ? 0x1ffU : 0U))
      return false;
    result = result << 8 | byte;
  }
  *value = (int64_t)result;
  return (*value < 0) == negative;
}

bool up_number(const char *field, size_t width, int64_t *value) {
  if ((uint8_t)field[0] & 0x80)
    return binary((const uint8_t *)field, width, value);
  size_t i = 0;
  while (i < width && field[i] == ' ')
    i++;
  int64_t result = 0;
  for (; i < width && field[i] >= '0' && field[i] <= '7'; i++) {
    if (result > INT64_MAX >> 3)
      return false;
    result = result << 3 | (field[i] - '0');
  }
  for (; i < width; i++)
    if (field[i] != ' ' && field[i] != '\0')
      return false;
  *value = result;
  return true;
}

bool up_decimal(const char *text, size_t size, uint64_t *value) {
  uint64_t result = 0;
  if (size == 0)
    return false;
  for (size_t i = 0; i < size; i++) {
    if (text[i] < '0' || text[i] > '9')
      return false;
    unsigned digit = (unsigned)(text[i] - '0');
    if (result > (UINT64_MAX - digit) / 10)
      return false;
    result = result * 10 + digit;
  }
  *value = result;
  return true;
}

/* "-1.25" is 1.25 s before the epoch: -2 s and 750,000,000 ns. More than nine digits are cut. */
bool up_time(const char *text, size_t size, struct timespec *value) {
  bool negative = size > 0 && text[0] == '-';
  if (negative) {
    text++;
    size--;
  }
  const char *dot = memchr(text, '.', size);
  size_t whole = dot ? (size_t)(dot - text) : size;
  uint64_t seconds;
  if (!up_decimal(text, whole, &seconds) || seconds > (uint64_t)1 << 40)
    return false;
  long nanoseconds = 0;
  if (dot) {
    long unit = 100000000;
    for (const char *at = dot + 1; at < text + size; at++, unit /= 10) {
      if (*at < '0' || *at > '9')
        return false;
      nanoseconds += (*at - '0') * unit;
    }
  }
  value->tv_sec = negative ? -(time_t)seconds - (nanoseconds > 0) : (time_t)seconds;
  value->tv_nsec = negative && nanoseconds > 0 ? 1000000000 - nanoseconds : nanoseconds;
  return true;
}
