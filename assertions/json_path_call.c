/*
 * Functions of filters (RFC 9535, 2.4): length, count and value give a value or nothing, match and
 * search are true or false. Patterns are compiled when the path is, with the limits of any other.
 */
#include <errno.h>
#include <string.h>

#include "assertions/functions_parts.h"
#include "assertions/json_path_parts.h"
#include "daemon/core/buf.h"

#define ERROR_BYTES 256

/* --- reading --- */

static const struct {
    const char *name;
    enum json_function function;
} calls[] = {
    {"length", JSON_CALL_LENGTH}, {"count", JSON_CALL_COUNT},   {"value", JSON_CALL_VALUE},
    {"match", JSON_CALL_MATCH},   {"search", JSON_CALL_SEARCH},
};

static bool is_word_byte(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static struct bytes word_at(const struct path_reader *reader)
{
    size_t end = reader->at;
    while (end < reader->text.len && is_word_byte(reader->text.data[end])) {
        end++;
    }
    return bytes_from(reader->text.data + reader->at, end - reader->at);
}

bool path_sees_call(const struct path_reader *reader)
{
    struct bytes word = word_at(reader);
    size_t end = reader->at + word.len;
    return word.len != 0 && end < reader->text.len && reader->text.data[end] == '(';
}

static bool find_function(struct path_reader *reader, enum json_function *ret)
{
    struct bytes word = word_at(reader);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        if (bytes_is(word, calls[i].name)) {
            *ret = calls[i].function;
            reader->at += word.len + 1;
            return true;
        }
    }
    return path_fail(reader, "no such function; there are length(), count(), value(), match() and "
                             "search()");
}

/* Dots outside of brackets are any character but a line's end. */
static void append_pattern(struct buf *out, struct bytes pattern)
{
    bool class = false;
    for (size_t i = 0; i < pattern.len; i++) {
        int c = pattern.data[i];
        if (c == '\\' && i + 1 < pattern.len) {
            buf_append(out, pattern.data + i++, 2);
            continue;
        }
        class = class ? c != ']' : c == '[';
        if (c == '.' && !class) {
            buf_append_text(out, "[^\\n\\r]");
        } else {
            buf_append_char(out, (char)c);
        }
    }
}

/* 0; REGEX_BAD, which is told; -ENOMEM. By itself too, for no parenthesis may close the outer. */
static int compile_pattern(struct path_reader *reader, struct json_call *call, struct bytes pattern,
                           struct buf *text)
{
    bool whole = call->function == JSON_CALL_MATCH;
    char error[ERROR_BYTES];
    struct regex *regex;
    size_t byte;
    int r = regex_compile(reader->arena, pattern, &regex, &byte, error, sizeof error);
    buf_append_text(text, whole ? "\\A(?:" : "(?:");
    append_pattern(text, pattern);
    buf_append_text(text, whole ? ")\\z" : ")");
    r = r != 0 ? r : text->failed ? -ENOMEM : 0;
    r = r != 0 ? r
               : regex_compile(reader->arena, buf_bytes(text), &regex, &byte, error, sizeof error);
    call->regex = r == 0 ? regex : NULL;
    if (r == REGEX_BAD) {
        path_fail(reader, arena_printf(reader->arena, "not a regular expression: %s", error));
        reader->no_memory |= reader->error == NULL;
    }
    reader->no_memory |= r == -ENOMEM;
    return r;
}

/* Its text: two backslashes are one, any other stays, so that \d needs no second one. */
static bool read_quoted_pattern(struct path_reader *reader, struct buf *out)
{
    int quote = path_peek(reader);
    if (quote != '\'' && quote != '"') {
        return path_fail(reader, "a pattern is a text that is written here, in quotes");
    }
    reader->at++;
    for (int c = path_peek(reader); c != quote; c = path_peek(reader)) {
        reader->at += c >= 0;
        int next = path_peek(reader);
        if (next < 0) {
            return path_fail(reader, "the quote is not closed");
        }
        bool escaped = c == '\\' && (next == '\\' || next == '\'' || next == '"');
        buf_append_char(out, (char)(escaped ? next : c));
        if (c == '\\' && !escaped) {
            buf_append_char(out, (char)next);
        }
        reader->at += c == '\\';
    }
    reader->at++;
    return true;
}

static bool read_pattern(struct path_reader *reader, struct json_call *call)
{
    struct buf pattern = BUF_NULL;
    struct buf text = BUF_NULL;
    size_t at = reader->at;
    bool good = read_quoted_pattern(reader, &pattern);
    if (pattern.failed) {
        reader->no_memory = true;
        good = false;
    }
    if (good && compile_pattern(reader, call, buf_bytes(&pattern), &text) != 0) {
        reader->at = at;
        good = false;
    }
    buf_deinit(&text);
    buf_deinit(&pattern);
    return good;
}

static bool takes_query(const struct json_call *call)
{
    return call->function == JSON_CALL_COUNT || call->function == JSON_CALL_VALUE;
}

static bool read_arguments(struct path_reader *reader, struct json_call *call)
{
    path_skip_blanks(reader);
    size_t at = reader->at;
    if (takes_query(call)) {
        int c = path_peek(reader);
        if (c != '@' && c != '$') {
            return path_fail(reader, "what is found is counted or taken here: write @.items[*]");
        }
    }
    if (!path_read_side(reader, &call->of)) {
        return false;
    }
    if (!takes_query(call) && !path_check_value(reader, &call->of, at)) {
        return false;
    }
    path_skip_blanks(reader);
    if (!json_call_is_test(call)) {
        return true;
    }
    if (!path_take(reader, ',')) {
        return path_fail(reader, "',' is missing; write match(@.name, 'pattern')");
    }
    path_skip_blanks(reader);
    bool good = read_pattern(reader, call);
    path_skip_blanks(reader);
    return good;
}

bool path_read_call(struct path_reader *reader, const struct json_call **ret)
{
    struct json_call *call = path_part(reader, sizeof *call);
    if (call == NULL || !find_function(reader, &call->function) || !path_deepen(reader)) {
        return false;
    }
    *ret = call;
    if (!read_arguments(reader, call)) {
        return false;
    }
    reader->depth--;
    return path_take(reader, ')') || path_fail(reader, "')' is missing");
}

/* --- finding --- */

static struct value whole_number(int64_t number)
{
    return (struct value){.type = VALUE_INT, .integer = number};
}

static bool length_of(struct json_search *search, const struct value *value, struct value *ret)
{
    int64_t length = 0;
    if (value == NULL || !json_search_work(search, 1 + value->bytes.len)) {
        return false;
    }
    switch (value->type) {
    case VALUE_TEXT:
        if (!function_characters(value->bytes, &length)) {
            search->trouble = TROUBLE_TEXT;
        }
        break;
    case VALUE_ARRAY:
        length = json_search_count_items(value);
        break;
    case VALUE_MAP:
        length = json_search_count_keys(search, value);
        break;
    default:
        return false;
    }
    *ret = whole_number(length);
    return search->trouble == TROUBLE_NONE;
}

const struct value *json_call_value(struct json_search *search, const struct json_call *call,
                                    const struct value *here, struct value *room)
{
    struct value inner;
    struct json_hits hits;
    const struct json_path *path = call->of.path;
    if (call->function == JSON_CALL_LENGTH) {
        const struct value *of = json_side_value(search, &call->of, here, &inner);
        return length_of(search, of, room) ? room : NULL;
    }
    if (!json_search_find(search, path, path->here ? here : search->root, &hits)) {
        return NULL;
    }
    if (call->function == JSON_CALL_COUNT) {
        *room = whole_number(hits.count);
        return room;
    }
    *room = hits.count == 1 ? hits.items[0] : VALUE_NONE;
    return hits.count == 1 ? room : NULL;
}

bool json_call_matches(struct json_search *search, const struct json_call *call,
                       const struct value *here)
{
    struct value room;
    const struct value *text = json_side_value(search, &call->of, here, &room);
    if (text == NULL || text->type != VALUE_TEXT ||
        !json_search_work(search, 1 + text->bytes.len)) {
        return false;
    }
    int r = regex_match(call->regex, text->bytes);
    if (r == REGEX_UNKNOWN) {
        search->trouble = TROUBLE_LIMIT;
    }
    return r == 0;
}
