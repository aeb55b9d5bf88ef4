/* The span decoder against protobuf-c: on real exports, and on random and mutated spans.
 *
 * Where protobuf-c refuses and we don't, that is expected: it fails a whole message for a known
 * field of another wire type, for groups and for some tags that others skip. Where it decodes and
 * we refuse, only our own rules may be the reason. */
#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/model/span.h"
#include "tests/model/otlp_trace.pb-c.h"
#include "tests/support/span_builder.h"

typedef Assertd__Test__Otlp__AnyValue PbValue;
typedef Assertd__Test__Otlp__KeyValue PbPair;
typedef Assertd__Test__Otlp__Span PbSpan;
typedef Assertd__Test__Otlp__Event PbEvent;
typedef Assertd__Test__Otlp__Link PbLink;

#define MUTATIONS 60000

static bool same_bytes(struct bytes ours, ProtobufCBinaryData theirs)
{
    return bytes_equal(ours, bytes_from(theirs.data, theirs.len));
}

static bool same_value(const struct value *ours, const PbValue *theirs);

static bool same_pair(const struct attr *ours, const PbPair *theirs)
{
    return same_bytes(ours->key, theirs->key) && same_value(&ours->value, theirs->value);
}

static bool same_array(struct bytes array, const Assertd__Test__Otlp__ArrayValue *theirs)
{
    struct wire_reader reader = wire_reader_of(array);
    struct value item;
    size_t count = 0;
    while (value_next_item(&reader, &item)) {
        if (count == theirs->n_values || !same_value(&item, theirs->values[count++])) {
            return false;
        }
    }
    return count == theirs->n_values;
}

static bool same_map(struct bytes map, const Assertd__Test__Otlp__KeyValueList *theirs)
{
    struct wire_reader reader = wire_reader_of(map);
    struct attr pair;
    size_t count = 0;
    while (value_next_pair(&reader, &pair)) {
        if (count == theirs->n_values || !same_pair(&pair, theirs->values[count++])) {
            return false;
        }
    }
    return count == theirs->n_values;
}

static bool same_value(const struct value *ours, const PbValue *theirs)
{
    switch (theirs != NULL ? theirs->value_case : ASSERTD__TEST__OTLP__ANY_VALUE__VALUE__NOT_SET) {
    case ASSERTD__TEST__OTLP__ANY_VALUE__VALUE_STRING_VALUE:
        return ours->type == VALUE_TEXT && same_bytes(ours->bytes, theirs->string_value);
    case ASSERTD__TEST__OTLP__ANY_VALUE__VALUE_BYTES_VALUE:
        return ours->type == VALUE_BYTES && same_bytes(ours->bytes, theirs->bytes_value);
    case ASSERTD__TEST__OTLP__ANY_VALUE__VALUE_BOOL_VALUE:
        return ours->type == VALUE_BOOL && ours->boolean == (theirs->bool_value != 0);
    case ASSERTD__TEST__OTLP__ANY_VALUE__VALUE_INT_VALUE:
        return ours->type == VALUE_INT && ours->integer == theirs->int_value;
    case ASSERTD__TEST__OTLP__ANY_VALUE__VALUE_DOUBLE_VALUE:
        return ours->type == VALUE_DOUBLE &&
               memcmp(&ours->number, &theirs->double_value, sizeof(double)) == 0;
    case ASSERTD__TEST__OTLP__ANY_VALUE__VALUE_ARRAY_VALUE:
        return ours->type == VALUE_ARRAY && same_array(ours->bytes, theirs->array_value);
    case ASSERTD__TEST__OTLP__ANY_VALUE__VALUE_KVLIST_VALUE:
        return ours->type == VALUE_MAP && same_map(ours->bytes, theirs->kvlist_value);
    default:
        return ours->type == VALUE_MISSING;
    }
}

static bool same_attrs(const struct attr *ours, uint32_t count, PbPair *const *theirs,
                       size_t their_count)
{
    if (count != their_count) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!same_pair(&ours[i], theirs[i])) {
            return false;
        }
    }
    return true;
}

static bool same_events(const struct span *span, const PbSpan *theirs, struct arena *arena)
{
    struct wire_reader reader = wire_reader_of(span->raw);
    struct event event;
    size_t count = 0;
    for (; span_next_event(&reader, arena, &event) == 0; count++) {
        const PbEvent *other = count < theirs->n_events ? theirs->events[count] : NULL;
        if (other == NULL || event.time_ns != other->time_unix_nano ||
            !same_bytes(event.name, other->name) ||
            event.dropped_attrs != other->dropped_attributes_count ||
            !same_attrs(event.attrs, event.attr_count, other->attributes, other->n_attributes)) {
            return false;
        }
    }
    return count == theirs->n_events && span->event_count == count;
}

static bool same_links(const struct span *span, const PbSpan *theirs, struct arena *arena)
{
    struct wire_reader reader = wire_reader_of(span->raw);
    struct link link;
    size_t count = 0;
    for (; span_next_link(&reader, arena, &link) == 0; count++) {
        const PbLink *other = count < theirs->n_links ? theirs->links[count] : NULL;
        if (other == NULL || link.flags != other->flags ||
            !same_bytes(link.trace_id, other->trace_id) ||
            !same_bytes(link.span_id, other->span_id) ||
            !same_bytes(link.trace_state, other->trace_state) ||
            link.dropped_attrs != other->dropped_attributes_count ||
            !same_attrs(link.attrs, link.attr_count, other->attributes, other->n_attributes)) {
            return false;
        }
    }
    return count == theirs->n_links && span->link_count == count;
}

static span_id id_of(ProtobufCBinaryData bytes)
{
    uint64_t id = 0;
    memcpy(&id, bytes.data, bytes.len < sizeof id ? bytes.len : sizeof id);
    return be64toh(id);
}

static bool same_fields(const struct span *ours, const PbSpan *theirs)
{
    static const ProtobufCBinaryData none = {0, NULL};
    return same_bytes(bytes_from(ours->trace_id.bytes, sizeof ours->trace_id.bytes),
                      theirs->trace_id) &&
           ours->id == id_of(theirs->span_id) &&
           ours->parent == (theirs->parent_span_id.len != 0 ? id_of(theirs->parent_span_id) : 0) &&
           same_bytes(ours->name, theirs->name) &&
           same_bytes(ours->trace_state, theirs->trace_state) &&
           ours->kind_sent == (uint32_t)theirs->kind &&
           ours->start_ns == theirs->start_time_unix_nano &&
           ours->end_ns == theirs->end_time_unix_nano && ours->flags == theirs->flags &&
           ours->dropped_attrs == theirs->dropped_attributes_count &&
           ours->dropped_events == theirs->dropped_events_count &&
           ours->dropped_links == theirs->dropped_links_count &&
           ours->status_sent == (theirs->status != NULL ? (uint32_t)theirs->status->code : 0) &&
           same_bytes(ours->status_message,
                      theirs->status != NULL ? theirs->status->message : none);
}

static bool same_span(const struct span *ours, const PbSpan *theirs, struct arena *arena)
{
    return same_fields(ours, theirs) && same_events(ours, theirs, arena) &&
           same_links(ours, theirs, arena) &&
           same_attrs(ours->attrs, ours->attr_count, theirs->attributes, theirs->n_attributes);
}

static bool bad_ids(const PbSpan *span)
{
    static const uint8_t zeros[16] = {0};
    return span->trace_id.len != 16 || memcmp(span->trace_id.data, zeros, 16) == 0 ||
           span->span_id.len != 8 || memcmp(span->span_id.data, zeros, 8) == 0 ||
           (span->parent_span_id.len != 0 && span->parent_span_id.len != 8);
}

static struct buf read_payload(const char *name)
{
    struct buf bytes = BUF_NULL;
    char path[1024];
    snprintf(path, sizeof path, "%s/tests/payloads/%s", ASSERTD_SOURCE_DIR, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    for (size_t got = 1; got > 0; bytes.len += got) {
        uint8_t *to = buf_reserve(&bytes, 65536);
        assert_non_null(to);
        got = fread(to, 1, 65536, file);
    }
    fclose(file);
    return bytes;
}

/* Calls `each` with every field `number` of a message that is a message itself. */
static void each_part(struct bytes message, uint32_t number,
                      void (*each)(struct bytes part, void *context), void *context)
{
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field;
    int outcome;
    while ((outcome = wire_next(&reader, &field)) == 0) {
        if (field.number == number && field.type == WIRE_BYTES) {
            each(field.bytes, context);
        }
    }
    assert_int_equal(outcome, WIRE_END);
}

static void compare_one(struct bytes raw, void *count)
{
    const struct span_limits limits = SPAN_LIMITS_DEFAULT;
    struct arena arena = ARENA_INIT(4096, 0);
    struct span span;
    PbSpan *theirs = assertd__test__otlp__span__unpack(NULL, raw.len, raw.data);
    assert_non_null(theirs);
    assert_int_equal(span_decode(raw, &resource_empty, &scope_empty, &limits, &arena, &span), 0);
    assert_true(same_span(&span, theirs, &arena));
    assertd__test__otlp__span__free_unpacked(theirs, NULL);
    arena_deinit(&arena);
    ++*(size_t *)count;
}

static void compare_scope_spans(struct bytes message, void *count)
{
    each_part(message, 2, compare_one, count);
}

static void compare_resource(struct bytes raw, void *context)
{
    struct arena arena = ARENA_INIT(4096, 0);
    struct resource resource;
    Assertd__Test__Otlp__Resource *theirs =
        assertd__test__otlp__resource__unpack(NULL, raw.len, raw.data);
    (void)context;
    assert_non_null(theirs);
    assert_int_equal(resource_decode(raw, NULL, &arena, &resource), 0);
    assert_true(
        same_attrs(resource.attrs, resource.attr_count, theirs->attributes, theirs->n_attributes));
    assert_true(resource.service.len > 0);
    assertd__test__otlp__resource__free_unpacked(theirs, NULL);
    arena_deinit(&arena);
}

static void compare_resource_spans(struct bytes message, void *count)
{
    each_part(message, 1, compare_resource, NULL);
    each_part(message, 2, compare_scope_spans, count);
}

static void real_exports_decode_as_protobuf_c_has_them(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t prefix; /* of the gRPC message */
        size_t spans;
    } payloads[] = {{"http-1.pb", 0, 1},
                    {"http-512.pb", 0, 512},
                    {"multi-512.pb", 0, 512},
                    {"grpc-512.bin", 5, 512}};
    for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
        struct buf body = read_payload(payloads[i].name);
        size_t prefix = payloads[i].prefix;
        size_t count = 0;
        each_part(bytes_from(body.data + prefix, body.len - prefix), 1, compare_resource_spans,
                  &count);
        assert_int_equal(count, payloads[i].spans);
        buf_deinit(&body);
    }
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Flips, overwrites, deletes, repeats: a few places each time. */
static void mutate(struct buf *raw, uint64_t *seed)
{
    for (uint64_t changes = next_random(seed) % 4 + 1; changes > 0 && raw->len > 1; changes--) {
        size_t at = next_random(seed) % raw->len;
        size_t len = next_random(seed) % 12 + 1;
        len = len < raw->len - at ? len : raw->len - at;
        switch (next_random(seed) % 5) {
        case 0:
            raw->data[at] ^= (uint8_t)(1u << next_random(seed) % 8);
            break;
        case 1:
            raw->data[at] = (uint8_t)next_random(seed);
            break;
        case 2:
            memmove(raw->data + at, raw->data + at + len, raw->len - at - len);
            raw->len -= len;
            break;
        case 3:
            buf_reserve(raw, len);
            buf_append(raw, raw->data + at, len);
            break;
        default:
            raw->data[at] = (uint8_t)(next_random(seed) % 20);
            break;
        }
    }
}

enum message { SPAN, EVENT, LINK, STATUS, PAIR, ANY, ARRAY, MAP, NONE };

static enum message message_of(enum message in, uint64_t number)
{
    switch (in) {
    case SPAN:
        return number == 9    ? PAIR
               : number == 11 ? EVENT
               : number == 13 ? LINK
               : number == 15 ? STATUS
                              : NONE;
    case EVENT:
        return number == 3 ? PAIR : NONE;
    case LINK:
        return number == 4 ? PAIR : NONE;
    case PAIR:
        return number == 2 ? ANY : NONE;
    case ANY:
        return number == 5 ? ARRAY : number == 6 ? MAP : NONE;
    case ARRAY:
        return number == 1 ? ANY : NONE;
    case MAP:
        return number == 1 ? PAIR : NONE;
    default:
        return NONE;
    }
}

/* Whether a message holds a field number that none may have, 0 or above 2^29 - 1: protobuf-c takes
 * the low bits and keeps it as unknown, we refuse it, as Google's parsers do. Only for what
 * protobuf-c has decoded. */
static bool holds_bad_number(struct bytes message, enum message type)
{
    struct wire_reader reader = wire_reader_of(message);
    uint64_t tag;
    uint64_t number;
    while (wire_varint(&reader, &tag) == 0) {
        if (tag >> 3 == 0 || tag >> 3 >= 1u << 29) {
            return true;
        }
        if ((tag & 7) == WIRE_FIXED64 || (tag & 7) == WIRE_FIXED32) {
            reader.next += (tag & 7) == WIRE_FIXED64 ? 8 : 4;
            continue;
        }
        wire_varint(&reader, &number);
        if ((tag & 7) == WIRE_BYTES) {
            enum message inner = message_of(type, tag >> 3);
            if (inner != NONE && holds_bad_number(bytes_from(reader.next, number), inner)) {
                return true;
            }
            reader.next += number;
        }
    }
    return false;
}

/* protobuf-c recurses without limit; inputs here are far too short to hurt it. */
static void compare_mutated(struct bytes raw, size_t *decoded)
{
    const struct span_limits limits = SPAN_LIMITS_DEFAULT;
    struct arena arena = ARENA_INIT(4096, 0);
    struct span span;
    uint8_t *exact = malloc(raw.len != 0 ? raw.len : 1);
    assert_non_null(exact);
    memcpy(exact, raw.data, raw.len);
    int outcome = span_decode(bytes_from(exact, raw.len), &resource_empty, &scope_empty, &limits,
                              &arena, &span);
    PbSpan *theirs = assertd__test__otlp__span__unpack(NULL, raw.len, exact);
    if (theirs != NULL) {
        bool agree = outcome == 0 ? same_span(&span, theirs, &arena)
                     : outcome == SPAN_BAD_ID
                         ? bad_ids(theirs)
                         : outcome == SPAN_MALFORMED && holds_bad_number(raw, SPAN);
        if (!agree) {
            for (size_t i = 0; i < raw.len; i++) {
                fprintf(stderr, "%02x", exact[i]);
            }
            fail_msg("outcome %d differs", outcome);
        }
        *decoded += outcome == 0;
        assertd__test__otlp__span__free_unpacked(theirs, NULL);
    }
    arena_deinit(&arena);
    free(exact);
}

static void mutated_spans_decode_as_protobuf_c_has_them(void **state)
{
    (void)state;
    static const struct attr_build list[] = {ATTR_INT("a", -1), ATTR_TEXT("b", "x"),
                                             ATTR_NONE("c")};
    static const struct span_build span = {
        .id = 1,
        .parent = 2,
        .name = "name",
        .kind = KIND_SERVER,
        .status = STATUS_ERROR,
        .status_message = "m",
        .start_ns = 1,
        .end_ns = 2,
        .attrs = {ATTR_ARRAY("l", list), ATTR_MAP("m", list), ATTR_DOUBLE("d", 1.5),
                  ATTR_BOOL("t", 1), ATTR_BYTES("y", "z")},
        .events = {{.name = "e", .time_ns = 5, .attrs = {ATTR_INT("k", 300)}}},
        .links = {{.trace = 3, .span = 4, .trace_state = "s", .flags = 1}},
    };
    uint64_t seed = 88172645463325252u;
    struct buf raw = BUF_NULL;
    size_t decoded = 0;
    for (int i = 0; i < MUTATIONS; i++) {
        buf_reset(&raw);
        span_encode(&raw, &span);
        mutate(&raw, &seed);
        compare_mutated(buf_bytes(&raw), &decoded);
    }
    assert_true(decoded > MUTATIONS / 20);
    buf_deinit(&raw);
}

struct mutation_run {
    uint64_t seed;
    size_t decoded;
};

static void mutate_one(struct bytes raw, void *context)
{
    struct mutation_run *run = context;
    struct buf copy = BUF_NULL;
    for (int i = 0; i < MUTATIONS / 1024; i++) {
        buf_reset(&copy);
        buf_append_bytes(&copy, raw);
        mutate(&copy, &run->seed);
        compare_mutated(buf_bytes(&copy), &run->decoded);
    }
    buf_deinit(&copy);
}

static void mutate_scope_spans(struct bytes message, void *context)
{
    each_part(message, 2, mutate_one, context);
}

static void mutate_resource_spans(struct bytes message, void *context)
{
    each_part(message, 2, mutate_scope_spans, context);
}

/* These have the short lengths of real exporters, which the decoder reads another way than the
 * padded ones above. */
static void mutated_real_spans_decode_as_protobuf_c_has_them(void **state)
{
    (void)state;
    struct mutation_run run = {.seed = 2463534242u};
    struct buf body = read_payload("http-512.pb");
    each_part(buf_bytes(&body), 1, mutate_resource_spans, &run);
    assert_true(run.decoded > MUTATIONS / 20);
    buf_deinit(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_exports_decode_as_protobuf_c_has_them),
        cmocka_unit_test(mutated_spans_decode_as_protobuf_c_has_them),
        cmocka_unit_test(mutated_real_spans_decode_as_protobuf_c_has_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
