/* PAX extended headers (POSIX pax, "Extended Header"): records "LENGTH KEY=VALUE\n" that override header
 * fields. */
#include "unpack.h"
#include <string.h>

#define XATTR "SCHILY.xattr."

struct record {
  const char *key;
  size_t key_size;
  char *value;
  size_t size;
};

static int broken(struct up_tar *tar) {
  return up_fail(tar->failure, "bad-pax", tar->entry.path, 0);
}

/* Cuts the next record off; the LENGTH counts itself. The value is ended with a NUL in the newline's place.
 */
static int cut(struct up_tar *tar, size_t *at, struct record *record) {
  char *start = tar->pax + *at;
  size_t rest = tar->pax_size - *at;
  char *space = memchr(start, ' ', rest < 10 ? rest : 10);
  uint64_t length;
  if (!space || !up_decimal(start, (size_t)(space - start), &length) || length > rest)
    return broken(tar);
  char *end = start + length - 1;
  char *equals = end > space ? memchr(space, '=', (size_t)(end - space)) : NULL;
  if (!equals || equals == space + 1 || *end != '\n')
    return broken(tar);
  *end = '\0';
  *record = (struct record){space + 1, (size_t)(equals - space - 1), equals + 1, (size_t)(end - equals - 1)};
  *at += length;
  return 0;
}

static bool is(const struct record *record, const char *key) {
  return record->key_size == strlen(key) && memcmp(record->key, key, record->key_size) == 0;
}

static int text(struct up_tar *tar, const struct record *record, char out[UP_PATH]) {
  if (record->size >= UP_PATH)
    return up_fail(tar->failure, "long-name", "", 0);
  if (memchr(record->value, '\0', record->size))
    return broken(tar);
  memcpy(out, record->value, record->size + 1);
  return 0;
}

static int id(struct up_tar *tar, const struct record *record, uint32_t *out) {
  uint64_t value;
  /* 2^32-1 is the kernel's "no id". */
  if (!up_decimal(record->value, record->size, &value) || value >= UINT32_MAX)
    return broken(tar);
  *out = (uint32_t)value;
  return 0;
}

static int xattr(struct up_tar *tar, const struct record *record) {
  struct up_entry *entry = &tar->entry;
  size_t prefix = strlen(XATTR);
  if (entry->xattr_count == UP_XATTRS_MAX)
    return up_fail(tar->failure, "many-xattrs", entry->path, 0);
  /* The equals sign is overwritten, so that the name can be used where it is. */
  char *name = (char *)record->key + prefix;
  name[record->key_size - prefix] = '\0';
  if (strlen(name) != record->key_size - prefix || name[0] == '\0')
    return broken(tar);
  entry->xattrs[entry->xattr_count++] = (struct up_xattr){name, record->value, record->size};
  return 0;
}

static int sparse_number(struct up_tar *tar, const struct record *record, uint64_t *out) {
  return up_decimal(record->value, record->size, out) ? 0 : up_fail(tar->failure, "bad-sparse", "", 0);
}

/* Formats 0.0 (pairs of records) and 0.1 (one record with commas); 1.0 keeps its map in the data. */
static int sparse(struct up_tar *tar, const struct record *record, int *major) {
  struct up_entry *entry = &tar->entry;
  uint64_t number;
  if (is(record, "GNU.sparse.name"))
    return tar->has_long_name = tar->has_sparse_name = true, text(tar, record, tar->long_name);
  if (is(record, "GNU.sparse.realsize") || is(record, "GNU.sparse.size"))
    return entry->sparse = true, sparse_number(tar, record, &entry->real_size);
  if (is(record, "GNU.sparse.major"))
    return *major = record->size == 1 ? record->value[0] - '0' : -1, 0;
  if (is(record, "GNU.sparse.offset") || is(record, "GNU.sparse.numbytes")) {
    if (sparse_number(tar, record, &number) || entry->segment_count == UP_SPARSE_MAX)
      return up_fail(tar->failure, "bad-sparse", "", 0);
    if (is(record, "GNU.sparse.offset"))
      tar->segments[entry->segment_count].offset = number;
    else
      tar->segments[entry->segment_count++].size = number;
    return 0;
  }
  if (!is(record, "GNU.sparse.map"))
    return 0;
  for (size_t at = 0, index = 0; at <= record->size; index++) {
    char *comma = memchr(record->value + at, ',', record->size - at);
    size_t end = comma ? (size_t)(comma - record->value) : record->size;
    if (entry->segment_count == UP_SPARSE_MAX || !up_decimal(record->value + at, end - at, &number))
      return up_fail(tar->failure, "bad-sparse", "", 0);
    if (index % 2 == 0)
      tar->segments[entry->segment_count].offset = number;
    else
      tar->segments[entry->segment_count++].size = number;
    at = end + 1;
  }
  return 0;
}

static int apply(struct up_tar *tar, const struct record *record, int *major) {
  struct up_entry *entry = &tar->entry;
  if (record->size == 0 &&
      !(record->key_size > strlen(XATTR) && memcmp(record->key, XATTR, strlen(XATTR)) == 0))
    return 0;
  /* A sparse file's path names the archive's helper folder; GNU.sparse.name is the file's own. */
  if (is(record, "path") && tar->has_sparse_name)
    return 0;
  if (is(record, "path"))
    return tar->has_long_name = true, text(tar, record, tar->long_name);
  if (is(record, "linkpath"))
    return tar->has_long_link = true, text(tar, record, tar->long_link);
  if (is(record, "size"))
    return up_decimal(record->value, record->size, &entry->size) && entry->size <= INT64_MAX ? 0
                                                                                             : broken(tar);
  if (is(record, "uid"))
    return id(tar, record, &entry->uid);
  if (is(record, "gid"))
    return id(tar, record, &entry->gid);
  if (is(record, "mtime"))
    return up_time(record->value, record->size, &entry->mtime) ? 0 : broken(tar);
  if (is(record, "atime"))
    return up_time(record->value, record->size, &entry->atime) ? 0 : broken(tar);
  if (record->key_size > strlen(XATTR) && memcmp(record->key, XATTR, strlen(XATTR)) == 0)
    return xattr(tar, record);
  if (record->key_size > 11 && memcmp(record->key, "GNU.sparse.", 11) == 0)
    return sparse(tar, record, major);
  return 0;
}

int up_pax_apply(struct up_tar *tar) {
  int major = 0;
  /* Without an access time of its own an entry gets its modification time: the same layer, the same tree. */
  tar->entry.atime.tv_nsec = -1;
  for (size_t at = 0; at < tar->pax_size;) {
    struct record record = {0};
    if (cut(tar, &at, &record) || apply(tar, &record, &major))
      return -1;
  }
  if (tar->entry.atime.tv_nsec < 0)
    tar->entry.atime = tar->entry.mtime;
  if (major != 0 && major != 1)
    return up_fail(tar->failure, "bad-sparse", "", 0);
  if (major == 1)
    tar->entry.sparse = true;
  return major;
}
