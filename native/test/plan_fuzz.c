/* Mutates seed plans and decodes the results: plan-fuzz SECONDS SEED… A fault is the sanitizers' to report.
   The header's length is mended now and then, so that mutations get past it. */
#include "tspod_wire.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_SEEDS = 256, MAX_SIZE = 65536 };
static struct {
  char *bytes;
  size_t size;
} seeds[MAX_SEEDS];
static unsigned seed_count;
static uint64_t state = 0x9e3779b97f4a7c15U;

static uint64_t next_random(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

static size_t below(size_t limit) {
  return limit ? (size_t)(next_random() % limit) : 0;
}

static void load(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file || seed_count == MAX_SEEDS)
    exit(2);
  seeds[seed_count].bytes = malloc(MAX_SIZE);
  if (!seeds[seed_count].bytes)
    exit(2);
  seeds[seed_count].size = fread(seeds[seed_count].bytes, 1, MAX_SIZE / 2, file);
  seed_count++;
  fclose(file);
}

static size_t mutate(char *plan, size_t size) {
  static const char *const tokens[] = {"clone", "pause", "execve", "4096", "4097", "18446744073709551615",
                                       "-1",    "0",     "pipes"};
  for (size_t rounds = 1 + below(6); rounds > 0 && size > 0; rounds--) {
    const size_t at = below(size), length = below(size - at) / (1 + below(8));
    switch (below(6)) {
    case 0:
      plan[at] = (char)next_random();
      break;
    case 1:
      plan[at] = 0;
      break;
    case 2:
      memmove(plan + at, plan + at + length, size - at - length);
      size -= length;
      break;
    case 3:
      if (size + length < MAX_SIZE) {
        memmove(plan + at + length, plan + at, size - at);
        size += length;
      }
      break;
    case 4: {
      const char *token = tokens[below(sizeof tokens / sizeof *tokens)];
      const size_t width = strlen(token) + 1;
      if (at + width <= size)
        memcpy(plan + at, token, width);
      break;
    }
    default:
      plan[at] = (char)('0' + below(10));
    }
  }
  if (size >= TS_WIRE_HEADER && below(4)) {
    const uint32_t bytes = (uint32_t)(size - TS_WIRE_HEADER);
    memcpy(plan, "TSPD\1\0", 6);
    memcpy(plan + 12, &bytes, 4);
  }
  return size;
}

/* Decodes as the helper does, and touches every item of every list. */
static uint64_t decode(const char *bytes, size_t size, unsigned long *accepted) {
  struct ts_plan plan;
  struct ts_op op;
  uint32_t step;
  uint64_t sum = 0;
  if (ts_plan_open(&plan, bytes, size))
    return 0;
  *accepted += ts_plan_check(plan, &step) == 0;
  while (ts_plan_next(&plan, &op) == 1) {
    const char *shape = ts_op_shape(op.code);
    for (unsigned i = 0; shape[i]; i++) {
      const char *item = op.field[i].text;
      sum += op.field[i].mask + (uint64_t)op.field[i].number;
      if (shape[i] == 's')
        sum += strlen(item);
      else if (shape[i] == 'L' || shape[i] == 'N')
        for (size_t n = 0; n < op.field[i].length; n++, item = ts_list_next(item))
          sum += strlen(item);
    }
  }
  return sum;
}

int main(int argc, char **argv) {
  static char plan[MAX_SIZE];
  unsigned long runs = 0, accepted = 0;
  uint64_t sum = 0;
  if (argc < 3)
    return 2;
  for (int i = 2; i < argc; i++)
    load(argv[i]);
  state ^= (uint64_t)time(NULL);
  printf("random state %llu\n", (unsigned long long)state);
  fflush(stdout);
  for (time_t end = time(NULL) + atoi(argv[1]); time(NULL) < end;)
    for (int burst = 0; burst < 1000; burst++, runs++) {
      const size_t seed = below(seed_count);
      memcpy(plan, seeds[seed].bytes, seeds[seed].size);
      const size_t size = mutate(plan, seeds[seed].size);
      char *exact = malloc(size ? size : 1);
      if (!exact)
        return 2;
      memcpy(exact, plan, size);
      sum += decode(exact, size, &accepted);
      free(exact);
    }
  printf("%lu plans, %lu accepted, sum %llu\n", runs, accepted, (unsigned long long)sum);
  return 0;
}
