#include <errno.h>

#include "assertions/json_path_parts.h"
#include "daemon/core/json_text.h"
#include "daemon/core/number.h"
#include "daemon/core/utf8.h"

bool path_take(struct path_reader *reader, int c)
{
    bool there = path_peek(reader) == c;
    reader->at += there;
    return there;
}

void path_skip_blanks(struct path_reader *reader)
{
    int c = path_peek(reader);
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        reader->at++;
        c = path_peek(reader);
    }
}

bool path_fail(struct path_reader *reader, const char *error)
{
    reader->error = error;
    return false;
}

void *path_part(struct path_reader *reader, size_t size)
{
    if (reader->parts++ == JSON_PATH_PARTS_MAX) {
        path_fail(reader, "more than 256 parts");
        return NULL;
    }
    void *part = arena_calloc(reader->arena, 1, size);
    reader->no_memory |= part == NULL;
    return part;
}

/* --- names and numbers --- */

static bool is_name_byte(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c >= 0x80;
}

static bool read_name(struct path_reader *reader, struct bytes *ret)
{
    size_t from = reader->at;
    while (is_name_byte(path_peek(reader))) {
        reader->at++;
    }
    *ret = bytes_from(reader->text.data + from, reader->at - from);
    return ret->len != 0 || path_fail(reader, "a member's name is missing; write .name, "
                                              "['a name'], [0] or [*]");
}

/* As the inside of a JSON string: between single quotes \' is ', and " stands for itself. */
static bool as_json_text(struct bytes inner, int quote, struct buf *out)
{
    for (size_t i = 0; i < inner.len; i++) {
        bool escape = inner.data[i] == '\\' && i + 1 < inner.len;
        if (escape && quote == '\'' && inner.data[i + 1] == '\'') {
            buf_append_char(out, '\'');
            i++;
        } else if (escape) {
            buf_append(out, inner.data + i++, 2);
        } else {
            buf_append_text(out, inner.data[i] == '"' ? "\\" : "");
            buf_append_char(out, (char)inner.data[i]);
        }
    }
    buf_append_char(out, '"');
    return !out->failed;
}

static bool undo_escapes(struct path_reader *reader, struct bytes inner, int quote,
                         struct bytes *ret)
{
    struct buf text = BUF_NULL;
    struct buf scratch = BUF_NULL;
    size_t used;
    bool readable = utf8_valid(inner);
    bool memory = as_json_text(inner, quote, &text);
    int r = readable && memory ? json_text_read(buf_bytes(&text), &scratch, ret, &used) : 0;
    bool bad = !readable || (r != 0 && r != JSON_TEXT_NO_MEMORY);
    memory &= r != JSON_TEXT_NO_MEMORY;
    if (memory && !bad) {
        *ret = arena_copy(reader->arena, *ret);
        memory = ret->data != NULL || ret->len == 0;
    }
    buf_deinit(&text);
    buf_deinit(&scratch);
    reader->no_memory |= !memory;
    return memory && (!bad || path_fail(reader, "no such escape; there are \\\\ \\/ \\' \\\" \\b "
                                                "\\f \\n \\r \\t \\uXXXX"));
}

bool path_read_quoted(struct path_reader *reader, struct bytes *ret)
{
    int quote = path_peek(reader);
    size_t from = ++reader->at;
    bool escapes = false;
    while (path_peek(reader) != quote) {
        bool escape = path_peek(reader) == '\\';
        escapes |= escape;
        reader->at += escape ? 2 : 1;
        if (reader->at >= reader->text.len) {
            reader->at = reader->text.len;
            return path_fail(reader, "the quote is not closed");
        }
    }
    *ret = bytes_from(reader->text.data + from, reader->at++ - from);
    return !escapes || undo_escapes(reader, *ret, quote, ret);
}

/* An integer; *ret_there tells whether there was one. */
static bool read_integer(struct path_reader *reader, int64_t *ret, bool *ret_there)
{
    size_t from = reader->at;
    path_take(reader, '-');
    while (path_peek(reader) >= '0' && path_peek(reader) <= '9') {
        reader->at++;
    }
    *ret_there = reader->at > from;
    return !*ret_there ||
           number_parse_i64(bytes_from(reader->text.data + from, reader->at - from), ret) == 0 ||
           path_fail(reader, "not an index");
}

/* --- selectors --- */

/* After the first `:`. */
static bool read_slice(struct path_reader *reader, struct json_selector *selector)
{
    bool stepped = false;
    selector->type = JSON_SELECT_SLICE;
    selector->step = 1;
    path_skip_blanks(reader);
    if (!read_integer(reader, &selector->end, &selector->has_end)) {
        return false;
    }
    path_skip_blanks(reader);
    if (path_take(reader, ':')) {
        path_skip_blanks(reader);
        return read_integer(reader, &selector->step, &stepped);
    }
    return true;
}

static bool read_index(struct path_reader *reader, struct json_selector *selector)
{
    bool there;
    if (!read_integer(reader, &selector->index, &there)) {
        return false;
    }
    size_t end = reader->at;
    path_skip_blanks(reader);
    if (path_take(reader, ':')) {
        selector->has_first = there;
        return read_slice(reader, selector);
    }
    reader->at = end;
    selector->type = JSON_SELECT_INDEX;
    return there || path_fail(reader, "an index is missing; write [0], [-1], [1:3], [*], ['a'] or "
                                      "[?@.a == 1]");
}

static bool read_selector(struct path_reader *reader, struct json_selector *selector)
{
    int c = path_peek(reader);
    if (c == '\'' || c == '"') {
        selector->type = JSON_SELECT_MEMBER;
        return path_read_quoted(reader, &selector->name);
    }
    if (path_take(reader, '*')) {
        selector->type = JSON_SELECT_ALL;
        return true;
    }
    if (path_take(reader, '?')) {
        selector->type = JSON_SELECT_FILTER;
        return path_read_filter(reader, &selector->test);
    }
    return read_index(reader, selector);
}

/* After `[`. */
static bool read_bracket(struct path_reader *reader, const struct json_selector **next)
{
    do {
        struct json_selector *selector = path_part(reader, sizeof *selector);
        path_skip_blanks(reader);
        if (selector == NULL || !read_selector(reader, selector)) {
            return false;
        }
        *next = selector;
        next = &selector->next;
        path_skip_blanks(reader);
    } while (path_take(reader, ','));
    return path_take(reader, ']') || path_fail(reader, "']' is missing");
}

/* What stands behind a point: a name or a star. */
static bool read_shorthand(struct path_reader *reader, const struct json_selector **ret)
{
    struct json_selector *selector = path_part(reader, sizeof *selector);
    if (selector == NULL) {
        return false;
    }
    *ret = selector;
    selector->type = path_take(reader, '*') ? JSON_SELECT_ALL : JSON_SELECT_MEMBER;
    return selector->type == JSON_SELECT_ALL || read_name(reader, &selector->name);
}

static bool read_segment(struct path_reader *reader, struct json_segment *segment)
{
    if (path_take(reader, '[')) {
        return read_bracket(reader, &segment->selectors);
    }
    path_take(reader, '.');
    segment->below = path_take(reader, '.');
    return segment->below && path_take(reader, '[') ? read_bracket(reader, &segment->selectors)
                                                    : read_shorthand(reader, &segment->selectors);
}

static bool is_single(const struct json_segment *segment)
{
    const struct json_selector *selector = segment->selectors;
    return !segment->below && selector->next == NULL &&
           (selector->type == JSON_SELECT_MEMBER || selector->type == JSON_SELECT_INDEX);
}

bool path_read_segments(struct path_reader *reader, struct json_path *path)
{
    const struct json_segment **next = &path->segments;
    path->single = true;
    for (;;) {
        size_t end = reader->at;
        path_skip_blanks(reader);
        if (path_peek(reader) != '.' && path_peek(reader) != '[') {
            reader->at = end;
            return true;
        }
        struct json_segment *segment = path_part(reader, sizeof *segment);
        if (segment == NULL || !read_segment(reader, segment)) {
            return false;
        }
        *next = segment;
        next = &segment->next;
        path->single &= is_single(segment);
    }
}

static bool read_path(struct path_reader *reader, struct json_path *path)
{
    if (!path_take(reader, '$')) {
        return path_fail(reader, "a JSON path begins with $, such as $.items[0].id");
    }
    return path_read_segments(reader, path) &&
           (path_peek(reader) < 0 ||
            path_fail(reader, "write .name, ['a name'], [0], [*], [1:3], [?@.a == 1] or ..name"));
}

int json_path_compile(struct arena *arena, struct bytes text, const struct json_path **ret,
                      size_t *ret_byte, const char **ret_error)
{
    struct path_reader reader = {.text = arena_copy(arena, text), .arena = arena};
    struct json_path *path = arena_calloc(arena, 1, sizeof *path);
    if (path == NULL || (reader.text.data == NULL && text.len != 0)) {
        return -ENOMEM;
    }
    bool good = read_path(&reader, path);
    if (reader.no_memory) {
        return -ENOMEM;
    }
    if (!good) {
        *ret_byte = reader.at;
        *ret_error = reader.error;
        return JSON_PATH_BAD;
    }
    *ret = path;
    return 0;
}
