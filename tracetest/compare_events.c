/* Of span.events, a JSON text in Tracetest, what can be asked of the events here: the name or an
 * attribute of any of them, or of none. */
#include "tracetest/comparing.h"

bool reads_events(const struct foreign_expression *expression)
{
    return expression->steps == NULL && expression->first->type == FOREIGN_ATTR &&
           special_find(expression->first->text) == SPECIAL_EVENTS;
}

/* Passes a beginning. */
static bool pass(struct bytes *text, const char *beginning)
{
    struct bytes begin = bytes_of(beginning);
    bool passed = bytes_start_with(*text, begin);
    if (passed) {
        *text = bytes_from(text->data + begin.len, text->len - begin.len);
    }
    return passed;
}

static bool is_plain_name(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (strchr("[]'\"*$`", text.data[i]) != NULL) {
            return false;
        }
    }
    return text.len > 0;
}

/* The key of each event that a path asks for: $[*].name, $[*].attributes.KEY, ...['KEY']. */
static bool key_of_path(struct bytes path, struct bytes *ret)
{
    if (bytes_is(path, "$..name")) {
        *ret = BYTES_LITERAL("name");
        return true;
    }
    pass(&path, "$");
    pass(&path, ".");
    if (!pass(&path, "[*].")) {
        return false;
    }
    if (bytes_is(path, "name")) {
        *ret = path;
        return true;
    }
    if (!pass(&path, "attributes")) {
        return false;
    }
    bool quoted = pass(&path, "['");
    if (quoted && path.len > 2 && memcmp(path.data + path.len - 2, "']", 2) == 0) {
        path.len -= 2;
    } else if (quoted || !pass(&path, ".")) {
        return false;
    }
    *ret = path;
    return is_plain_name(path);
}

/* $[?(@.name == 'retry')].name: of those events that are called so; how. */
static bool name_of_filter(struct bytes path, struct bytes *ret)
{
    bool group;
    pass(&path, "$");
    if (!pass(&path, "[?")) {
        return false;
    }
    group = pass(&path, "(");
    if (!pass(&path, "@.name")) {
        return false;
    }
    path = bytes_trim(path);
    pass(&path, "==");
    path = bytes_trim(path);
    const uint8_t *begin = path.data + 1;
    bool quoted = path.len > 1 && (path.data[0] == '"' || path.data[0] == '\'');
    const uint8_t *end = quoted ? memchr(begin, path.data[0], path.len - 1) : NULL;
    if (end == NULL) {
        return false;
    }
    *ret = bytes_from(begin, (size_t)(end - begin));
    return bytes_is(bytes_from(end + 1, (size_t)(path.data + path.len - end) - 1),
                    group ? ")].name" : "].name") &&
           is_plain_name(*ret);
}

static bool is_plain_word(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (strchr("{}[]\":,", text.data[i]) != NULL) {
            return false;
        }
    }
    return text.len > 0;
}

/* `event:KEY`. */
static struct bytes put_key(struct comparing *comparing, struct bytes key, bool *ret_good)
{
    struct buf *out = comparing_out(comparing);
    size_t from = out->len;
    buf_append_text(out, "event:");
    *ret_good = bytes_is(key, "name") || append_key(out, key);
    buf_append_text(out, bytes_is(key, "name") ? "name" : "");
    return comparing_take(comparing, from);
}

static struct bytes put_value(struct comparing *comparing, const struct foreign_term *term)
{
    struct buf *out = comparing_out(comparing);
    size_t from = out->len;
    struct bytes text;
    if (constant_text(term, &text)) {
        append_quoted(out, text);
    } else {
        append_number(out, term->text);
    }
    return comparing_take(comparing, from);
}

/* `event:KEY OP VALUE`. = asks for the only event's; not-contains for none. */
static bool put(struct comparing *comparing, struct bytes key, const struct foreign_term *term)
{
    enum foreign_comparator comparator = comparing->assertion.comparator;
    bool whole = comparing->assertion.left->filters != NULL; /* the value, not a part of a text */
    bool good;
    struct bytes left = put_key(comparing, key, &good);
    struct bytes right = put_value(comparing, term);
    if (!good) {
        return comparing_lose(comparing, "an attribute's name can't be written");
    }
    if (comparator == FOREIGN_NOT_CONTAINS) {
        struct buf *out = comparing_out(comparing);
        size_t from = out->len;
        buf_append_text(out, "not (");
        buf_append_bytes(out, left);
        left = comparing_take(comparing, from);
        buf_append_bytes(out, right);
        buf_append_char(out, ')');
        right = comparing_take(comparing, from);
    }
    return comparing_put(comparing, left, whole ? "=" : "contains", right) &&
           (comparator != FOREIGN_EQ ||
            comparing_put(comparing, BYTES_LITERAL("span:event_count"), "=", BYTES_LITERAL("1")));
}

/* Of a filter by the name alone: that there is such an event. */
static bool put_named(struct comparing *comparing, struct bytes name,
                      const struct foreign_term *term)
{
    bool good;
    if (comparing->assertion.comparator == FOREIGN_EQ) {
        translation_note(comparing->translation, "one event of that name at least; there exactly "
                                                 "one");
    }
    struct bytes left = put_key(comparing, BYTES_LITERAL("name"), &good);
    struct bytes text;
    return constant_text(term, &text) && bytes_equal(text, name) &&
           comparing_put(comparing, left, "=", put_value(comparing, term));
}

/* The path of the only filter of the left side. */
static bool only_path(const struct foreign_filter *filter, struct bytes *ret)
{
    return filter != NULL && filter->next == NULL && filter->argument_count == 1 &&
           bytes_is(filter->name, "json_path") && constant_text(filter->arguments, ret);
}

static bool compare(struct comparing *comparing, const struct foreign_term *term)
{
    const struct foreign_filter *filter = comparing->assertion.left->filters;
    enum foreign_comparator comparator = comparing->assertion.comparator;
    bool contains = comparator == FOREIGN_CONTAINS || comparator == FOREIGN_NOT_CONTAINS;
    struct bytes path;
    struct bytes text;
    struct bytes key = BYTES_LITERAL("name");
    bool has_path = only_path(filter, &path);
    if (has_path && name_of_filter(path, &text)) {
        return (comparator == FOREIGN_EQ || comparator == FOREIGN_CONTAINS) &&
               put_named(comparing, text, term);
    }
    bool read = has_path && key_of_path(path, &key);
    bool plain =
        constant_text(term, &text) ? read || is_plain_word(text) : term->type == FOREIGN_NUMBER;
    if (!plain || (filter != NULL && !read) || !(contains || (read && comparator == FOREIGN_EQ))) {
        return false;
    }
    if (!read) {
        translation_note(comparing->translation, "the name of one of the span's events; Tracetest "
                                                 "searches a JSON text of them");
    }
    return put(comparing, key, term);
}

bool compare_events(struct comparing *comparing)
{
    const struct foreign_term *term = comparing_constant(comparing->assertion.right);
    comparing->translation->reads_span = true;
    return (term != NULL && compare(comparing, term)) ||
           comparing_lose(comparing, "the events of a span are no JSON text here; write "
                                     "conditions on event:name and event:KEY");
}
