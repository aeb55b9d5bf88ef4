/* Recorded files for the commands that read traces, with what is wrong written to standard error.
 * Thread rule: main thread. */
#ifndef ASSERTD_DAEMON_TRACE_INPUT_H
#define ASSERTD_DAEMON_TRACE_INPUT_H

#include <stddef.h>

#include "daemon/model/span_set.h"

/* Reads a file whole ("-": standard input) into malloc'ed memory. 0, or the exit code. */
int trace_input_file(const char *path, uint8_t **ret, size_t *ret_len);

/* Decodes files of any format, handing each set of spans to `add`, which takes it. Attributes that
 * `listed` (NULL: all) does not tell to be read are not listed. 0, or the exit code. */
int trace_input_read(char *const *paths, size_t count, const struct shard_map *shards,
                     const struct listed_keys *listed,
                     void (*add)(void *self, struct span_set *take_set), void *self);

#endif
