/* The blob's compression, told by its first bytes: gzip, zstd or none. */
#include "unpack.h"
#include <errno.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

enum { INPUT = 1 << 18 };

enum kind { PLAIN, GZIP, ZSTD };

struct up_decoder {
  int fd;
  struct up_failure *failure;
  enum kind kind;
  bool started;
  bool between; /* at the end of a gzip member or zstd frame: here the blob may end */
  size_t at, filled;
  struct inflate_state inflate;
  ZSTD_DStream *zstd;
  uint8_t input[INPUT];
};

struct up_decoder *up_decoder_new(int fd, struct up_failure *failure) {
  struct up_decoder *decoder = calloc(1, sizeof *decoder);
  if (decoder)
    *decoder = (struct up_decoder){.fd = fd, .failure = failure, .zstd = ZSTD_createDStream()};
  if (decoder && decoder->zstd)
    return decoder;
  up_decoder_free(decoder);
  up_fail(failure, "memory", "", ENOMEM);
  return NULL;
}

void up_decoder_free(struct up_decoder *decoder) {
  if (decoder)
    ZSTD_freeDStream(decoder->zstd);
  free(decoder);
}

static ssize_t fill(struct up_decoder *decoder) {
  if (decoder->at < decoder->filled)
    return 1;
  ssize_t got;
  do
    got = read(decoder->fd, decoder->input, INPUT);
  while (got < 0 && errno == EINTR);
  if (got < 0)
    return up_fail(decoder->failure, "read", "", errno);
  decoder->at = 0;
  decoder->filled = (size_t)got;
  return got;
}

static void start_gzip(struct up_decoder *decoder) {
  isal_inflate_init(&decoder->inflate);
  decoder->inflate.crc_flag = ISAL_GZIP;
}

/* A pipe may give its first bytes one by one. */
static int start(struct up_decoder *decoder) {
  while (decoder->filled < 4) {
    ssize_t got = read(decoder->fd, decoder->input + decoder->filled, INPUT - decoder->filled);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return up_fail(decoder->failure, "read", "", errno);
    if (got == 0)
      break;
    decoder->filled += (size_t)got;
  }
  const uint8_t *magic = decoder->input;
  decoder->started = true;
  decoder->kind = PLAIN;
  if (decoder->filled >= 2 && magic[0] == 0x1f && magic[1] == 0x8b) {
    decoder->kind = GZIP;
    start_gzip(decoder);
  } else if (decoder->filled >= 4 &&
             ((memcmp(magic, "\x28\xb5\x2f\xfd", 4) == 0) ||
              ((magic[0] & 0xf0) == 0x50 && memcmp(magic + 1, "\x2a\x4d\x18", 3) == 0))) {
    decoder->kind = ZSTD;
    ZSTD_initDStream(decoder->zstd);
  }
  return 0;
}

static ssize_t plain(struct up_decoder *decoder, uint8_t *into, size_t size) {
  size_t buffered = decoder->filled - decoder->at;
  if (buffered > 0) {
    size_t piece = buffered < size ? buffered : size;
    memcpy(into, decoder->input + decoder->at, piece);
    decoder->at += piece;
    return (ssize_t)piece;
  }
  ssize_t got;
  do
    got = read(decoder->fd, into, size);
  while (got < 0 && errno == EINTR);
  return got < 0 ? up_fail(decoder->failure, "read", "", errno) : got;
}

static ssize_t gunzip(struct up_decoder *decoder, uint8_t *into, size_t size) {
  struct inflate_state *state = &decoder->inflate;
  if (decoder->between) {
    start_gzip(decoder);
    decoder->between = false;
  }
  state->next_in = decoder->input + decoder->at;
  state->avail_in = (uint32_t)(decoder->filled - decoder->at);
  state->next_out = into;
  state->avail_out = (uint32_t)size;
  int result = isal_inflate(state);
  decoder->at = decoder->filled - state->avail_in;
  if (result == ISAL_INCORRECT_CHECKSUM)
    return up_fail(decoder->failure, "gzip-checksum", "", 0);
  if (result < 0)
    return up_fail(decoder->failure, "bad-gzip", "", 0);
  decoder->between = state->block_state == ISAL_BLOCK_FINISH;
  return (ssize_t)(size - state->avail_out);
}

static ssize_t unzstd(struct up_decoder *decoder, uint8_t *into, size_t size) {
  ZSTD_inBuffer in = {decoder->input, decoder->filled, decoder->at};
  ZSTD_outBuffer out = {into, size, 0};
  size_t result = ZSTD_decompressStream(decoder->zstd, &out, &in);
  decoder->at = in.pos;
  if (ZSTD_isError(result))
    return up_fail(decoder->failure, "bad-zstd", "", 0);
  decoder->between = result == 0;
  return (ssize_t)out.pos;
}

/* What is decompressed but did not fit stays in the library: it is asked for again before more input is read.
 */
static ssize_t step(struct up_decoder *decoder, uint8_t *into, size_t size) {
  for (;;) {
    bool empty = decoder->at == decoder->filled;
    if (!decoder->between && decoder->kind == ZSTD && empty) {
      ssize_t rest = unzstd(decoder, into, size);
      if (rest != 0)
        return rest;
    }
    if (!decoder->between && decoder->kind == GZIP && empty) {
      ssize_t rest = gunzip(decoder, into, size);
      if (rest != 0 || decoder->between)
        return rest;
    }
    ssize_t got = fill(decoder);
    if (got < 0)
      return -1;
    if (got == 0)
      return decoder->between ? 0 : up_fail(decoder->failure, "truncated-compression", "", 0);
    ssize_t made = decoder->kind == GZIP ? gunzip(decoder, into, size) : unzstd(decoder, into, size);
    if (made != 0)
      return made;
  }
}

ssize_t up_decode(struct up_decoder *decoder, uint8_t *into, size_t size) {
  if (!decoder->started && start(decoder))
    return -1;
  size_t filled = 0;
  while (filled < size) {
    ssize_t got = decoder->kind == PLAIN ? plain(decoder, into + filled, size - filled)
                                         : step(decoder, into + filled, size - filled);
    if (got < 0)
      return -1;
    if (got == 0 && (decoder->kind == PLAIN || decoder->between)) {
      if (decoder->kind == PLAIN || fill(decoder) == 0)
        break;
      if (decoder->failure->reason)
        return -1;
    }
    filled += (size_t)got;
  }
  return (ssize_t)filled;
}
