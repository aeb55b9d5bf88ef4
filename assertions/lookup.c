/*
 * Reading keys on spans. Events and links stay encoded in the span and are decoded here, one at a
 * time, only for the tests that ask for them.
 */
#include "assertions/lookup.h"

#include "assertions/defect.h"
#include "assertions/span_type.h"
#include "daemon/core/bytes_short.h"
#include "daemon/core/hex.h"
#include "daemon/core/wire.h"

static struct operand text_operand(struct bytes text)
{
    return (struct operand){.type = OPERAND_TEXT, .bytes = text};
}

static struct operand text_unless_empty(struct bytes text)
{
    return text.len != 0 ? text_operand(text) : OPERAND_NONE;
}

static struct operand integer_operand(int64_t integer)
{
    return (struct operand){.type = OPERAND_INT, .integer = integer};
}

static struct operand ns_operand(enum operand_type type, __int128 ns)
{
    return (struct operand){.type = type, .ns = ns};
}

/* The last attribute of the key; NULL: there is none. */
static const struct value *find_attr(const struct attr *attrs, uint32_t count, struct bytes key)
{
    for (uint32_t i = count; i > 0;) {
        const struct attr *at = &attrs[--i];
        if (bytes_short_equal(at->key, key)) {
            return at->value.type != VALUE_MISSING ? &at->value : NULL;
        }
    }
    return NULL;
}

static struct operand attr_operand(const struct attr *attrs, uint32_t count, struct bytes key)
{
    const struct value *value = find_attr(attrs, count, key);
    return value != NULL ? operand_of_value(value) : OPERAND_NONE;
}

/* The attribute of the key: as it is written, else under the first of its other names that the span
 * can have it by. */
static inline const struct value *find_named(const struct attr *attrs, uint32_t count,
                                             const struct key *key, const struct span *span)
{
    const struct value *value = find_attr(attrs, count, key->name);
    if (value != NULL || !key->aliased) {
        return value;
    }
    for (uint32_t i = 0; value == NULL && i < key->alias_count; i++) {
        if (semconv_holds(key->aliases[i].side, span->kind == KIND_SERVER)) {
            value = find_attr(attrs, count, key->aliases[i].name);
        }
    }
    return value;
}

static struct operand named_operand(const struct attr *attrs, uint32_t count, const struct key *key,
                                    const struct span *span)
{
    const struct value *value = find_named(attrs, count, key, span);
    return value != NULL ? operand_of_value(value) : OPERAND_NONE;
}

static struct operand lookup_field(enum span_field field, const struct span *span)
{
    switch (field) {
    case FIELD_NAME:
        return text_operand(span->name);
    case FIELD_KIND:
        return text_operand(bytes_of(span_kind_name(span->kind)));
    case FIELD_STATUS:
        return text_operand(bytes_of(span_status_name(span->status)));
    case FIELD_SERVICE:
        return text_operand(span->resource->service);
    case FIELD_DURATION:
        return ns_operand(OPERAND_DURATION, (__int128)span->end_ns - (__int128)span->start_ns);
    case FIELD_START:
        return ns_operand(OPERAND_TIME, span->start_ns);
    case FIELD_END:
        return ns_operand(OPERAND_TIME, span->end_ns);
    case FIELD_TYPE:
        return text_operand(bytes_of(span_type_name(span_type_of(span))));
    case FIELD_STATUS_MESSAGE:
        return text_unless_empty(span->status_message);
    case FIELD_TRACE_STATE:
        return text_unless_empty(span->trace_state);
    case FIELD_EVENT_COUNT:
        return integer_operand((int64_t)span->event_count + span->dropped_events);
    case FIELD_LINK_COUNT:
        return integer_operand((int64_t)span->link_count + span->dropped_links);
    case FIELD_ID:
    case FIELD_PARENT_ID:
    case FIELD_SELF_TIME: /* not known of a span alone */
        break;
    }
    return OPERAND_NONE;
}

static struct operand text_if_given(struct bytes text)
{
    return text.data != NULL ? text_operand(text) : OPERAND_NONE;
}

static struct operand lookup_scope(const struct key *key, const struct scope *scope)
{
    if (!key->quoted && bytes_is(key->name, "name")) {
        return text_operand(scope->name);
    }
    if (!key->quoted && bytes_is(key->name, "version")) {
        return text_operand(scope->version);
    }
    return attr_operand(scope->attrs, scope->attr_count, key->name);
}

struct operand lookup_key(const struct key *key, const struct span *span)
{
    const struct resource *resource = span->resource;
    struct operand own;
    switch (key->space) {
    case KEY_FIELD:
        return lookup_field(key->field, span);
    case KEY_ANY:
        own = named_operand(span->attrs, span->attr_count, key, span);
        return own.type != OPERAND_MISSING
                   ? own
                   : named_operand(resource->attrs, resource->attr_count, key, span);
    case KEY_ATTR:
        return named_operand(span->attrs, span->attr_count, key, span);
    case KEY_RESOURCE:
        return named_operand(resource->attrs, resource->attr_count, key, span);
    case KEY_SCOPE:
        return lookup_scope(key, span->scope);
    case KEY_DEFECT: /* lookup_value */
    case KEY_EVENT:
    case KEY_LINK:
        break;
    }
    return OPERAND_NONE;
}

static bool is_id(const struct key *key)
{
    return key->space == KEY_FIELD && (key->field == FIELD_ID || key->field == FIELD_PARENT_ID);
}

/* A dropped attribute would have come before the resource's. */
static unsigned missed_flags(const struct span *span)
{
    return LOOKUP_MISSED | (span->dropped_attrs > 0 ? LOOKUP_DROPPED : 0u);
}

/* What breaks a rule; OPERAND_MISSING: nothing does, or (NO_MEMORY) nobody knows. */
static struct operand lookup_defect(const struct key *key, const struct span *span,
                                    struct arena *arena, unsigned *ret_flags)
{
    struct bytes found;
    int r = defect_find((enum defect_rule)key->rule, span, arena, &found);
    bool lost = defect_reads_events((enum defect_rule)key->rule) && span->dropped_events > 0;
    *ret_flags = r == 0             ? 0
                 : r == DEFECT_NONE ? missed_flags(span) | (lost ? LOOKUP_DROPPED : 0u)
                                    : LOOKUP_NO_MEMORY;
    return r == 0 ? text_operand(found) : OPERAND_NONE;
}

struct operand lookup_value(const struct key *key, const struct span *span, struct arena *arena)
{
    unsigned flags;
    if (key->space == KEY_DEFECT) {
        return lookup_defect(key, span, arena, &flags);
    }
    if (!is_id(key)) {
        return lookup_key(key, span);
    }
    span_id id = key->field == FIELD_ID ? span->id : span->parent;
    char *text = id != 0 ? arena_alloc(arena, SPAN_ID_TEXT_LEN) : NULL;
    if (text == NULL) {
        return OPERAND_NONE;
    }
    span_id_print(text, id);
    return text_operand(bytes_from(text, SPAN_ID_TEXT_LEN));
}

static struct operand injection_attr(struct bytes key, const struct injection *injection)
{
    return attr_operand(injection->attrs, injection->attr_count, key);
}

static struct operand injection_label(struct bytes key, const struct injection *injection)
{
    const struct {
        const char *name;
        struct bytes text;
    } labels[] = {
        {"scenario", injection->scenario}, {"step", injection->step},     {"zone", injection->zone},
        {"tenant", injection->tenant},     {"minion", injection->minion},
    };
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        if (bytes_is(key, labels[i].name)) {
            return text_if_given(labels[i].text);
        }
    }
    return injection_attr(key, injection);
}

struct operand lookup_injection(struct bytes key, const struct injection *injection)
{
    if (bytes_is(key, "time")) {
        return injection->has_time ? ns_operand(OPERAND_TIME, injection->time_ns) : OPERAND_NONE;
    }
    if (bytes_is(key, "duration")) {
        return injection->has_duration ? ns_operand(OPERAND_DURATION, injection->duration_ns)
                                       : OPERAND_NONE;
    }
    if (bytes_is(key, "outcome")) {
        const char *word = injection_outcome_name(injection->outcome);
        return word != NULL ? text_operand(bytes_of(word)) : OPERAND_NONE;
    }
    if (bytes_is(key, "status")) {
        return injection->has_status ? integer_operand(injection->status) : OPERAND_NONE;
    }
    if (bytes_is(key, "iteration")) {
        return injection->has_iteration ? integer_operand(injection->iteration) : OPERAND_NONE;
    }
    return injection_label(key, injection);
}

struct operand lookup_injection_term(const struct term *term, const struct injection *injection)
{
    return term->injection_quoted ? injection_attr(term->injection_key, injection)
                                  : lookup_injection(term->injection_key, injection);
}

static bool reads_clock(const struct key *key)
{
    return key->space == KEY_FIELD &&
           (key->field == FIELD_DURATION || key->field == FIELD_START || key->field == FIELD_END);
}

static bool is_attr(const struct key *key)
{
    return key->space == KEY_ANY || key->space == KEY_ATTR;
}

/* What a copy of the span could change: a dropped attribute may be of a type that comes first, and
 * a copy may have dropped more. */
static unsigned field_flags(enum span_field field, const struct span *span)
{
    switch (field) {
    case FIELD_TYPE:
        return span_type_of(span) == SPAN_TYPE_DATABASE ? 0 : missed_flags(span);
    case FIELD_EVENT_COUNT:
    case FIELD_LINK_COUNT:
        return LOOKUP_MISSED;
    default:
        return 0;
    }
}

unsigned lookup_flags(const struct key *key, enum compare_op op, const struct span *span)
{
    if (is_attr(key)) {
        bool missed = find_named(span->attrs, span->attr_count, key, span) == NULL;
        return missed ? missed_flags(span) : 0;
    }
    if (key->space == KEY_FIELD && key->field > FIELD_END) {
        return op != OP_EXISTS && op != OP_MISSING ? field_flags(key->field, span) : 0;
    }
    if (key->space == KEY_DEFECT) {
        struct arena arena = ARENA_INIT(1024, 0);
        unsigned flags;
        lookup_defect(key, span, &arena, &flags);
        arena_deinit(&arena);
        return flags;
    }
    bool backwards = reads_clock(key) && span->end_ns < span->start_ns;
    return backwards && op != OP_EXISTS && op != OP_MISSING ? LOOKUP_CLOCK : 0;
}

/* One test over the values of several events or links: true if true for one of them. */
struct any_test {
    const struct key *key;
    enum compare_op op;
    const struct operand *literal;
    const struct regex *regex;
    bool present; /* one has the key */
    bool fulfilled;
    bool incomparable;
};

static void any_test_add(struct any_test *test, const struct operand *value)
{
    if (value->type == OPERAND_MISSING) {
        return;
    }
    test->present = true;
    if (test->op == OP_EXISTS || test->op == OP_MISSING) {
        return;
    }
    enum truth truth = compare(test->op, value, test->literal, test->regex);
    test->fulfilled |= truth == TRUTH_TRUE;
    test->incomparable |= truth == TRUTH_INCOMPARABLE;
}

static enum truth any_test_truth(const struct any_test *test)
{
    if (test->op == OP_EXISTS || test->op == OP_MISSING) {
        return test->present == (test->op == OP_EXISTS) ? TRUTH_TRUE : TRUTH_FALSE;
    }
    if (!test->present) {
        return TRUTH_ABSENT;
    }
    return test->fulfilled ? TRUTH_TRUE : test->incomparable ? TRUTH_INCOMPARABLE : TRUTH_FALSE;
}

/* Whether a further event could change the answer: everything but a test that one event has
 * decided. What can't be compared with one may be true of another. */
static bool any_test_open(const struct any_test *test)
{
    bool presence = test->op == OP_EXISTS || test->op == OP_MISSING;
    return presence ? !test->present : !test->fulfilled;
}

static void test_event(struct any_test *test, const struct event *event)
{
    struct operand value = !test->key->quoted && bytes_is(test->key->name, "name")
                               ? text_operand(event->name)
                               : attr_operand(event->attrs, event->attr_count, test->key->name);
    any_test_add(test, &value);
}

static struct operand hex_operand(struct bytes id, struct arena *scratch)
{
    char *text = arena_alloc(scratch, 2 * id.len + 1);
    if (text == NULL) {
        return OPERAND_NONE;
    }
    hex_print(text, id.data, id.len);
    return text_operand(bytes_from(text, 2 * id.len));
}

static void test_link(struct any_test *test, const struct link *link, struct arena *scratch)
{
    const struct key *key = test->key;
    struct operand value;
    if (!key->quoted && bytes_is(key->name, "trace_id")) {
        value = hex_operand(link->trace_id, scratch);
    } else if (!key->quoted && bytes_is(key->name, "span_id")) {
        value = hex_operand(link->span_id, scratch);
    } else {
        value = attr_operand(link->attrs, link->attr_count, key->name);
    }
    any_test_add(test, &value);
}

/* 0, or WIRE_END after the last one, or what the arena's end gives. */
static int test_next(struct any_test *test, struct wire_reader *reader, struct arena *scratch)
{
    if (test->key->space == KEY_EVENT) {
        struct event event;
        int r = span_next_event(reader, scratch, &event);
        if (r == 0) {
            test_event(test, &event);
        }
        return r;
    }
    struct link link;
    int r = span_next_link(reader, scratch, &link);
    if (r == 0) {
        test_link(test, &link, scratch);
    }
    return r;
}

static enum truth compare_any(struct any_test *test, const struct span *span, struct arena *scratch,
                              unsigned *ret_flags)
{
    struct wire_reader reader = wire_reader_of(span->raw);
    int r;
    do {
        r = test_next(test, &reader, scratch);
    } while (r == 0);
    uint32_t dropped = test->key->space == KEY_EVENT ? span->dropped_events : span->dropped_links;
    *ret_flags = r == WIRE_END ? 0u : LOOKUP_NO_MEMORY;
    if (any_test_open(test)) {
        *ret_flags |= LOOKUP_MISSED | (dropped > 0 ? LOOKUP_DROPPED : 0u);
    }
    return any_test_truth(test);
}

static const struct value *find_in_resource(const struct key *key, uint8_t hint,
                                            const struct span *span)
{
    const struct resource *resource = span->resource;
    return lookup_may_have(&resource->hints, key, hint)
               ? find_named(resource->attrs, resource->attr_count, key, span)
               : NULL;
}

bool lookup_may_have_other(const struct attr_hints *hints, const struct key *key)
{
    bool may = false;
    for (uint32_t i = 0; !may && i < key->alias_count; i++) {
        may = attr_hints_may_have(hints, key->aliases[i].name);
    }
    return may;
}

struct bytes lookup_other_name(const struct key *key, const struct span *span)
{
    if (key->aliased || key->alias_count == 0 || lookup_key(key, span).type != OPERAND_MISSING) {
        return BYTES_NULL;
    }
    for (uint32_t i = 0; i < key->alias_count; i++) {
        const struct key other = {.space = key->space, .name = key->aliases[i].name};
        if (semconv_holds(key->aliases[i].side, span->kind == KIND_SERVER) &&
            lookup_key(&other, span).type != OPERAND_MISSING) {
            return other.name;
        }
    }
    return BYTES_NULL;
}

struct operand lookup_attr(const struct key *key, const struct span *span, unsigned *ret_flags)
{
    uint8_t hint = attr_hint_of(key->name);
    const struct value *value = lookup_may_have(&span->hints, key, hint)
                                    ? find_named(span->attrs, span->attr_count, key, span)
                                    : NULL;
    *ret_flags = value != NULL ? 0 : missed_flags(span);
    if (value == NULL && key->space == KEY_ANY) {
        value = find_in_resource(key, hint, span);
    }
    return value != NULL ? operand_of_value(value) : OPERAND_NONE;
}

const struct value *lookup_named(const struct attr *attrs, uint32_t count, struct bytes name)
{
    return find_attr(attrs, count, name);
}

enum truth lookup_compare(const struct key *key, enum compare_op op, const struct operand *literal,
                          const struct regex *regex, const struct span *span, struct arena *scratch,
                          unsigned *ret_flags)
{
    if (key->space == KEY_EVENT || key->space == KEY_LINK) {
        struct any_test test = {.key = key, .op = op, .literal = literal, .regex = regex};
        return compare_any(&test, span, scratch, ret_flags);
    }
    struct operand value;
    if (is_attr(key)) {
        value = lookup_attr(key, span, ret_flags);
    } else if (key->space == KEY_DEFECT) {
        value = lookup_defect(key, span, scratch, ret_flags);
    } else {
        value = lookup_value(key, span, scratch);
        *ret_flags = lookup_flags(key, op, span);
        if (is_id(key) && value.type == OPERAND_MISSING &&
            (key->field == FIELD_ID || span->parent != 0)) {
            *ret_flags |= LOOKUP_NO_MEMORY;
        }
    }
    return compare(op, &value, literal, regex);
}
