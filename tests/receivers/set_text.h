/* What a span set holds, as text to compare: every span with its resource and scope, shard by
 * shard. */
#ifndef ASSERTD_TESTS_RECEIVERS_SET_TEXT_H
#define ASSERTD_TESTS_RECEIVERS_SET_TEXT_H

#include "daemon/core/buf.h"
#include "daemon/model/span_set.h"

/* Appends a line for each span. */
void set_text(struct buf *out, const struct span_set *set);

/* Reads a file of tests/payloads into malloc'ed memory; stops the test where it can't. */
uint8_t *payload_read(const char *name, size_t *ret_len);

#endif
