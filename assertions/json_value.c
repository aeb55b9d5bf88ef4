/*
 * The reader's events are written straight down in the form in which attributes come, so that
 * everything that reads arrays and key-value lists reads JSON too.
 */
#include "assertions/json_value.h"

#include "assertions/encode.h"
#include "daemon/core/json_reader.h"
#include "daemon/core/number.h"

#define ENCODED_MAX  (8u * EXPRESSION_TEXT_MAX)
#define NUMBER_BYTES 400u

/* An array or object that is open: where its parts begin. */
struct level {
    bool object;
    size_t pair, holder, list; /* marks of wire_begin */
};

struct writer {
    struct buf out;
    struct level levels[VALUE_DEPTH_MAX + 1];
    uint32_t depth;
    struct arena *arena;
    enum trouble trouble;
};

/* An item of an array begins; the value of a pair has begun with its key. */
static void begin_value(struct writer *writer)
{
    struct level *level = &writer->levels[writer->depth];
    if (writer->depth > 0 && !level->object) {
        level->holder = wire_begin(&writer->out, 1);
    }
}

static int end_value(struct writer *writer)
{
    struct level *level = &writer->levels[writer->depth];
    if (writer->depth > 0) {
        wire_end(&writer->out, level->holder);
        if (level->object) {
            wire_end(&writer->out, level->pair);
        }
    }
    return writer->out.failed;
}

static int put(struct writer *writer, struct value value)
{
    begin_value(writer);
    encode_value(&writer->out, &value);
    return end_value(writer);
}

static int put_number(struct writer *writer, struct bytes text)
{
    struct value value = {.type = VALUE_INT};
    char plain[NUMBER_BYTES];
    if (number_parse_i64(text, &value.integer) == 0) {
        return put(writer, value);
    }
    if (text.len >= sizeof plain) {
        writer->trouble = TROUBLE_LIMIT;
        return 1;
    }
    for (size_t i = 0; i < text.len; i++) {
        plain[i] = text.data[i] == 'E' ? 'e' : (char)text.data[i];
    }
    value.type = VALUE_DOUBLE;
    if (number_parse_double(bytes_from(plain, text.len), &value.number) != 0) {
        writer->trouble = TROUBLE_OVERFLOW;
        return 1;
    }
    return put(writer, value);
}

static int put_key(struct writer *writer, struct bytes text)
{
    struct level *level = &writer->levels[writer->depth];
    level->pair = wire_begin(&writer->out, 1);
    wire_put_bytes(&writer->out, 1, text);
    level->holder = wire_begin(&writer->out, 2);
    return writer->out.failed;
}

static int open_level(struct writer *writer, bool object)
{
    if (writer->depth == VALUE_DEPTH_MAX) {
        writer->trouble = TROUBLE_LIMIT;
        return 1;
    }
    begin_value(writer);
    struct level *level = &writer->levels[++writer->depth];
    *level = (struct level){.object = object};
    level->list = wire_begin(&writer->out, object ? 6 : 5);
    return writer->out.failed;
}

static int close_level(struct writer *writer)
{
    wire_end(&writer->out, writer->levels[writer->depth--].list);
    return end_value(writer);
}

static int on_token(void *self, enum json_token token, struct bytes text)
{
    struct writer *writer = self;
    switch (token) {
    case JSON_NULL:
        return put(writer, VALUE_NONE);
    case JSON_TRUE:
    case JSON_FALSE:
        return put(writer, (struct value){.type = VALUE_BOOL, .boolean = token == JSON_TRUE});
    case JSON_NUMBER:
        return put_number(writer, text);
    case JSON_TEXT:
        return put(writer, (struct value){.type = VALUE_TEXT, .bytes = text});
    case JSON_KEY:
        return put_key(writer, text);
    case JSON_OBJECT:
    case JSON_ARRAY:
        return open_level(writer, token == JSON_OBJECT);
    default:
        return close_level(writer);
    }
}

static enum trouble read_text(struct writer *writer, struct bytes text)
{
    char error[128];
    int r = json_read(text, on_token, writer, error, sizeof error);
    if (writer->trouble != TROUBLE_NONE) {
        return writer->trouble;
    }
    if (writer->out.failed) {
        return writer->out.len + 64 < ENCODED_MAX ? TROUBLE_MEMORY : TROUBLE_LIMIT;
    }
    return r == 0 ? TROUBLE_NONE : r == JSON_READ_NO_MEMORY ? TROUBLE_MEMORY : TROUBLE_TEXT;
}

enum trouble json_value_read(struct bytes text, struct arena *arena, struct value *ret)
{
    struct writer writer = {.out = {.limit = ENCODED_MAX}, .arena = arena};
    if (text.len > EXPRESSION_TEXT_MAX) {
        return TROUBLE_LIMIT;
    }
    enum trouble trouble = read_text(&writer, text);
    if (trouble == TROUBLE_NONE) {
        struct bytes kept = arena_copy(arena, buf_bytes(&writer.out));
        if (kept.data == NULL && writer.out.len != 0) {
            trouble = TROUBLE_MEMORY;
        } else if (value_decode(kept, ret) != 0) {
            trouble = TROUBLE_LIMIT;
        }
    }
    buf_deinit(&writer.out);
    return trouble;
}

enum trouble json_value_of(struct evaluation *evaluation, const struct operand *operand,
                           struct value *ret)
{
    if (operand->type == OPERAND_TEXT) {
        if (!evaluation_work(evaluation, operand->bytes.len)) {
            return TROUBLE_LIMIT;
        }
        return json_value_read(operand->bytes, evaluation->scratch, ret);
    }
    struct seen seen = operand_seen(operand);
    if (seen.type != SEEN_VALUE) {
        return TROUBLE_TYPES;
    }
    *ret = seen.value;
    return TROUBLE_NONE;
}
