/* Members of a record are a table; attributes are encoded as OTLP has them and read back as views
 * of the arena. */
#include "receivers/injection_json.h"

#include <stdio.h>

#include "receivers/attr_json.h"
#include "receivers/json_number.h"
#include "daemon/core/json_reader.h"

enum member_type {
    MEMBER_TRACE_ID,
    MEMBER_SPAN_ID,
    MEMBER_TIME,
    MEMBER_INTEGER,
    MEMBER_LABEL,
    MEMBER_SAMPLED,
    MEMBER_OUTCOME,
    MEMBER_ATTRIBUTES,
};

struct member {
    const char *name;
    enum member_type type;
    size_t value; /* offset in struct injection */
    size_t has;   /* offset of the flag, of times and integers */
};

#define AT(field) offsetof(struct injection, field)

static const struct member members[] = {
    {"trace_id", MEMBER_TRACE_ID, 0, 0},
    {"span_id", MEMBER_SPAN_ID, 0, 0},
    {"time_unix_nano", MEMBER_TIME, AT(time_ns), AT(has_time)},
    {"scenario", MEMBER_LABEL, AT(scenario), 0},
    {"step", MEMBER_LABEL, AT(step), 0},
    {"zone", MEMBER_LABEL, AT(zone), 0},
    {"tenant", MEMBER_LABEL, AT(tenant), 0},
    {"minion", MEMBER_LABEL, AT(minion), 0},
    {"iteration", MEMBER_INTEGER, AT(iteration), AT(has_iteration)},
    {"sampled", MEMBER_SAMPLED, 0, 0},
    {"outcome", MEMBER_OUTCOME, 0, 0},
    {"status", MEMBER_INTEGER, AT(status), AT(has_status)},
    {"duration_ns", MEMBER_INTEGER, AT(duration_ns), AT(has_duration)},
    {"attributes", MEMBER_ATTRIBUTES, 0, 0},
};

struct parser {
    struct arena *arena;
    struct injection injection;
    const struct member *current; /* NULL after a key that nobody knows */
    const char *wrong;            /* what the current member is not */
    bool has_trace_id;
    bool no_memory;
    bool in_record;
    bool in_attributes;
    bool has_attributes;
    unsigned skip_depth;
    struct attr_json attributes;
};

static void *field_of(struct parser *parser, size_t offset)
{
    return (char *)&parser->injection + offset;
}

static const struct member *member_find(struct bytes name)
{
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (bytes_is(name, members[i].name)) {
            return &members[i];
        }
    }
    return NULL;
}

static int refuse(struct parser *parser, const char *wrong)
{
    parser->wrong = wrong;
    return 1;
}

static int set_trace_id(struct parser *parser, enum json_token token, struct bytes text)
{
    if (token != JSON_TEXT || trace_id_parse(text, &parser->injection.trace_id) != 0) {
        return refuse(parser, "is not 32 hex digits, not all zero, in quotes");
    }
    parser->has_trace_id = true;
    return 0;
}

static int set_span_id(struct parser *parser, enum json_token token, struct bytes text)
{
    if (token == JSON_NULL || (token == JSON_TEXT && text.len == 0)) {
        parser->injection.span_id = 0;
        return 0;
    }
    if (token != JSON_TEXT || span_id_parse(text, &parser->injection.span_id) != 0) {
        return refuse(parser, "is not 16 hex digits, not all zero, in quotes");
    }
    return 0;
}

/* 64-bit integers come as numbers or as text. */
static int set_integer(struct parser *parser, enum json_token token, struct bytes text)
{
    const struct member *member = parser->current;
    bool *has = field_of(parser, member->has);
    *has = token != JSON_NULL;
    if (token == JSON_NULL) {
        return 0;
    }
    if (token != JSON_NUMBER && token != JSON_TEXT) {
        return refuse(parser, "is not an integer");
    }
    int outcome = member->type == MEMBER_TIME
                      ? json_number_u64(text, field_of(parser, member->value))
                      : json_number_i64(text, field_of(parser, member->value));
    if (outcome != 0) {
        return refuse(parser,
                      outcome == JSON_NUMBER_RANGE ? "is out of range" : "is not an integer");
    }
    return 0;
}

static int set_label(struct parser *parser, enum json_token token, struct bytes text)
{
    struct bytes *label = field_of(parser, parser->current->value);
    if (token == JSON_NULL) {
        *label = BYTES_NULL;
        return 0;
    }
    if (token != JSON_TEXT) {
        return refuse(parser, "is not a text");
    }
    *label = text.len > 0 ? arena_copy(parser->arena, text) : BYTES_LITERAL("");
    parser->no_memory |= label->data == NULL;
    return parser->no_memory;
}

static int set_sampled(struct parser *parser, enum json_token token)
{
    parser->injection.unsampled = token == JSON_FALSE;
    if (token != JSON_TRUE && token != JSON_FALSE && token != JSON_NULL) {
        return refuse(parser, "is neither true nor false");
    }
    return 0;
}

static int set_outcome(struct parser *parser, enum json_token token, struct bytes text)
{
    parser->injection.outcome = INJECTION_OUTCOME_NONE;
    if (token == JSON_NULL) {
        return 0;
    }
    for (enum injection_outcome outcome = INJECTION_OK; outcome <= INJECTION_NOT_SENT; outcome++) {
        if (token == JSON_TEXT && bytes_is(text, injection_outcome_name(outcome))) {
            parser->injection.outcome = outcome;
            return 0;
        }
    }
    return refuse(parser, "is none of \"ok\", \"error\", \"not_sent\"");
}

static int set_attributes(struct parser *parser, enum json_token token)
{
    parser->has_attributes = token == JSON_OBJECT;
    if (token == JSON_OBJECT) {
        attr_json_begin(&parser->attributes);
        parser->in_attributes = true;
        return 0;
    }
    return token == JSON_NULL ? 0 : refuse(parser, "is not an object");
}

static int set_member(struct parser *parser, enum json_token token, struct bytes text)
{
    switch (parser->current->type) {
    case MEMBER_TRACE_ID:
        return set_trace_id(parser, token, text);
    case MEMBER_SPAN_ID:
        return set_span_id(parser, token, text);
    case MEMBER_TIME:
    case MEMBER_INTEGER:
        return set_integer(parser, token, text);
    case MEMBER_LABEL:
        return set_label(parser, token, text);
    case MEMBER_SAMPLED:
        return set_sampled(parser, token);
    case MEMBER_OUTCOME:
        return set_outcome(parser, token, text);
    case MEMBER_ATTRIBUTES:
        return set_attributes(parser, token);
    }
    return 0;
}

static int attribute_token(struct parser *parser, enum json_token token, struct bytes text)
{
    if (attr_json_token(&parser->attributes, token, text) != 0) {
        return refuse(parser, "holds a number that is out of range");
    }
    parser->in_attributes = parser->attributes.depth > 0;
    parser->no_memory |= parser->attributes.out.failed;
    return parser->no_memory;
}

/* Of a member that nobody knows. */
static int skip_token(struct parser *parser, enum json_token token)
{
    if (token == JSON_OBJECT || token == JSON_ARRAY) {
        parser->skip_depth++;
    } else if (token == JSON_OBJECT_END || token == JSON_ARRAY_END) {
        parser->skip_depth--;
    }
    return 0;
}

static int on_token(void *self, enum json_token token, struct bytes text)
{
    struct parser *parser = self;
    if (!parser->in_record) {
        parser->in_record = true;
        return token == JSON_OBJECT ? 0 : refuse(parser, "the record is not a JSON object");
    }
    if (parser->in_attributes) {
        return attribute_token(parser, token, text);
    }
    if (parser->skip_depth > 0) {
        return skip_token(parser, token);
    }
    if (token == JSON_KEY) {
        parser->current = member_find(text);
        return 0;
    }
    if (token == JSON_OBJECT_END) {
        return 0;
    }
    return parser->current == NULL ? skip_token(parser, token) : set_member(parser, token, text);
}

/* The attributes as views of a copy in the arena. */
static int take_attributes(struct parser *parser)
{
    struct injection *injection = &parser->injection;
    struct bytes list = buf_bytes(&parser->attributes.out);
    if (!parser->has_attributes || list.len == 0) {
        return 0;
    }
    list = arena_copy(parser->arena, list);
    if (list.data == NULL) {
        return INJECTION_NO_MEMORY;
    }
    struct wire_reader reader = wire_reader_of(list);
    struct wire_field field;
    uint32_t count = 0;
    while (wire_next(&reader, &field) == 0) {
        count++;
    }
    struct attr *attrs = arena_calloc(parser->arena, count, sizeof *attrs);
    if (attrs == NULL) {
        return INJECTION_NO_MEMORY;
    }
    reader = wire_reader_of(list);
    for (uint32_t i = 0; i < count && wire_next(&reader, &field) == 0; i++) {
        if (attr_decode(field.bytes, &attrs[i]) != 0) {
            return INJECTION_BAD;
        }
    }
    injection->attrs = attrs;
    injection->attr_count = count;
    return 0;
}

static int finish(struct parser *parser, struct injection *ret, char *error, size_t error_bytes)
{
    if (!parser->has_trace_id) {
        snprintf(error, error_bytes, "\"trace_id\" is missing");
        return INJECTION_BAD;
    }
    int outcome = take_attributes(parser);
    if (outcome == INJECTION_BAD) {
        snprintf(error, error_bytes, "\"attributes\" is nested too deep");
    }
    if (outcome == 0) {
        *ret = parser->injection;
    }
    return outcome;
}

static int stopped(const struct parser *parser, char *error, size_t error_bytes)
{
    if (parser->no_memory) {
        return INJECTION_NO_MEMORY;
    }
    if (parser->current != NULL) {
        snprintf(error, error_bytes, "\"%s\" %s", parser->current->name, parser->wrong);
    } else {
        snprintf(error, error_bytes, "%s", parser->wrong);
    }
    return INJECTION_BAD;
}

int injection_parse(struct bytes line, struct arena *arena, struct injection *ret, char *error,
                    size_t error_bytes)
{
    struct parser parser;
    memset(&parser, 0, offsetof(struct parser, attributes));
    parser.arena = arena;
    parser.attributes.out = BUF_NULL;
    int outcome;
    switch (json_read(line, on_token, &parser, error, error_bytes)) {
    case 0:
        outcome = finish(&parser, ret, error, error_bytes);
        break;
    case JSON_READ_STOPPED:
        outcome = stopped(&parser, error, error_bytes);
        break;
    case JSON_READ_NO_MEMORY:
        outcome = INJECTION_NO_MEMORY;
        break;
    default:
        outcome = INJECTION_BAD;
        break;
    }
    attr_json_deinit(&parser.attributes);
    return outcome;
}

int injection_next(struct injection_lines *lines, struct arena *arena, struct injection *ret,
                   char *error, size_t error_bytes)
{
    while (lines->rest.len > 0) {
        const uint8_t *end = memchr(lines->rest.data, '\n', lines->rest.len);
        size_t len = end != NULL ? (size_t)(end - lines->rest.data) : lines->rest.len;
        struct bytes line = bytes_trim(bytes_from(lines->rest.data, len));
        size_t step = end != NULL ? len + 1 : len;
        lines->rest = bytes_from(lines->rest.data + step, lines->rest.len - step);
        lines->line++;
        if (line.len > 0) {
            return injection_parse(line, arena, ret, error, error_bytes);
        }
    }
    return INJECTION_END;
}
