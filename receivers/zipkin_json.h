/* Spans in Zipkin's v2 JSON become OTLP protobuf.
 *
 * In Zipkin the client's and the server's half of one call may share an ID. A server span that
 * shares its client's (its `shared` says so, or a client span of the trace has that ID) gets an ID
 * of its own below it, and those children of the ID that are of the server's service move below it
 * (SEMANTICS 1). Halves and children may come from any file, so spans are held until all files
 * have been read. Thread rule: confined to its owner. */
#ifndef ASSERTD_RECEIVERS_ZIPKIN_JSON_H
#define ASSERTD_RECEIVERS_ZIPKIN_JSON_H

#include "daemon/core/buf.h"
#include "daemon/model/id.h"
#include "receivers/json_tree.h"

enum zipkin_outcome { ZIPKIN_MALFORMED = 1, ZIPKIN_NO_MEMORY = 3 };

/* Spans of one message made by zipkin_spans_take. */
#define ZIPKIN_MESSAGE_SPANS 4096u

struct zipkin_span;

struct zipkin_spans {
    struct zipkin_span *items; /* in order of arrival */
    size_t count, room;
    struct arena arena; /* what they hold; dies with the spans */
    struct buf scratch;
    const struct zipkin_span **by_service; /* in order of writing, once shared IDs are parted */
    size_t written;
};

/* Empty; deinit frees all that was taken. */
void zipkin_spans_init(struct zipkin_spans *spans);
void zipkin_spans_deinit(struct zipkin_spans *spans);

/* Takes one span (copied). 0, or enum zipkin_outcome, with the member and what is wrong with it in
 * `error`. Spans with unusable IDs or without timestamp are taken, and become ones that otlp_decode
 * rejects. */
int zipkin_spans_add(struct zipkin_spans *spans, const struct json_node *span, char *error,
                     size_t error_bytes);

/* Forgets what came after the first `count`: a document is taken whole or not at all. */
void zipkin_spans_cut(struct zipkin_spans *spans, size_t count);

/* No span comes any more: gives shared IDs apart. 0; ZIPKIN_NO_MEMORY. */
int zipkin_spans_part(struct zipkin_spans *spans);

/* Appends the next spans as one TracesData message; whether there were any. out->failed: no memory.
 */
bool zipkin_spans_take(struct zipkin_spans *spans, struct buf *out);

/* The ID of a server span that shared its client's: FNV-1a (64 bits) of trace ID, span ID and
 * service name, 1 where that is 0. */
uint64_t zipkin_own_id(const uint8_t trace_id[16], const uint8_t id[8], struct bytes service);

#endif
