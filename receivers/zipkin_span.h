/* One span of Zipkin's as it is held: IDs, and the rest encoded. Inner to zipkin_json. */
#ifndef ASSERTD_RECEIVERS_ZIPKIN_SPAN_H
#define ASSERTD_RECEIVERS_ZIPKIN_SPAN_H

#include "receivers/otlp_writer.h"
#include "receivers/zipkin_json.h"

/* Numbers of OTLP's kinds. */
enum { KIND_NUMBER_SERVER = 2, KIND_NUMBER_CLIENT, KIND_NUMBER_PRODUCER, KIND_NUMBER_CONSUMER };

enum id_state { ID_ABSENT, ID_GOOD, ID_BAD };

struct zipkin_span {
    uint8_t trace_id[16];
    uint8_t id[8];
    uint8_t parent[8];
    uint8_t trace_state, id_state, parent_state; /* enum id_state */
    uint8_t kind;                                /* of OTLP */
    bool shared;
    bool parted; /* a server span with an ID of its own now */
    uint64_t own_id, moved_below;
    struct bytes service;
    struct bytes scope_name, scope_version;
    struct bytes fields; /* encoded, without IDs */
};

/* What its tags say beyond themselves; views of the tree. */
struct zipkin_tags {
    struct otlp_tags otel;
    struct bytes error;
    bool has_error;
};

/* Reads a span: `ret` gets IDs, kind and service (a view of the tree), `out` the encoded rest,
 * `seen` what the tags say. 0, or enum zipkin_outcome with the member and what is wrong in `error`.
 */
int zipkin_span_read(struct zipkin_span *ret, struct buf *out, const struct json_node *span,
                     struct zipkin_tags *seen, char *error, size_t room);

#endif
