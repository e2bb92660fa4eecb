/* A regular file's data. */
#include "unpack.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Runs of zeros this long become holes: a bomb of zeros then costs no disk, and files read the same. */
enum { HOLE = 1 << 16 };

static bool is_zero(const uint8_t *data, size_t size) {
  return data[0] == 0 && memcmp(data, data + 1, size - 1) == 0;
}

static int write_all(struct up_tree *tree, int fd, const uint8_t *data, size_t size, const char *path) {
  tree->written += size;
  while (size > 0) {
    ssize_t wrote = write(fd, data, size);
    if (wrote < 0 && errno == EINTR)
      continue;
    if (wrote < 0)
      return up_fail(tree->failure, "write", path, errno);
    data += wrote;
    size -= (size_t)wrote;
  }
  return up_check_room(tree, path);
}

static int put(struct up_tree *tree, int fd, const uint8_t *data, size_t size, const char *path) {
  while (size > 0) {
    size_t piece = size;
    if (size >= HOLE) {
      /* The longest run, by whole units, that is all zeros or has none. */
      bool hole = is_zero(data, HOLE);
      for (piece = HOLE; size - piece >= HOLE && is_zero(data + piece, HOLE) == hole;)
        piece += HOLE;
      if (hole && lseek(fd, (off_t)piece, SEEK_CUR) < 0)
        return up_fail(tree->failure, "write", path, errno);
      if (!hole)
        piece = size - piece < HOLE ? size : piece;
      if (!hole && write_all(tree, fd, data, piece, path))
        return -1;
    } else if (write_all(tree, fd, data, size, path)) {
      return -1;
    }
    data += piece;
    size -= piece;
  }
  return 0;
}

/* The next `size` bytes of the entry's data, at the file's position. */
static int copy(struct up_tree *tree, struct up_tar *tar, int fd, uint64_t size) {
  while (size > 0) {
    const uint8_t *data;
    size_t piece;
    if (tar->unread < size)
      return up_fail(tree->failure, "bad-sparse", tar->entry.path, 0);
    uint64_t unread = tar->unread;
    tar->unread = size;
    int got = up_tar_data(tar, &data, &piece);
    tar->unread = unread - (got > 0 ? piece : 0);
    if (got <= 0 || put(tree, fd, data, piece, tar->entry.path))
      return -1;
    size -= piece;
  }
  return 0;
}

static int copy_sparse(struct up_tree *tree, struct up_tar *tar, int fd) {
  for (size_t i = 0; i < tar->entry.segment_count; i++) {
    const struct up_segment *segment = &tar->segments[i];
    if (lseek(fd, (off_t)segment->offset, SEEK_SET) < 0)
      return up_fail(tree->failure, "write", tar->entry.path, errno);
    if (copy(tree, tar, fd, segment->size))
      return -1;
  }
  return 0;
}

int up_write_file(struct up_tree *tree, struct up_tar *tar, struct up_cached *parent, const char *base) {
  const struct up_entry *entry = &tar->entry;
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  uint64_t size = entry->sparse ? entry->real_size : entry->size;
  if (size > tree->limits.bytes)
    return up_fail(tree->failure, "too-big", entry->path, 0);
  int fd = openat(parent->fd, base, flags, entry->mode & 0777);
  if (fd < 0 && errno == EEXIST) {
    if (up_replace(tree, parent->fd, base))
      return up_fail(tree->failure, "replace", entry->path, errno);
    fd = openat(parent->fd, base, flags, entry->mode & 0777);
  }
  if (fd < 0)
    return up_fail(tree->failure, "create", entry->path, errno);
  int result = entry->sparse ? copy_sparse(tree, tar, fd) : copy(tree, tar, fd, entry->size);
  /* A hole at the end has no byte behind it that would give the file its length. */
  if (result == 0 && (entry->sparse || size >= HOLE) && ftruncate(fd, (off_t)size))
    result = up_fail(tree->failure, "write", entry->path, errno);
  if (result == 0)
    result = up_metadata(tree, entry, parent, fd, base, true);
  if (close(fd) && result == 0)
    result = up_fail(tree->failure, "write", entry->path, errno);
  return result;
}
