/* Recorded traces from files, for `check` and its like: told by content, not by name (SEMANTICS 1,
 * "format of a file").
 *
 * gzip is undone first; then JSON (OTLP, Jaeger, Zipkin v2; one document, or one for each line),
 * then OTLP protobuf. Pure but for reading. Thread rule: confined to its owner.
 *
 *     trace_files_init(&files, &shards, &limits, add, self);
 *     trace_files_add(&files, data, len, ...);    for each file
 *     trace_files_end(&files, ...);
 *     trace_files_deinit(&files); */
#ifndef ASSERTD_RECEIVERS_TRACE_FILE_H
#define ASSERTD_RECEIVERS_TRACE_FILE_H

#include <stddef.h>

#include "receivers/otlp_decode.h"
#include "receivers/zipkin_json.h"

/* Reads a whole file ("-": standard input) into malloc'ed memory, at most `limit` bytes. 0; -errno;
 * 1: larger. */
int trace_file_read(const char *path, size_t limit, uint8_t **ret, size_t *ret_len);

/* All files of a run. Shards and limits are borrowed. */
struct trace_files {
    const struct shard_map *shards;
    const struct otlp_limits *limits;
    void (*add)(void *self, struct span_set *take_set);
    void *self;
    struct zipkin_spans zipkin; /* held until the end: see there */
};

/* Each set of spans is handed to `add`, which takes it. */
void trace_files_init(struct trace_files *ret, const struct shard_map *shards,
                      const struct otlp_limits *limits,
                      void (*add)(void *self, struct span_set *take_set), void *self);
void trace_files_deinit(struct trace_files *files);

/* Decodes a file's bytes (consumed). 0; 1: can't be parsed, with a sentence in `error`; < 0 no
 * memory. Of one document all spans are taken or none; of lines those before a bad one have been.
 */
int trace_files_add(struct trace_files *files, uint8_t *take_data, size_t len, char *error,
                    size_t error_bytes);

/* No file comes any more: hands over what was held. As trace_files_add. */
int trace_files_end(struct trace_files *files, char *error, size_t error_bytes);

#endif
