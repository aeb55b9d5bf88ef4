#include "tracetest/special.h"

#include "daemon/core/number.h"

static const struct {
    const char *name;
    enum special special;
} names[] = {
    {"name", SPECIAL_NAME},
    {"kind", SPECIAL_KIND},
    {"tracetest.span.name", SPECIAL_NAME},
    {"tracetest.span.kind", SPECIAL_KIND},
    {"tracetest.span.type", SPECIAL_TYPE},
    {"tracetest.span.status_code", SPECIAL_STATUS},
    {"tracetest.span.status_description", SPECIAL_STATUS_MESSAGE},
    {"tracetest.span.duration", SPECIAL_DURATION},
    {"tracetest.span.start_time", SPECIAL_START},
    {"tracetest.span.end_time", SPECIAL_END},
    {"tracetest.span.parent_id", SPECIAL_PARENT},
    {"tracetest.selected_spans.count", SPECIAL_COUNT},
    {"span.events", SPECIAL_EVENTS},
    {"tracetest.response.status", SPECIAL_RESPONSE_STATUS},
    {"tracetest.response.body", SPECIAL_RESPONSE_BODY},
    {"tracetest.response.headers", SPECIAL_RESPONSE_HEADERS},
};

enum special special_find(struct bytes name)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (bytes_is(name, names[i].name)) {
            return names[i].special;
        }
    }
    return SPECIAL_NONE;
}

bool special_is_response(enum special special)
{
    return special == SPECIAL_RESPONSE_STATUS || special == SPECIAL_RESPONSE_BODY ||
           special == SPECIAL_RESPONSE_HEADERS;
}

const char *special_key(enum special special)
{
    switch (special) {
    case SPECIAL_NAME:
        return "name";
    case SPECIAL_KIND:
        return "kind";
    case SPECIAL_TYPE:
        return "span:type";
    case SPECIAL_STATUS:
        return "status";
    case SPECIAL_STATUS_MESSAGE:
        return "span:status_message";
    case SPECIAL_DURATION:
        return "duration";
    case SPECIAL_START:
        return "start";
    case SPECIAL_END:
        return "end";
    case SPECIAL_PARENT:
        return "span:parent_id";
    default:
        return NULL;
    }
}

const char *special_word(struct translation *translation, enum special special, struct bytes text)
{
    static const char *const kinds[] = {"internal", "server", "client", "producer", "consumer"};
    static const char *const statuses[] = {"unset", "ok", "error"};
    bool kind = special == SPECIAL_KIND;
    const char *const *words = kind ? kinds : statuses;
    size_t count = kind ? sizeof kinds / sizeof kinds[0] : sizeof statuses / sizeof statuses[0];
    for (size_t i = 0; i < count; i++) {
        if (bytes_is_nocase(text, words[i])) {
            return words[i];
        }
    }
    if (kind && (bytes_is_nocase(text, "unespecified") || bytes_is_nocase(text, "unspecified"))) {
        translation_note(translation, "an unspecified kind reads as internal here");
        return "internal";
    }
    return NULL;
}

struct known_variable *variable_find(const struct translation *translation, struct bytes name)
{
    for (uint32_t i = translation->variable_count; i-- > 0;) {
        if (bytes_equal(translation->variables[i].name, name)) {
            return &translation->variables[i];
        }
    }
    return NULL;
}

void append_number(struct buf *out, struct bytes number)
{
    int64_t whole;
    size_t sign = number.len > 0 && number.data[0] == '-';
    bool point = memchr(number.data, '.', number.len) != NULL;
    bool zeros = number.len > sign + 1 && number.data[sign] == '0' && number.data[sign + 1] != '.';
    if (zeros || (!point && number_parse_i64(number, &whole) != 0)) {
        append_quoted(out, number);
    } else {
        buf_append_bytes(out, number);
    }
}
