/* A machine of three states: a value comes, a key comes, a value has ended. Which closing bracket
 * an open object or list waits for is all that is remembered of it. */
#include "daemon/core/json_reader.h"

#include <stdio.h>

#include "daemon/core/utf8.h"
#include "daemon/core/json_text.h"

enum state { VALUE, KEY, VALUE_ENDED, DONE };

struct reader {
    const uint8_t *at, *end;
    const uint8_t *start;
    enum state state;
    unsigned depth;
    struct buf scratch; /* a text whose escapes were undone; dies with the call */
    json_token_fn token;
    void *self;
    char *error;
    size_t error_bytes;
    uint8_t closers[JSON_READER_DEPTH_MAX];
};

static int refuse(const struct reader *reader, const char *what)
{
    size_t at = (size_t)(reader->at - reader->start);
    snprintf(reader->error, reader->error_bytes, "byte %zu: %s", at + 1, what);
    return JSON_READ_SYNTAX;
}

/* What stands here does not belong here, or nothing stands here any more. */
static int not_json(const struct reader *reader)
{
    if (reader->at >= reader->end) {
        snprintf(reader->error, reader->error_bytes, "the JSON text ends early");
        return JSON_READ_SYNTAX;
    }
    return refuse(reader, "this is not JSON");
}

static inline int tell(const struct reader *reader, enum json_token token, struct bytes text)
{
    return reader->token(reader->self, token, text) == 0 ? 0 : JSON_READ_STOPPED;
}

static inline bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline void skip_blanks(struct reader *reader)
{
    while (reader->at < reader->end && is_blank(*reader->at)) {
        reader->at++;
    }
}

static inline bool take(struct reader *reader, uint8_t c)
{
    if (reader->at >= reader->end || *reader->at != c) {
        return false;
    }
    reader->at++;
    return true;
}

static int text_error(struct reader *reader, int outcome, size_t used)
{
    reader->at += used;
    switch (outcome) {
    case JSON_TEXT_NO_MEMORY:
        return JSON_READ_NO_MEMORY;
    case JSON_TEXT_UNFINISHED:
        reader->at = reader->end;
        return not_json(reader);
    case JSON_TEXT_HALF_PAIR:
        return refuse(reader, "half a surrogate pair");
    default:
        return not_json(reader);
    }
}

/* Behind the opening quote. */
static inline int read_text(struct reader *reader, enum json_token token)
{
    struct bytes rest = {reader->at, (size_t)(reader->end - reader->at)};
    struct bytes text;
    size_t used;
    int outcome = json_text_read(rest, &reader->scratch, &text, &used);
    if (outcome != 0) {
        return text_error(reader, outcome, used);
    }
    reader->at += used;
    return tell(reader, token, text);
}

static inline bool take_digits(struct reader *reader)
{
    const uint8_t *first = reader->at;
    while (reader->at < reader->end && (uint8_t)(*reader->at - '0') <= 9) {
        reader->at++;
    }
    return reader->at > first;
}

static int read_number(struct reader *reader)
{
    const uint8_t *first = reader->at;
    take(reader, '-');
    if (!take(reader, '0') && !take_digits(reader)) {
        return not_json(reader);
    }
    if (take(reader, '.') && !take_digits(reader)) {
        return not_json(reader);
    }
    if (take(reader, 'e') || take(reader, 'E')) {
        if (!take(reader, '-')) {
            take(reader, '+');
        }
        if (!take_digits(reader)) {
            return not_json(reader);
        }
    }
    return tell(reader, JSON_NUMBER, bytes_from(first, (size_t)(reader->at - first)));
}

static int read_word(struct reader *reader, const char *word, enum json_token token)
{
    for (; *word != '\0'; word++) {
        if (!take(reader, (uint8_t)*word)) {
            return not_json(reader);
        }
    }
    return tell(reader, token, BYTES_NULL);
}

/* Behind the closing bracket. */
static inline int close_container(struct reader *reader, uint8_t closer)
{
    reader->depth--;
    reader->state = VALUE_ENDED;
    return tell(reader, closer == '}' ? JSON_OBJECT_END : JSON_ARRAY_END, BYTES_NULL);
}

/* Behind the opening bracket. */
static inline int open_container(struct reader *reader, uint8_t closer)
{
    if (reader->depth == JSON_READER_DEPTH_MAX) {
        char what[48];
        reader->at--;
        snprintf(what, sizeof what, "nested deeper than %d", JSON_READER_DEPTH_MAX);
        return refuse(reader, what);
    }
    reader->closers[reader->depth++] = closer;
    int outcome = tell(reader, closer == '}' ? JSON_OBJECT : JSON_ARRAY, BYTES_NULL);
    if (outcome != 0) {
        return outcome;
    }
    skip_blanks(reader);
    if (take(reader, closer)) {
        return close_container(reader, closer);
    }
    reader->state = closer == '}' ? KEY : VALUE;
    return 0;
}

static inline int read_value(struct reader *reader)
{
    skip_blanks(reader);
    uint8_t c = reader->at < reader->end ? *reader->at : 0;
    reader->state = VALUE_ENDED;
    switch (c) {
    case '"':
        reader->at++;
        return read_text(reader, JSON_TEXT);
    case '{':
        reader->at++;
        return open_container(reader, '}');
    case '[':
        reader->at++;
        return open_container(reader, ']');
    case 't':
        return read_word(reader, "true", JSON_TRUE);
    case 'f':
        return read_word(reader, "false", JSON_FALSE);
    case 'n':
        return read_word(reader, "null", JSON_NULL);
    default:
        return read_number(reader);
    }
}

static inline int read_key(struct reader *reader)
{
    skip_blanks(reader);
    if (!take(reader, '"')) {
        return not_json(reader);
    }
    int outcome = read_text(reader, JSON_KEY);
    if (outcome != 0) {
        return outcome;
    }
    skip_blanks(reader);
    if (!take(reader, ':')) {
        return not_json(reader);
    }
    reader->state = VALUE;
    return 0;
}

static inline int go_on(struct reader *reader)
{
    skip_blanks(reader);
    if (reader->depth == 0) {
        reader->state = DONE;
        return reader->at == reader->end ? 0 : not_json(reader);
    }
    uint8_t closer = reader->closers[reader->depth - 1];
    if (take(reader, ',')) {
        reader->state = closer == '}' ? KEY : VALUE;
        return 0;
    }
    return take(reader, closer) ? close_container(reader, closer) : not_json(reader);
}

/* A value, what closes behind it, and the key of the next: in a fixed order, which is quicker than
 * to ask for the state at each token. */
static int read_all(struct reader *reader)
{
    int outcome = 0;
    while (outcome == 0 && reader->state != DONE) {
        if (reader->state == KEY) {
            outcome = read_key(reader);
        }
        if (outcome == 0) {
            outcome = read_value(reader);
        }
        while (outcome == 0 && reader->state == VALUE_ENDED) {
            outcome = go_on(reader);
        }
    }
    return outcome;
}

int json_read(struct bytes text, json_token_fn token, void *self, char *error, size_t error_bytes)
{
    if (bytes_start_with(text, BYTES_LITERAL("\xEF\xBB\xBF"))) {
        snprintf(error, error_bytes, "it begins with a byte order mark, which JSON does not allow");
        return JSON_READ_SYNTAX;
    }
    if (!utf8_valid(text)) {
        snprintf(error, error_bytes, "it is not valid UTF-8");
        return JSON_READ_SYNTAX;
    }
    struct reader reader;
    memset(&reader, 0, offsetof(struct reader, closers));
    reader.at = reader.start = text.data;
    reader.end = text.len != 0 ? text.data + text.len : text.data;
    reader.token = token;
    reader.self = self;
    reader.error = error;
    reader.error_bytes = error_bytes;
    int outcome = read_all(&reader);
    buf_deinit(&reader.scratch);
    return outcome;
}
