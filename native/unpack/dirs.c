/* The folders of a layer by path, for what must be done when everything is unpacked: setting a folder's
 * times. */
#include "unpack.h"
#include <stdlib.h>
#include <string.h>

enum { FIRST = 1 << 10, MOST = 1 << 22 };

struct dir {
  char *path;
  struct timespec times[2];
  bool implied;
};

struct up_dirs {
  struct dir *table; /* open addressing; a power of two */
  size_t room, count;
};

struct up_dirs *up_dirs_new(void) {
  struct up_dirs *dirs = calloc(1, sizeof *dirs);
  if (!dirs)
    return NULL;
  dirs->room = FIRST;
  dirs->table = calloc(dirs->room, sizeof *dirs->table);
  if (dirs->table)
    return dirs;
  free(dirs);
  return NULL;
}

void up_dirs_free(struct up_dirs *dirs) {
  for (size_t i = 0; dirs && i < dirs->room; i++)
    free(dirs->table[i].path);
  if (dirs)
    free(dirs->table);
  free(dirs);
}

static size_t hash(const char *path) {
  uint64_t value = 0xcbf29ce484222325U;
  for (; *path; path++)
    value = (value ^ (uint8_t)*path) * 0x100000001b3U;
  return (size_t)(value ^ value >> 29);
}

static struct dir *find(struct dir *table, size_t room, const char *path) {
  size_t at = hash(path) & (room - 1);
  while (table[at].path && strcmp(table[at].path, path) != 0)
    at = (at + 1) & (room - 1);
  return &table[at];
}

static int grow(struct up_dirs *dirs) {
  size_t room = dirs->room * 2;
  struct dir *table = room <= MOST ? calloc(room, sizeof *table) : NULL;
  if (!table)
    return -1;
  for (size_t i = 0; i < dirs->room; i++)
    if (dirs->table[i].path)
      *find(table, room, dirs->table[i].path) = dirs->table[i];
  free(dirs->table);
  dirs->table = table;
  dirs->room = room;
  return 0;
}

int up_dirs_put(struct up_dirs *dirs, const char *path, const struct timespec times[2], bool implied) {
  if (dirs->count * 2 >= dirs->room && grow(dirs))
    return -1;
  struct dir *dir = find(dirs->table, dirs->room, path);
  if (!dir->path) {
    dir->path = strdup(path);
    if (!dir->path)
      return -1;
    dirs->count++;
  }
  dir->implied = implied;
  memcpy(dir->times, times, sizeof dir->times);
  return 0;
}

bool up_dirs_next(const struct up_dirs *dirs, size_t *cursor, const char **path, struct timespec times[2],
                  bool *implied) {
  while (*cursor < dirs->room && !dirs->table[*cursor].path)
    ++*cursor;
  if (*cursor == dirs->room)
    return false;
  const struct dir *dir = &dirs->table[(*cursor)++];
  *path = dir->path;
  *implied = dir->implied;
  memcpy(times, dir->times, sizeof dir->times);
  return true;
}
