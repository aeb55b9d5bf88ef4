/* Recorded traces from files, for `check`: told by content, not by name (SEMANTICS 1, "format of a
 * file").
 *
 * gzip is undone first; then JSON (one document, or one for each line), then OTLP protobuf. Pure
 * but for reading. */
#ifndef ASSERTD_RECEIVERS_TRACE_FILE_H
#define ASSERTD_RECEIVERS_TRACE_FILE_H

#include <stddef.h>

#include "receivers/otlp_decode.h"

/* Reads a whole file ("-": standard input) into malloc'ed memory, at most `limit` bytes. 0; -errno;
 * 1: larger. */
int trace_file_read(const char *path, size_t limit, uint8_t **ret, size_t *ret_len);

/* Decodes a file's bytes (consumed) into span sets, handing each to `add` (which takes it). 0; 1:
 * can't be parsed, with a sentence in `error`; < 0 no memory. Several sets for JSON lines. */
int trace_file_decode(uint8_t *take_data, size_t len, const struct shard_map *shards,
                      const struct otlp_limits *limits,
                      void (*add)(void *self, struct span_set *take_set), void *self, char *error,
                      size_t error_bytes);

#endif
