/*
 * tspod-unpack turns the bytes of one image layer into a folder. The bytes are hostile: the program sees no
 * file but the folder (its root), keeps only the capabilities that ownership and device nodes need, and may
 * make only the system calls that unpacking needs. Every path is resolved by openat2(RESOLVE_IN_ROOT) all the
 * same.
 *
 *    blob (fd 0) -> reader thread: decompress -> ring -> hash thread: sha256 of the plain bytes
 *                                                    \-> main thread: tar -> folder (fd 3)
 *    report (fd 1): records of NUL-ended fields, see report.c
 */
#ifndef TSPOD_UNPACK_H
#define TSPOD_UNPACK_H

#include "../include/tspod_kernel.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

enum {
  UP_FD_BLOB = 0,
  UP_FD_REPORT = 1,
  UP_FD_ROOT = 3,
  UP_BLOCK = 512,
  /* PATH_MAX with its NUL: what is longer could be unpacked, but never be named by a program in the
     container. */
  UP_PATH = 4096,
  /* One PAX header, long name or sparse map; Go's reader, which peers use, has the same limit. */
  UP_SPECIAL_MAX = 1 << 20,
  UP_XATTRS_MAX = 128,
  UP_SPARSE_MAX = 1 << 16,
};

/* ---- failures: the first one counts; TypeScript has the sentences (src/image/unpack-reasons.ts)
 * ------------- */
struct up_failure {
  const char *reason; /* a word: "traversal"; NULL while all is well */
  int error;          /* errno of a system call, or 0 */
  char path[UP_PATH];
};

int up_fail(struct up_failure *failure, const char *reason, const char *path, int error);

/* Opens a path of the layer: its symlinks are followed, but "/" is the layer's root, and ".." stops there. */
static inline int up_open(int root, const char *path, uint64_t flags) {
  return ts_openat2(root, *path ? path : ".", flags, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

/* ---- plain bytes, piece by piece
 * ---------------------------------------------------------------------------- */
struct up_source {
  /* 1: *data and *size are the next piece, valid until the next call; 0: the end; -1: broken, the reason is
   * known. */
  int (*next)(void *context, const uint8_t **data, size_t *size);
  void *context;
  const uint8_t *data;
  size_t left;
};

/* Up to *size bytes without copying: 1, or 0 at the end, or -1. */
int up_take(struct up_source *source, size_t most, const uint8_t **data, size_t *size);
/* Exactly `size` bytes: 1; 0 if the end came before the first; -1 if it came later (or the source is broken).
 */
int up_read(struct up_source *source, void *into, size_t size);
int up_skip(struct up_source *source, uint64_t size);

/* ---- tar
 * ----------------------------------------------------------------------------------------------------- */
struct up_xattr {
  const char *name;
  const void *value;
  size_t size;
};

struct up_segment {
  uint64_t offset;
  uint64_t size;
};

struct up_entry {
  char type;          /* '0' file, '1' hardlink, '2' symlink, '3' char, '4' block, '5' folder, '6' fifo */
  char path[UP_PATH]; /* cleaned: no leading slash, no "." or ".."; "" is the root */
  char link[UP_PATH]; /* symlinks: verbatim; hardlinks: cleaned */
  mode_t mode;
  uid_t uid;
  gid_t gid;
  uint64_t size; /* of the data in the archive */
  struct timespec mtime;
  struct timespec atime;
  unsigned major, minor;
  struct up_xattr xattrs[UP_XATTRS_MAX];
  size_t xattr_count;
  bool sparse;
  uint64_t real_size;
  size_t segment_count;
};

struct up_tar {
  struct up_source *source;
  struct up_failure *failure;
  struct up_entry entry;
  uint64_t padded; /* bytes of the entry's data and padding not yet consumed */
  uint64_t unread; /* bytes of the entry's data not yet consumed */
  char *pax;       /* UP_SPECIAL_MAX: the records that the entry's xattrs point into */
  size_t pax_size;
  struct up_segment *segments; /* UP_SPARSE_MAX */
  char long_name[UP_PATH];
  char long_link[UP_PATH];
  bool has_pax, has_long_name, has_long_link, has_sparse_name;
};

int up_tar_open(struct up_tar *tar, struct up_source *source, struct up_failure *failure);
void up_tar_close(struct up_tar *tar);
/* 1: tar->entry is the next one; 0: the end; -1: broken. Skips what is left of the entry before. */
int up_tar_next(struct up_tar *tar);
/* The entry's data, piece by piece: 1, 0, -1. */
int up_tar_data(struct up_tar *tar, const uint8_t **data, size_t *size);

/* tar_number.c */
bool up_number(const char *field, size_t width, int64_t *value);
bool up_decimal(const char *text, size_t size, uint64_t *value);
bool up_time(const char *text, size_t size, struct timespec *value);
/* tar_path.c: 0, or -1 with errno ELOOP when ".." leads out, ENAMETOOLONG, EINVAL (NUL or empty where not
 * allowed) */
int up_clean_path(const char *raw, size_t size, char out[UP_PATH]);
/* tar_pax.c, tar_sparse.c */
int up_pax_apply(struct up_tar *tar);
int up_sparse_old(struct up_tar *tar, const uint8_t header[UP_BLOCK]);
int up_sparse_map_10(struct up_tar *tar);
int up_sparse_check(struct up_tar *tar);

/* ---- the folder
 * ---------------------------------------------------------------------------------------------- */
enum { UP_CACHED = 8 };

struct up_cached {
  char path[UP_PATH];
  int fd;
  bool setgid; /* new entries take the folder's group */
  uint64_t used;
};

struct up_dirs; /* dirs.c: folders whose times are set when all is unpacked */

struct up_limits {
  uint64_t bytes;   /* of one layer, uncompressed */
  uint64_t entries; /* of one layer */
  uint64_t reserve; /* bytes of the file system that stay free */
};

struct up_tree {
  int root;
  struct up_failure *failure;
  struct up_limits limits;
  struct up_cached cache[UP_CACHED];
  uint64_t clock;
  bool stale;
  struct up_dirs *dirs;
  uint64_t entries;
  uint64_t written;
  uint64_t written_checked;
};

int up_tree_open(struct up_tree *tree, int root, const struct up_limits *limits, struct up_failure *failure);
void up_tree_close(struct up_tree *tree);
int up_extract(struct up_tree *tree, struct up_tar *tar);
/* Folders' times, and the report on folders that had no entry of their own. */
int up_tree_finish(struct up_tree *tree);

/* The folder that `path` lies in, made if missing; *base is the last component. The descriptor is the
 * cache's. */
struct up_cached *up_parent(struct up_tree *tree, const char *path, const char **base);
void up_forget(struct up_tree *tree);
/* Removes what is there, with all beneath it, following nothing. */
int up_remove(int parent, const char *base);
int up_replace(struct up_tree *tree, int parent, const char *base);
bool up_is_whiteout(int parent, const char *base);
int up_make_folder(struct up_tree *tree, int parent, const char *base, mode_t mode);
int up_write_file(struct up_tree *tree, struct up_tar *tar, struct up_cached *parent, const char *base);
int up_whiteout(struct up_tree *tree, const char *path, const char *base);
int up_set_opaque(struct up_tree *tree, int fd, const char *path);
/* `fd` -1: a symlink, device or fifo, named by parent and base. */
int up_metadata(struct up_tree *tree, const struct up_entry *entry, struct up_cached *parent, int fd,
                const char *base, bool fresh);
int up_check_room(struct up_tree *tree, const char *path);

struct up_dirs *up_dirs_new(void);
void up_dirs_free(struct up_dirs *dirs);
int up_dirs_put(struct up_dirs *dirs, const char *path, const struct timespec times[2], bool implied);
bool up_dirs_next(const struct up_dirs *dirs, size_t *cursor, const char **path, struct timespec times[2],
                  bool *implied);

/* ---- the rest
 * ------------------------------------------------------------------------------------------------ */
void up_report(const char *kind, const char *const *fields, size_t count);
int up_report_flush(void);
int up_confine_folder(int root);
int up_confine_calls(void);
int up_complete(int argc, char **argv);
int up_fingerprint(const char *folder);

struct up_decoder; /* decode.c */
struct up_decoder *up_decoder_new(int fd, struct up_failure *failure);
void up_decoder_free(struct up_decoder *decoder);
/* Fills `into` whole, or less at the end. Bytes, 0 at the end, -1. */
ssize_t up_decode(struct up_decoder *decoder, uint8_t *into, size_t size);

struct up_pipeline; /* pipeline.c */
struct up_pipeline *up_pipeline_new(int fd, uint64_t max_bytes, struct up_failure *failure);
void up_pipeline_go(struct up_pipeline *pipeline);
int up_pipeline_next(void *pipeline, const uint8_t **data, size_t *size);
/* Reads what the archive has after its end, so that the digest is that of all bytes. */
int up_pipeline_finish(struct up_pipeline *pipeline, char hex[65], uint64_t *bytes);

#endif
