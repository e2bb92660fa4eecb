/*
 * Decompression, hashing and unpacking side by side: a ring of pieces that the reader thread fills, and that
 * the hash thread and the unpacker (the caller of up_pipeline_next) both read. Memory is the ring's, whatever
 * the layer.
 */
#include "unpack.h"
#include <errno.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { PIECES = 8, PIECE = 1 << 19 };

struct up_pipeline {
  struct up_decoder *decoder;
  struct up_failure *failure;       /* the unpacker's */
  struct up_failure reader_failure; /* joins `failure` when the unpacker meets it */
  uint64_t max_bytes;
  uint64_t bytes;
  pthread_t reader, hasher;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool go, stopped, ended;
  uint64_t made, hashed, taken; /* pieces so far; the unpacker still uses piece `taken - 1` */
  size_t sizes[PIECES];
  EVP_MD_CTX *hash;
  uint8_t *ring;
};

static void announce(struct up_pipeline *pipeline) {
  pthread_cond_broadcast(&pipeline->changed);
  pthread_mutex_unlock(&pipeline->lock);
}

static bool has_room(const struct up_pipeline *pipeline) {
  uint64_t in_use = pipeline->taken > 0 ? pipeline->taken - 1 : 0;
  uint64_t least = in_use < pipeline->hashed ? in_use : pipeline->hashed;
  return pipeline->made - least < PIECES;
}

static void *reader(void *argument) {
  struct up_pipeline *pipeline = argument;
  for (;;) {
    pthread_mutex_lock(&pipeline->lock);
    while (!pipeline->go || (!has_room(pipeline) && !pipeline->stopped))
      pthread_cond_wait(&pipeline->changed, &pipeline->lock);
    size_t slot = pipeline->made % PIECES;
    bool stopped = pipeline->stopped;
    pthread_mutex_unlock(&pipeline->lock);
    if (stopped)
      return NULL;
    ssize_t got = up_decode(pipeline->decoder, pipeline->ring + slot * PIECE, PIECE);
    if (got > 0 && (uint64_t)got > pipeline->max_bytes - pipeline->bytes)
      got = up_fail(&pipeline->reader_failure, "too-big", "", 0);
    pthread_mutex_lock(&pipeline->lock);
    if (got > 0) {
      pipeline->sizes[slot] = (size_t)got;
      pipeline->bytes += (uint64_t)got;
      pipeline->made++;
    } else {
      pipeline->ended = true;
    }
    announce(pipeline);
    if (got <= 0)
      return NULL;
  }
}

static void *hasher(void *argument) {
  struct up_pipeline *pipeline = argument;
  for (;;) {
    pthread_mutex_lock(&pipeline->lock);
    while (pipeline->hashed == pipeline->made && !pipeline->ended && !pipeline->stopped)
      pthread_cond_wait(&pipeline->changed, &pipeline->lock);
    bool work = pipeline->hashed < pipeline->made && !pipeline->stopped;
    size_t slot = pipeline->hashed % PIECES;
    size_t size = work ? pipeline->sizes[slot] : 0;
    pthread_mutex_unlock(&pipeline->lock);
    if (!work)
      return NULL;
    EVP_DigestUpdate(pipeline->hash, pipeline->ring + slot * PIECE, size);
    pthread_mutex_lock(&pipeline->lock);
    pipeline->hashed++;
    announce(pipeline);
  }
}

struct up_pipeline *up_pipeline_new(int fd, uint64_t max_bytes, struct up_failure *failure) {
  struct up_pipeline *pipeline = calloc(1, sizeof *pipeline);
  if (!pipeline)
    goto no_memory;
  *pipeline = (struct up_pipeline){.failure = failure, .max_bytes = max_bytes};
  pipeline->decoder = up_decoder_new(fd, &pipeline->reader_failure);
  pthread_mutex_init(&pipeline->lock, NULL);
  pthread_cond_init(&pipeline->changed, NULL);
  pipeline->ring = malloc((size_t)PIECES * PIECE);
  pipeline->hash = EVP_MD_CTX_new();
  if (!pipeline->decoder || !pipeline->ring || !pipeline->hash ||
      EVP_DigestInit_ex(pipeline->hash, EVP_sha256(), NULL) != 1)
    goto no_memory;
  /* The threads are made while clone is still allowed, and wait until the process is confined. */
  if (pthread_create(&pipeline->reader, NULL, reader, pipeline) ||
      pthread_create(&pipeline->hasher, NULL, hasher, pipeline))
    goto no_memory;
  return pipeline;
no_memory:
  up_fail(failure, "memory", "", ENOMEM);
  return NULL;
}

void up_pipeline_go(struct up_pipeline *pipeline) {
  pthread_mutex_lock(&pipeline->lock);
  pipeline->go = true;
  announce(pipeline);
}

int up_pipeline_next(void *context, const uint8_t **data, size_t *size) {
  struct up_pipeline *pipeline = context;
  pthread_mutex_lock(&pipeline->lock);
  while (pipeline->taken == pipeline->made && !pipeline->ended)
    pthread_cond_wait(&pipeline->changed, &pipeline->lock);
  bool has = pipeline->taken < pipeline->made;
  size_t slot = pipeline->taken % PIECES;
  /* Taking a piece gives the one before back. */
  if (has)
    pipeline->taken++;
  pthread_cond_broadcast(&pipeline->changed);
  pthread_mutex_unlock(&pipeline->lock);
  if (has) {
    *data = pipeline->ring + slot * PIECE;
    *size = pipeline->sizes[slot];
    return 1;
  }
  if (!pipeline->reader_failure.reason)
    return 0;
  return up_fail(pipeline->failure, pipeline->reader_failure.reason, "", pipeline->reader_failure.error);
}

int up_pipeline_finish(struct up_pipeline *pipeline, char hex[65], uint64_t *bytes) {
  const uint8_t *data;
  size_t size;
  unsigned char digest[EVP_MAX_MD_SIZE];
  int got;
  while ((got = up_pipeline_next(pipeline, &data, &size)) > 0)
    ;
  if (got < 0)
    return -1;
  pthread_join(pipeline->reader, NULL);
  pthread_join(pipeline->hasher, NULL);
  if (EVP_DigestFinal_ex(pipeline->hash, digest, NULL) != 1)
    return up_fail(pipeline->failure, "memory", "", ENOMEM);
  for (size_t i = 0; i < 32; i++)
    (void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  *bytes = pipeline->bytes;
  return 0;
}
