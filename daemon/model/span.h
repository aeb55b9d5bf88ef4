/* A span in its wide, decoded form: what filters and conditions read. All members are views.
 *
 * A span is kept as its own wire bytes (`raw`, an encoded opentelemetry.proto.trace.v1.Span) and
 * can be decoded again from them at any time; the wide form is short-lived, made once on arrival
 * and again only to explain. Resource and scope are decoded once per occurrence and shared by their
 * spans. Thread rule: plain data; lives as long as the arena and bytes it was decoded into. */
#ifndef ASSERTD_MODEL_SPAN_H
#define ASSERTD_MODEL_SPAN_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/arena.h"
#include "daemon/core/bytes.h"
#include "daemon/core/json.h"
#include "daemon/core/wire.h"
#include "daemon/model/id.h"
#include "daemon/model/value.h"

enum span_kind { KIND_INTERNAL, KIND_SERVER, KIND_CLIENT, KIND_PRODUCER, KIND_CONSUMER };
enum span_status { STATUS_UNSET, STATUS_OK, STATUS_ERROR };

/* The words of SEMANTICS 1 ("server", "error"). */
const char *span_kind_name(enum span_kind kind);
const char *span_status_name(enum span_status status);

struct resource {
    struct bytes raw; /* encoded Resource, parts of a split message concatenated */
    struct bytes schema_url;
    const struct attr *attrs;
    uint32_t attr_count;
    uint32_t unlisted; /* as a span's */
    uint32_t dropped_attrs;
    struct bytes service;    /* service.name where it is a text, else empty */
    struct attr_hints hints; /* as a span's */
    uint64_t fingerprint;    /* of a shared_pool; 0: not made (fingerprint.h) */
};

struct scope {
    struct bytes raw; /* encoded InstrumentationScope */
    struct bytes schema_url;
    struct bytes name;
    struct bytes version;
    const struct attr *attrs;
    uint32_t attr_count;
    uint32_t unlisted; /* as a span's */
    uint32_t dropped_attrs;
    struct attr_hints hints; /* as a span's */
    uint64_t fingerprint;    /* as a resource's */
};

struct event {
    uint64_t time_ns;
    struct bytes name;
    const struct attr *attrs;
    uint32_t attr_count;
    uint32_t dropped_attrs;
};

struct link {
    struct bytes trace_id; /* as sent, any length */
    struct bytes span_id;
    struct bytes trace_state;
    const struct attr *attrs;
    uint32_t attr_count;
    uint32_t dropped_attrs;
    uint32_t flags;
};

struct span {
    struct trace_id trace_id;
    span_id id;
    span_id parent; /* 0: none */
    uint64_t start_ns;
    uint64_t end_ns;
    enum span_kind kind;
    enum span_status status;
    uint32_t kind_sent; /* as it came: an unknown one reads as internal, unset */
    uint32_t status_sent;
    uint32_t flags;
    uint32_t dropped_attrs;
    uint32_t dropped_events;
    uint32_t dropped_links;
    struct bytes name;
    struct bytes status_message;
    struct bytes trace_state;
    const struct attr *attrs; /* in order of arrival, duplicates included */
    uint32_t attr_count;
    uint32_t unlisted; /* attributes that are not in `attrs`: span_limits said nobody reads them */
    uint32_t event_count;
    uint32_t link_count;
    struct attr_hints hints; /* of all attributes, those left out included; made by span_decode */
    struct bytes raw;
    const struct resource *resource; /* never NULL: an absent one is the empty resource */
    const struct scope *scope;       /* never NULL */
    struct span *next;               /* in the list of its shard's batch; NULL elsewhere */
};

/* The empty resource and scope. */
extern const struct resource resource_empty;
extern const struct scope scope_empty;

enum span_outcome {
    SPAN_MALFORMED = 1, /* not a span: the whole request is malformed */
    SPAN_BAD_ID =
        2, /* decodes, but trace, span or parent ID is invalid (D1, D2): reject this one */
    SPAN_TOO_MANY = 3,  /* more attributes, events or links than the limits: reject this one */
    SPAN_NO_MEMORY = 4, /* the arena is exhausted */
};

struct span_limits {
    uint32_t attrs; /* per span, event or link */
    uint32_t events;
    uint32_t links;
    /* Hints of the keys that are read: a span's attributes of other keys are checked, but not
     * listed. NULL: all are. */
    const struct attr_hints *listed;
};

#define SPAN_LIMITS_DEFAULT ((struct span_limits){1024, 4096, 4096, NULL})

/* Decodes one Span message; attributes go to the arena, everything else stays a view of `raw`.
 * Fields in any order, unknown ones skipped, singular scalars last-wins, a split Status merged. An
 * eight-byte zero parent is none. Events and links are checked and counted, not kept. 0 good, else
 * enum span_outcome; with SPAN_BAD_ID and SPAN_TOO_MANY ret->trace_id tells the trace that loses
 * the span, all zero where its own ID is the bad one. Where anything is odd about attributes
 * (hints.odd), all are listed whatever limits->listed says. No allocation but in the arena. */
int span_decode(struct bytes raw, const struct resource *resource, const struct scope *scope,
                const struct span_limits *limits, struct arena *arena, struct span *ret);

/* Decodes a span again, listing all its attributes, as one whose limits it kept; resource and scope
 * stay as they are. 0 good; SPAN_NO_MEMORY. */
int span_decode_whole(const struct span *span, struct arena *arena, struct span *ret);

/* Decodes an encoded Resource / InstrumentationScope into the arena, listing the attributes of keys
 * that `listed` may have (NULL: all), and a resource's service.name; all, where anything is odd
 * about them. 0 good; SPAN_MALFORMED; SPAN_NO_MEMORY. */
int resource_decode(struct bytes raw, const struct attr_hints *listed, struct arena *arena,
                    struct resource *ret);
int scope_decode(struct bytes raw, const struct attr_hints *listed, struct arena *arena,
                 struct scope *ret);

/* Walks the events / links of a decoded span; begin with wire_reader_of(span->raw). 0 good;
 * WIRE_END; or SPAN_NO_MEMORY when the arena is exhausted. */
int span_next_event(struct wire_reader *spans, struct arena *arena, struct event *ret);
int span_next_link(struct wire_reader *spans, struct arena *arena, struct link *ret);

/* The order of SEMANTICS 1: start, span ID, end, name, kind, then content. < 0, 0, > 0. */
int span_compare(const struct span *a, const struct span *b);

/* Writes the span as one OTLP/JSON Span object, events and links included, using `arena` for
 * scratch. */
void span_write_otlp_json(struct json *json, const struct span *span, struct arena *arena);

#endif
