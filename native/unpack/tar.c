/*
 * Reads tar: v7, ustar, PAX and GNU. Where archives can be read in two ways it follows Go's archive/tar,
 * which the peers read layers with, so that one layer is one tree everywhere: links have no data whatever
 * their size says.
 */
#include "unpack.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int broken(struct up_tar *tar, const char *reason) {
  return up_fail(tar->failure, reason, tar->entry.path, 0);
}

int up_tar_open(struct up_tar *tar, struct up_source *source, struct up_failure *failure) {
  *tar = (struct up_tar){.source = source, .failure = failure};
  tar->pax = malloc(UP_SPECIAL_MAX);
  tar->segments = calloc(UP_SPARSE_MAX, sizeof *tar->segments);
  return tar->pax && tar->segments ? 0 : up_fail(failure, "memory", "", ENOMEM);
}

void up_tar_close(struct up_tar *tar) {
  free(tar->pax);
  free(tar->segments);
}

static uint64_t round_up(uint64_t size) {
  return (size + UP_BLOCK - 1) / UP_BLOCK * UP_BLOCK;
}

static bool is_zero(const uint8_t block[UP_BLOCK]) {
  return block[0] == 0 && memcmp(block, block + 1, UP_BLOCK - 1) == 0;
}

/* Old writers summed signed bytes; both sums are accepted, as everywhere. */
static bool sum_matches(const uint8_t header[UP_BLOCK]) {
  int64_t wanted, plain = 0, with_sign = 0;
  for (size_t i = 0; i < UP_BLOCK; i++) {
    uint8_t byte = i >= 148 && i < 156 ? ' ' : header[i];
    plain += byte;
    with_sign += (int8_t)byte;
  }
  return up_number((const char *)header + 148, 8, &wanted) && (wanted == plain || wanted == with_sign);
}

/* The data of a long name, long link or PAX header. */
static int special(struct up_tar *tar, uint64_t size, char *into, size_t room) {
  if (size > room)
    return broken(tar, room == UP_SPECIAL_MAX ? "long-pax" : "long-name");
  if (size > 0 && up_read(tar->source, into, (size_t)size) != 1)
    return broken(tar, "truncated");
  return up_skip(tar->source, round_up(size) - size) == 1 ? 0 : broken(tar, "truncated");
}

static int long_text(struct up_tar *tar, uint64_t size, char into[UP_PATH], bool *has) {
  if (size > UP_PATH)
    return broken(tar, "long-name");
  memset(into, 0, UP_PATH);
  if (special(tar, size, into, UP_PATH))
    return -1;
  *has = true;
  return into[UP_PATH - 1] == '\0' ? 0 : broken(tar, "long-name");
}

static int number(struct up_tar *tar, const uint8_t *header, size_t at, size_t width, int64_t least,
                  int64_t most, int64_t *value) {
  if (!up_number((const char *)header + at, width, value) || *value < least || *value > most)
    return broken(tar, "bad-number");
  return 0;
}

static int fields(struct up_tar *tar, const uint8_t header[UP_BLOCK], int64_t size) {
  struct up_entry *entry = &tar->entry;
  int64_t mode, uid, gid, mtime, major = 0, minor = 0;
  bool device = entry->type == '3' || entry->type == '4';
  if (number(tar, header, 100, 8, 0, INT64_MAX, &mode) ||
      number(tar, header, 108, 8, 0, UINT32_MAX - 1, &uid) ||
      number(tar, header, 116, 8, 0, UINT32_MAX - 1, &gid) ||
      number(tar, header, 136, 12, INT64_MIN / 2, (int64_t)1 << 40, &mtime) ||
      (device && number(tar, header, 329, 8, 0, 0xfff, &major)) ||
      (device && number(tar, header, 337, 8, 0, 0xfffff, &minor)))
    return -1;
  entry->mode = (mode_t)mode & 07777;
  entry->uid = (uid_t)uid;
  entry->gid = (gid_t)gid;
  entry->mtime = entry->atime = (struct timespec){.tv_sec = mtime};
  entry->size = (uint64_t)size;
  entry->major = (unsigned)major;
  entry->minor = (unsigned)minor;
  return 0;
}

static int clean(struct up_tar *tar, const char *raw, char out[UP_PATH], const char *empty) {
  size_t size = strnlen(raw, UP_PATH);
  if (size == 0)
    return broken(tar, empty);
  if (up_clean_path(raw, size, out) == 0)
    return 0;
  int error = errno;
  up_fail(tar->failure,
          error == ELOOP          ? "traversal"
          : error == ENAMETOOLONG ? "long-name"
                                  : "bad-name",
          raw, 0);
  return -1;
}

/* ustar keeps long names in two parts; GNU's magic ("ustar  ") has other fields in that place. */
static void header_name(const uint8_t header[UP_BLOCK], char name[UP_PATH]) {
  size_t length = 0;
  bool ustar = memcmp(header + 257, "ustar\0", 6) == 0;
  if (ustar && header[345] != '\0') {
    length = strnlen((const char *)header + 345, 155);
    memcpy(name, header + 345, length);
    name[length++] = '/';
  }
  size_t rest = strnlen((const char *)header, 100);
  memcpy(name + length, header, rest);
  name[length + rest] = '\0';
}

static int names(struct up_tar *tar, const uint8_t header[UP_BLOCK]) {
  struct up_entry *entry = &tar->entry;
  char raw[UP_PATH];
  if (!tar->has_long_name)
    header_name(header, tar->long_name);
  if (clean(tar, tar->long_name, entry->path, "bad-name"))
    return -1;
  if (tar->has_long_link)
    memcpy(raw, tar->long_link, sizeof raw);
  else {
    memset(raw, 0, sizeof raw);
    memcpy(raw, header + 157, 100);
  }
  /* v7 had no type for folders but the name's slash. */
  size_t length = strlen(tar->long_name);
  if (entry->type == '0' && length > 0 && tar->long_name[length - 1] == '/')
    entry->type = '5';
  if (entry->type == '1')
    return clean(tar, raw, entry->link, "bad-link");
  if (entry->type == '2' && raw[0] == '\0')
    return broken(tar, "bad-link");
  memcpy(entry->link, raw, sizeof raw);
  return 0;
}

static char entry_type(uint8_t flag) {
  if (flag == '\0' || flag == '7' || flag == 'S')
    return '0';
  if (flag >= '0' && flag <= '6')
    return "0123456"[flag - '0'];
  return '\0';
}
/* A header that describes an entry. */
static int entry(struct up_tar *tar, const uint8_t header[UP_BLOCK], int64_t size) {
  struct up_entry *entry = &tar->entry;
  uint8_t flag = header[156];
  entry->type = entry_type(flag);
  if (entry->type == '\0') {
    header_name(header, tar->entry.path);
    return broken(tar, "unknown-type");
  }
  if (fields(tar, header, size))
    return -1;
  int major = tar->has_pax ? up_pax_apply(tar) : 0;
  if (major < 0 || names(tar, header))
    return -1;
  if (entry->type != '0')
    entry->size = 0;
  if (flag == 'S' && up_sparse_old(tar, header))
    return -1;
  tar->unread = entry->size;
  tar->padded = round_up(entry->size);
  if (entry->type != '0' || !entry->sparse)
    return entry->sparse = false, 1;
  if (major == 1 && up_sparse_map_10(tar))
    return -1;
  return up_sparse_check(tar) ? -1 : 1;
}

/* 1: an entry; 0: the end; 2: a header about the next header. */
static int header(struct up_tar *tar) {
  uint8_t block[UP_BLOCK];
  int got = up_read(tar->source, block, sizeof block);
  if (got < 0)
    return broken(tar, "truncated");
  if (got == 0)
    return tar->has_pax || tar->has_long_name || tar->has_long_link ? broken(tar, "truncated") : 0;
  if (is_zero(block)) {
    got = up_read(tar->source, block, sizeof block);
    return got == 0 || (got == 1 && is_zero(block)) ? 0 : broken(tar, got < 0 ? "truncated" : "bad-header");
  }
  int64_t size;
  if (!sum_matches(block))
    return broken(tar, "bad-checksum");
  if (number(tar, block, 124, 12, 0, INT64_MAX, &size))
    return -1;
  switch (block[156]) {
  case 'x':
    if (tar->has_pax)
      return broken(tar, "bad-pax");
    if (special(tar, (uint64_t)size, tar->pax, UP_SPECIAL_MAX))
      return -1;
    tar->has_pax = true;
    tar->pax_size = (size_t)size;
    return 2;
  case 'g':
    /* Comments of `git archive`; the peers pass global headers over too. */
    if (size > UP_SPECIAL_MAX)
      return broken(tar, "long-pax");
    return up_skip(tar->source, round_up((uint64_t)size)) == 1 ? 2 : broken(tar, "truncated");
  case 'L':
    return long_text(tar, (uint64_t)size, tar->long_name, &tar->has_long_name) ? -1 : 2;
  case 'K':
    return long_text(tar, (uint64_t)size, tar->long_link, &tar->has_long_link) ? -1 : 2;
  default:
    return entry(tar, block, size);
  }
}

int up_tar_next(struct up_tar *tar) {
  if (up_skip(tar->source, tar->padded) != 1)
    return broken(tar, "truncated");
  tar->padded = tar->unread = 0;
  tar->has_pax = tar->has_long_name = tar->has_long_link = tar->has_sparse_name = false;
  tar->pax_size = 0;
  tar->entry.xattr_count = tar->entry.segment_count = 0;
  tar->entry.sparse = false;
  for (;;) {
    int got = header(tar);
    if (got != 2)
      return got;
  }
}

int up_tar_data(struct up_tar *tar, const uint8_t **data, size_t *size) {
  if (tar->unread == 0)
    return 0;
  size_t most = tar->unread < SIZE_MAX ? (size_t)tar->unread : SIZE_MAX;
  if (up_take(tar->source, most, data, size) != 1)
    return broken(tar, "truncated");
  tar->unread -= *size;
  tar->padded -= *size;
  return 1;
}
