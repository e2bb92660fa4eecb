/*
 * Decoder of the plan (docs/protocol.md). It allocates nothing: strings are pointers into the mapping, and
 * a list is its length and a pointer to its first item.
 */
#ifndef TSPOD_WIRE_H
#define TSPOD_WIRE_H

#include "tspod_ops.h"
#include <stddef.h>
#include <stdint.h>

#define TS_WIRE_VERSION 1
#define TS_WIRE_HEADER  16
#define TS_WIRE_TRACE   1U
/* More than execve(2) takes of arguments and environment: 6 MiB, pointers included. */
#define TS_WIRE_MAX_BYTES   (8U << 20)
#define TS_WIRE_MAX_TEXTS   (1U << 20)
#define TS_WIRE_MAX_RECORDS 4096U
#define TS_WIRE_MAX_LIST    4096U
#define TS_WIRE_MAX_FIELDS  10

enum ts_stdio { TS_STDIO_PIPES, TS_STDIO_TTY, TS_STDIO_INHERIT };

struct ts_field {
  const char *text; /* s: the string; L, N: the first item */
  size_t length;    /* s: its bytes; L, N: how many items */
  int64_t number;   /* i, u, b, t */
  uint64_t mask;    /* x */
};

struct ts_op {
  enum ts_op_code code;
  struct ts_field field[TS_WIRE_MAX_FIELDS];
};

struct ts_plan {
  const char *next, *end;
  uint32_t records;
  uint16_t flags;
};

const char *ts_op_name(enum ts_op_code code);
const char *ts_op_shape(enum ts_op_code code);

/* Checks the header and points `plan` at the first record. 0, or -1 with EBADMSG. */
int ts_plan_open(struct ts_plan *plan, const void *bytes, size_t size);
/* Decodes one record: 1, 0 at the end, or -1 with EBADMSG. */
int ts_plan_next(struct ts_plan *plan, struct ts_op *op);
/* Decodes the whole once, without acting: 0, or -1 with EBADMSG and the bad record's number in `step`. */
int ts_plan_check(struct ts_plan plan, uint32_t *step);
/* Item after `item` of a list whose bounds the decoder has proven. */
const char *ts_list_next(const char *item);
/* Decimal without sign, blanks or leading zeros; -1 when it is not that or exceeds `max`. */
int ts_parse_u64(const char *text, size_t length, uint64_t max, uint64_t *value);

#endif
