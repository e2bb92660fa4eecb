/* Sparse files as GNU tar writes them: the old header with its extension blocks, and the maps of PAX formats.
 */
#include "unpack.h"
#include <string.h>

enum { IN_HEADER = 4, IN_EXTENSION = 21, PAIR = 24 };

static int broken(struct up_tar *tar) {
  return up_fail(tar->failure, "bad-sparse", tar->entry.path, 0);
}

static int pairs(struct up_tar *tar, const uint8_t *at, size_t count) {
  struct up_entry *entry = &tar->entry;
  for (size_t i = 0; i < count; i++, at += PAIR) {
    int64_t offset, size;
    if (at[0] == '\0')
      return 0;
    if (entry->segment_count == UP_SPARSE_MAX || !up_number((const char *)at, 12, &offset) ||
        !up_number((const char *)at + 12, 12, &size) || offset < 0 || size < 0)
      return broken(tar);
    tar->segments[entry->segment_count++] = (struct up_segment){(uint64_t)offset, (uint64_t)size};
  }
  return 0;
}

int up_sparse_old(struct up_tar *tar, const uint8_t header[UP_BLOCK]) {
  int64_t real_size;
  if (!up_number((const char *)header + 483, 12, &real_size) || real_size < 0 ||
      pairs(tar, header + 386, IN_HEADER))
    return broken(tar);
  tar->entry.sparse = true;
  tar->entry.real_size = (uint64_t)real_size;
  uint8_t block[UP_BLOCK];
  for (bool more = header[482] != 0; more; more = block[504] != 0) {
    if (up_read(tar->source, block, sizeof block) != 1)
      return up_fail(tar->failure, "truncated", tar->entry.path, 0);
    if (pairs(tar, block, IN_EXTENSION))
      return -1;
  }
  return 0;
}

struct map {
  uint8_t block[UP_BLOCK];
  size_t at;
  size_t blocks;
};

/* The next number of format 1.0's map: decimal lines at the start of the data, padded to a block. */
static bool line(struct up_tar *tar, struct map *map, uint64_t *value) {
  char digits[20];
  size_t length = 0;
  for (;;) {
    if (map->at == UP_BLOCK) {
      if (tar->padded < UP_BLOCK || tar->unread < UP_BLOCK || ++map->blocks > UP_SPECIAL_MAX / UP_BLOCK ||
          up_read(tar->source, map->block, UP_BLOCK) != 1)
        return false;
      tar->padded -= UP_BLOCK;
      tar->unread -= UP_BLOCK;
      map->at = 0;
    }
    char c = (char)map->block[map->at++];
    if (c == '\n')
      return up_decimal(digits, length, value);
    if (length == sizeof digits)
      return false;
    digits[length++] = c;
  }
}

int up_sparse_map_10(struct up_tar *tar) {
  struct map map = {.at = UP_BLOCK};
  uint64_t count;
  if (!line(tar, &map, &count) || count > UP_SPARSE_MAX)
    return broken(tar);
  tar->entry.segment_count = 0;
  for (uint64_t i = 0; i < count; i++) {
    struct up_segment *segment = &tar->segments[tar->entry.segment_count++];
    if (!line(tar, &map, &segment->offset) || !line(tar, &map, &segment->size))
      return broken(tar);
  }
  tar->entry.size = tar->unread;
  return 0;
}

/* In order, without overlap, within the file, and exactly as much as there is data. */
int up_sparse_check(struct up_tar *tar) {
  const struct up_entry *entry = &tar->entry;
  uint64_t end = 0, total = 0;
  for (size_t i = 0; i < entry->segment_count; i++) {
    const struct up_segment *segment = &tar->segments[i];
    if (segment->offset < end || segment->size > entry->real_size ||
        segment->offset > entry->real_size - segment->size)
      return broken(tar);
    end = segment->offset + segment->size;
    total += segment->size;
  }
  return total == entry->size && entry->real_size <= INT64_MAX ? 0 : broken(tar);
}
