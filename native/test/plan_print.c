/* Reads a plan from standard input and prints, as lines, what the decoder makes of it: "FLAGS n", then for
   each op its name and fields, texts in hexadecimal. Fails with 1 and "EBADMSG step N" for a plan the helper
   would refuse. */
#include "tspod_wire.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_text(const char *text, size_t length) {
  putchar('\'');
  for (size_t i = 0; i < length; i++)
    printf("%02x", (unsigned char)text[i]);
}

static void print_field(char shape, const struct ts_field *field) {
  const char *item = field->text;
  putchar(' ');
  switch (shape) {
  case 's':
    print_text(field->text, field->length);
    break;
  case 'L':
  case 'N':
    printf("%zu", field->length);
    for (size_t i = 0; i < field->length; i++, item = ts_list_next(item)) {
      putchar(' ');
      print_text(item, strlen(item));
    }
    break;
  case 'x':
    printf("%" PRIu64, field->mask);
    break;
  default:
    printf("%" PRId64, field->number);
  }
}

int main(void) {
  static char input[TS_WIRE_MAX_BYTES + TS_WIRE_HEADER + 1];
  struct ts_plan plan;
  struct ts_op op;
  uint32_t step = 0;
  size_t size = fread(input, 1, sizeof input, stdin);
  /* Exactly as large as it is, so that a read beyond it is seen. */
  char *exact = malloc(size ? size : 1);
  if (!exact)
    return 2;
  memcpy(exact, input, size);
  if (ts_plan_open(&plan, exact, size) || ts_plan_check(plan, &step)) {
    printf("EBADMSG step %" PRIu32 "\n", step);
    free(exact);
    return 1;
  }
  printf("FLAGS %u\n", (unsigned)plan.flags);
  while (ts_plan_next(&plan, &op) == 1) {
    const char *shape = ts_op_shape(op.code);
    printf("%s", ts_op_name(op.code));
    for (unsigned i = 0; shape[i]; i++)
      print_field(shape[i], &op.field[i]);
    putchar('\n');
  }
  free(exact);
  return 0;
}
