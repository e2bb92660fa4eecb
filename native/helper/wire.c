#include "tspod_wire.h"
#include <errno.h>
#include <string.h>

struct spec {
  const char *name, *shape;
};

static const struct spec specs[] = {
#define X(code, function, name, shape) [TS_OP_##code] = {name, shape},
    TSPOD_OPS(X)
#undef X
};

const char *ts_op_name(enum ts_op_code code) {
  return specs[code].name;
}

const char *ts_op_shape(enum ts_op_code code) {
  return specs[code].shape;
}

static int bad(void) {
  errno = EBADMSG;
  return -1;
}

int ts_parse_u64(const char *text, size_t length, uint64_t max, uint64_t *value) {
  if (length == 0 || length > 20 || (length > 1 && text[0] == '0'))
    return -1;
  uint64_t sum = 0;
  for (size_t i = 0; i < length; i++) {
    unsigned digit = (unsigned)(unsigned char)text[i] - '0';
    if (digit > 9 || sum > (UINT64_MAX - digit) / 10)
      return -1;
    sum = sum * 10 + digit;
  }
  if (sum > max)
    return -1;
  *value = sum;
  return 0;
}

/* One NUL-terminated text; the terminator must be inside the plan. */
static int text(struct ts_plan *plan, const char **start, size_t *length) {
  const char *stop = memchr(plan->next, 0, (size_t)(plan->end - plan->next));
  if (!stop)
    return bad();
  *start = plan->next;
  *length = (size_t)(stop - plan->next);
  plan->next = stop + 1;
  return 0;
}

static int number(struct ts_plan *plan, uint64_t max, uint64_t *value) {
  const char *start;
  size_t length;
  if (text(plan, &start, &length) || ts_parse_u64(start, length, max, value))
    return bad();
  return 0;
}

/* Descriptors: -1 stands for "none". */
static int descriptor(struct ts_plan *plan, int64_t *value) {
  uint64_t plain;
  if (plan->end - plan->next >= 3 && memcmp(plan->next, "-1", 3) == 0) {
    plan->next += 3;
    *value = -1;
    return 0;
  }
  if (number(plan, INT32_MAX, &plain))
    return -1;
  *value = (int64_t)plain;
  return 0;
}

/* The place of the text in `names`, which is NUL-separated and ends in an empty name. */
static int choice(struct ts_plan *plan, const char *names, int64_t *value) {
  const char *start;
  size_t length;
  if (text(plan, &start, &length))
    return -1;
  for (*value = 0; *names; names += strlen(names) + 1, ++*value)
    if (strcmp(names, start) == 0)
      return 0;
  return bad();
}

static int list(struct ts_plan *plan, struct ts_field *field, int numbers) {
  uint64_t count, ignored;
  const char *item;
  size_t length;
  if (number(plan, numbers ? TS_WIRE_MAX_LIST : TS_WIRE_MAX_TEXTS, &count))
    return -1;
  field->length = (size_t)count;
  field->text = plan->next;
  for (uint64_t i = 0; i < count; i++)
    if (text(plan, &item, &length) || (numbers && ts_parse_u64(item, length, UINT32_MAX, &ignored)))
      return bad();
  return 0;
}

static int decode_field(struct ts_plan *plan, char shape, struct ts_field *field) {
  uint64_t value = 0;
  int failed = 0;
  switch (shape) {
  case 's':
    return text(plan, &field->text, &field->length);
  case 'i':
    return descriptor(plan, &field->number);
  case 'u':
    failed = number(plan, UINT32_MAX, &value);
    break;
  case 'b':
    failed = number(plan, 1, &value);
    break;
  case 'x':
    return number(plan, UINT64_MAX, &field->mask);
  case 't':
    return choice(plan, "pipes\0tty\0inherit\0", &field->number);
  case 'L':
    return list(plan, field, 0);
  case 'N':
    return list(plan, field, 1);
  default:
    return bad();
  }
  field->number = (int64_t)value;
  return failed;
}

int ts_plan_next(struct ts_plan *plan, struct ts_op *op) {
  const char *name;
  size_t length;
  if (plan->next == plan->end)
    return 0;
  if (text(plan, &name, &length))
    return -1;
  unsigned code = 0;
  while (code < TS_OP_COUNT && strcmp(specs[code].name, name) != 0)
    code++;
  if (code == TS_OP_COUNT)
    return bad();
  memset(op, 0, sizeof *op);
  op->code = (enum ts_op_code)code;
  for (unsigned i = 0; specs[code].shape[i]; i++)
    if (decode_field(plan, specs[code].shape[i], &op->field[i]))
      return -1;
  return 1;
}

int ts_plan_open(struct ts_plan *plan, const void *bytes, size_t size) {
  uint16_t version;
  uint32_t length;
  const char *header = bytes;
  if (size < TS_WIRE_HEADER || memcmp(header, "TSPD", 4) != 0)
    return bad();
  memcpy(&version, header + 4, 2);
  memcpy(&plan->flags, header + 6, 2);
  memcpy(&plan->records, header + 8, 4);
  memcpy(&length, header + 12, 4);
  if (version != TS_WIRE_VERSION || length > TS_WIRE_MAX_BYTES || length != size - TS_WIRE_HEADER ||
      plan->records > TS_WIRE_MAX_RECORDS)
    return bad();
  plan->next = header + TS_WIRE_HEADER;
  plan->end = plan->next + length;
  return 0;
}

int ts_plan_check(struct ts_plan plan, uint32_t *step) {
  struct ts_op op;
  int cloned = 0, got = 1;
  enum ts_op_code last = TS_OP_COUNT;
  for (*step = 0; (got = ts_plan_next(&plan, &op)) == 1; ++*step) {
    /* Nothing may follow the op that ends the list, and a holder has no stage 2. */
    if (last == TS_OP_EXECVE || last == TS_OP_PAUSE || (cloned && op.code == TS_OP_PAUSE))
      return bad();
    if (op.code == TS_OP_CLONE && cloned++)
      return bad();
    last = op.code;
  }
  if (got < 0 || *step != plan.records || (last != TS_OP_EXECVE && last != TS_OP_PAUSE))
    return bad();
  return 0;
}

const char *ts_list_next(const char *item) {
  return item + strlen(item) + 1;
}
