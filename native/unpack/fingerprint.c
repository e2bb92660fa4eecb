/*
 * One digest of a tree: every name, mode, owner, size, time, device, link target, attribute and byte. Two
 * trees have the same fingerprint only if no program in a container could tell them apart.
 */
#include "unpack.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { BUFFER = 1 << 18, DEEPEST = 2048 };

static EVP_MD_CTX *digest;
static uint8_t buffer[BUFFER];

static void text(const char *value) {
  EVP_DigestUpdate(digest, value, strlen(value) + 1);
}

static void number(long long value) {
  char digits[24];
  (void)snprintf(digits, sizeof digits, "%lld", value);
  text(digits);
}

static int compare(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Without memory there is no answer. */
static void *need(void *pointer) {
  if (!pointer)
    _exit(1);
  return pointer;
}

/* Names, sorted; NULL with errno. */
static char **sorted(int folder, size_t *count) {
  size_t room = 64;
  char **names = need(malloc(room * sizeof *names));
  int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir(fd);
  *count = 0;
  if (!dir) {
    free(names);
    return NULL;
  }
  for (struct dirent *entry; (entry = readdir(dir));) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    if (*count == room) {
      room *= 2;
      names = need(realloc(names, room * sizeof *names));
    }
    names[(*count)++] = need(strdup(entry->d_name));
  }
  closedir(dir);
  qsort(names, *count, sizeof *names, compare);
  return names;
}

static int attributes(const char *name) {
  static char names[1 << 16], value[1 << 16];
  ssize_t size = llistxattr(name, names, sizeof names);
  if (size < 0)
    return errno == EOPNOTSUPP ? 0 : -1;
  char *list[1024] = {NULL};
  size_t count = 0;
  for (char *at = names; at < names + size && count < 1024; at += strlen(at) + 1)
    list[count++] = at;
  qsort(list, count, sizeof *list, compare);
  for (size_t i = 0; i < count; i++) {
    ssize_t length = lgetxattr(name, list[i], value, sizeof value);
    if (length < 0)
      return -1;
    text(list[i]);
    number(length);
    EVP_DigestUpdate(digest, value, (size_t)length);
  }
  return 0;
}

static int content(const char *name) {
  int fd = open(name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  ssize_t got = fd < 0 ? -1 : 1;
  while (got > 0 && (got = read(fd, buffer, sizeof buffer)) > 0)
    EVP_DigestUpdate(digest, buffer, (size_t)got);
  if (fd >= 0)
    close(fd);
  return got < 0 ? -1 : 0;
}

static int folder_entries(int folder, int depth);

/* `name` lies in the working directory. */
static int entry(const char *name, int depth) {
  struct stat stat;
  if (lstat(name, &stat))
    return -1;
  bool is_folder = S_ISDIR(stat.st_mode);
  const long long facts[] = {stat.st_mode,
                             stat.st_uid,
                             stat.st_gid,
                             stat.st_mtim.tv_sec,
                             stat.st_mtim.tv_nsec,
                             is_folder ? 0 : (long long)stat.st_size,
                             (long long)stat.st_rdev,
                             is_folder ? 0 : (long long)stat.st_nlink};
  text(name);
  for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
    number(facts[i]);
  if (attributes(name))
    return -1;
  if (S_ISLNK(stat.st_mode)) {
    char target[UP_PATH];
    ssize_t length = readlink(name, target, sizeof target - 1);
    if (length < 0)
      return -1;
    target[length] = '\0';
    text(target);
  }
  if (S_ISREG(stat.st_mode) && content(name))
    return -1;
  if (!is_folder)
    return 0;
  int fd = open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  int result = fd < 0 || depth == DEEPEST ? -1 : folder_entries(fd, depth + 1);
  if (fd >= 0)
    close(fd);
  return result;
}

static int folder_entries(int folder, int depth) {
  size_t count;
  char **names = sorted(folder, &count);
  if (!names)
    return -1;
  int result = 0;
  for (size_t i = 0; i < count; i++) {
    if (result == 0 && (fchdir(folder) || entry(names[i], depth)))
      result = -1;
    free(names[i]);
  }
  free(names);
  text("");
  return result || fchdir(folder) ? -1 : 0;
}

int up_fingerprint(const char *folder) {
  unsigned char sum[EVP_MAX_MD_SIZE];
  char hex[65];
  digest = EVP_MD_CTX_new();
  if (!digest || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1 || chdir(folder) || entry(".", 0))
    return 1;
  EVP_DigestFinal_ex(digest, sum, NULL);
  for (size_t i = 0; i < 32; i++)
    (void)snprintf(hex + 2 * i, 3, "%02x", sum[i]);
  const char *fields[] = {hex};
  up_report("done", fields, 1);
  return up_report_flush();
}
