/* The envelope of an ExportTraceServiceRequest, walked twice per level: what the spans below share
 * is gathered first, because it may come after them. */
#include "receivers/otlp_decode.h"

#include "daemon/core/utf8.h"
#include "daemon/core/wire.h"
#include "daemon/model/attr_check.h"

enum request_field { REQUEST_RESOURCE_SPANS = 1 };
/* ResourceSpans and ScopeSpans have the same shape: what is shared, the repeated children, a schema
 * URL. */
enum envelope_field { ENVELOPE_SHARED = 1, ENVELOPE_CHILD = 2, ENVELOPE_SCHEMA_URL = 3 };

struct walk {
    struct span_set *set;
    const struct shard_map *shards;
    const struct otlp_limits *limits;
    const struct listed_keys *listed;
    struct span_limits span;
    struct span *spare; /* allocated for a span that was rejected */
    uint32_t spans;
    uint32_t envelopes;
};

struct envelope {
    struct bytes message;
    struct bytes
        shared; /* Resource or InstrumentationScope, split ones joined; empty when absent */
    struct bytes schema_url;
};

/* Out of the arena's limit asks for a smaller request, out of memory for another try. */
static int no_room(const struct walk *walk)
{
    size_t limit = walk->limits->decoded_bytes;
    bool at_limit = limit != 0 && arena_held(&walk->set->arena) + ARENA_CHUNK_MAX_BYTES >= limit;
    return at_limit ? OTLP_TOO_MANY : OTLP_NO_MEMORY;
}

static int part_outcome(const struct walk *walk, int outcome)
{
    switch (outcome) {
    case 0:
        return 0;
    case SPAN_TOO_MANY:
        return OTLP_TOO_MANY;
    case SPAN_NO_MEMORY:
        return no_room(walk);
    default:
        return OTLP_MALFORMED;
    }
}

/* The next field that has the number and is length-delimited; others are skipped, whatever their
 * type. */
static int next_bytes(struct wire_reader *reader, uint32_t number, struct wire_field *ret)
{
    int outcome;
    do {
        outcome = wire_next_fast(reader, ret);
    } while (outcome == 0 && (ret->number != number || ret->type != WIRE_BYTES));
    return outcome;
}

/* Joined messages are the merged message: that is how protobuf defines merging. */
static int join_shared(struct arena *arena, struct envelope *envelope, size_t bytes)
{
    uint8_t *joined = arena_alloc(arena, bytes + 1);
    if (joined == NULL) {
        return SPAN_NO_MEMORY;
    }
    struct wire_reader reader = wire_reader_of(envelope->message);
    struct wire_field field;
    size_t len = 0;
    while (next_bytes(&reader, ENVELOPE_SHARED, &field) == 0) {
        if (field.bytes.len > 0) {
            memcpy(joined + len, field.bytes.data, field.bytes.len);
        }
        len += field.bytes.len;
    }
    envelope->shared = bytes_from(joined, len);
    return 0;
}

static int open_envelope(struct walk *walk, struct bytes message, struct envelope *ret)
{
    *ret = (struct envelope){.message = message, .shared = BYTES_LITERAL("")};
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field;
    size_t shared_bytes = 0;
    uint32_t parts = 0;
    int outcome;
    while ((outcome = wire_next_fast(&reader, &field)) == 0) {
        if (field.type != WIRE_BYTES) {
            continue;
        }
        if (field.number == ENVELOPE_SHARED) {
            ret->shared = field.bytes;
            shared_bytes += field.bytes.len;
            parts++;
        } else if (field.number == ENVELOPE_SCHEMA_URL) {
            ret->schema_url = field.bytes;
        }
    }
    if (outcome != WIRE_END) {
        return OTLP_MALFORMED;
    }
    if (++walk->envelopes > walk->limits->resources) {
        return OTLP_TOO_MANY;
    }
    return parts > 1 ? part_outcome(walk, join_shared(&walk->set->arena, ret, shared_bytes)) : 0;
}

static void reject(struct walk *walk, struct span *span, int why)
{
    walk->set->rejected++;
    if (why == SPAN_BAD_ID) {
        walk->set->rejected_ids++;
    } else {
        walk->set->rejected_counts++;
    }
    if (!trace_id_is_zero(&span->trace_id)) {
        span_set_reject(walk->set, walk->shards, &span->trace_id);
    }
    walk->spare = span;
}

/* Where the attributes of a message stand. */
enum attrs_field { RESOURCE_ATTRS_FIELD = 1, SCOPE_ATTRS_FIELD = 3, SPAN_ATTRS_FIELD = 9 };

/* Odd attributes are taken, and counted for a warning (opentelemetry-proto 1.11: the values of the
 * alpha fields key_strindex and string_value_strindex are absent where no table is). */
static void note_oddities(struct span_set *set, const struct attr *attrs, uint32_t count,
                          struct bytes raw, enum attrs_field field, bool other_text_valid)
{
    struct attr_oddities oddities = {.bad_text = !other_text_valid};
    attrs_check(attrs, count, &oddities);
    set->duplicate_keys += oddities.duplicate_keys;
    set->bad_texts += oddities.bad_text;
    set->table_references += oddities.unnamed && attrs_refer_to_table(raw, field);
}

static int add_span(struct walk *walk, struct bytes raw, const struct resource *resource,
                    const struct scope *scope)
{
    if (++walk->spans > walk->limits->spans) {
        return OTLP_TOO_MANY;
    }
    struct span *span = walk->spare;
    walk->spare = NULL;
    if (span == NULL && (span = arena_alloc(&walk->set->arena, sizeof *span)) == NULL) {
        return no_room(walk);
    }
    int outcome = span_decode(raw, resource, scope, &walk->span, &walk->set->arena, span);
    if (outcome == 0) {
        bool valid = utf8_valid(span->name) && utf8_valid(span->status_message);
        if (span->hints.odd != 0 || !valid) {
            note_oddities(walk->set, span->attrs, span->attr_count, raw, SPAN_ATTRS_FIELD, valid);
        }
        span_set_add(walk->set, walk->shards, span);
        return 0;
    }
    if (outcome == SPAN_BAD_ID || outcome == SPAN_TOO_MANY) {
        reject(walk, span, outcome);
        return 0;
    }
    return part_outcome(walk, outcome);
}

static int scope_of(struct walk *walk, const struct envelope *envelope, const struct scope **ret)
{
    *ret = &scope_empty;
    if (envelope->shared.len == 0 && envelope->schema_url.len == 0) {
        return 0;
    }
    struct scope *scope = arena_alloc(&walk->set->arena, sizeof *scope);
    if (scope == NULL) {
        return no_room(walk);
    }
    int outcome = scope_decode(envelope->shared, &walk->listed->scope, &walk->set->arena, scope);
    scope->schema_url = envelope->schema_url;
    bool valid = utf8_valid(scope->name) && utf8_valid(scope->version);
    if (outcome == 0 && (scope->hints.odd != 0 || !valid)) {
        note_oddities(walk->set, scope->attrs, scope->attr_count, scope->raw, SCOPE_ATTRS_FIELD,
                      valid);
    }
    *ret = scope;
    return part_outcome(walk, outcome);
}

static int add_scope_spans(struct walk *walk, struct bytes message, const struct resource *resource)
{
    struct envelope envelope;
    int outcome = open_envelope(walk, message, &envelope);
    const struct scope *scope;
    if (outcome != 0 || (outcome = scope_of(walk, &envelope, &scope)) != 0) {
        return outcome;
    }
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field;
    while (outcome == 0 && next_bytes(&reader, ENVELOPE_CHILD, &field) == 0) {
        outcome = add_span(walk, field.bytes, resource, scope);
    }
    return outcome;
}

static int resource_of(struct walk *walk, const struct envelope *envelope,
                       const struct resource **ret)
{
    *ret = &resource_empty;
    if (envelope->shared.len == 0 && envelope->schema_url.len == 0) {
        return 0;
    }
    struct resource *resource = arena_alloc(&walk->set->arena, sizeof *resource);
    if (resource == NULL) {
        return no_room(walk);
    }
    int outcome =
        resource_decode(envelope->shared, &walk->listed->resource, &walk->set->arena, resource);
    resource->schema_url = envelope->schema_url;
    if (outcome == 0 && resource->hints.odd != 0) {
        note_oddities(walk->set, resource->attrs, resource->attr_count, resource->raw,
                      RESOURCE_ATTRS_FIELD, true);
    }
    *ret = resource;
    return part_outcome(walk, outcome);
}

static int add_resource_spans(struct walk *walk, struct bytes message)
{
    struct envelope envelope;
    int outcome = open_envelope(walk, message, &envelope);
    const struct resource *resource;
    if (outcome != 0 || (outcome = resource_of(walk, &envelope, &resource)) != 0) {
        return outcome;
    }
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field;
    while (outcome == 0 && next_bytes(&reader, ENVELOPE_CHILD, &field) == 0) {
        if (field.bytes.len > 0) {
            outcome = add_scope_spans(walk, field.bytes, resource);
        }
    }
    return outcome;
}

static int add_request(struct walk *walk, struct bytes message)
{
    if (message.len == 0) {
        return 0;
    }
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field;
    int outcome = 0;
    int step = 0;
    while (outcome == 0 && (step = next_bytes(&reader, REQUEST_RESOURCE_SPANS, &field)) == 0) {
        if (field.bytes.len > 0) {
            outcome = add_resource_spans(walk, field.bytes);
        }
    }
    return outcome == 0 && step != WIRE_END ? OTLP_MALFORMED : outcome;
}

static const char *hint_of(const struct span_set *set)
{
    if (set->rejected_ids > 0 && set->span_count == 0) {
        return "no span of this request has usable IDs: was it a logs or metrics message?";
    }
    return NULL;
}

int otlp_decode(uint8_t *take_body, size_t body_bytes, struct bytes message,
                const struct shard_map *shards, const struct otlp_limits *limits,
                struct span_set **ret)
{
    struct span_set *set = span_set_new_counted(take_body, body_bytes, shards->count,
                                                limits->decoded_bytes, limits->budget);
    if (set == NULL) {
        return OTLP_NO_MEMORY;
    }
    if (limits->listed != NULL) {
        set->listed = *limits->listed;
    }
    struct walk walk = {.set = set,
                        .shards = shards,
                        .limits = limits,
                        .listed = &set->listed,
                        .span = limits->span};
    walk.span.listed = &walk.listed->span;
    int outcome = add_request(&walk, message);
    if (outcome == OTLP_NO_MEMORY && span_set_is_at_limit(set)) {
        outcome = OTLP_TOO_MANY;
    }
    if (outcome != 0) {
        span_set_unref(set);
        return outcome;
    }
    set->hint = hint_of(set);
    *ret = set;
    return 0;
}
