/* Of span.events, a JSON text in Tracetest, what can be asked of the events here: the name or an
 * attribute of any of them. */
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

static bool is_plain_word(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (strchr("{}[]\":,", text.data[i]) != NULL) {
            return false;
        }
    }
    return text.len > 0;
}

/* `event:KEY OP VALUE`. = asks for the only event's. */
static bool put(struct comparing *comparing, struct bytes key, const struct foreign_term *term)
{
    struct buf *out = comparing_out(comparing);
    size_t from = out->len;
    struct bytes text;
    bool equal = comparing->assertion.comparator == FOREIGN_EQ;
    buf_append_text(out, "event:");
    if (bytes_is(key, "name")) {
        buf_append_text(out, "name");
    } else if (!append_key(out, key)) {
        return comparing_lose(comparing, "an attribute's name can't be written");
    }
    struct bytes left = comparing_take(comparing, from);
    if (constant_text(term, &text)) {
        append_quoted(out, text);
    } else {
        append_number(out, term->text);
    }
    struct bytes right = comparing_take(comparing, from);
    bool whole = comparing->assertion.left->filters != NULL; /* the value, not a part of a text */
    return comparing_put(comparing, left, whole ? "=" : "contains", right) &&
           (!equal ||
            comparing_put(comparing, BYTES_LITERAL("span:event_count"), "=", BYTES_LITERAL("1")));
}

bool compare_events(struct comparing *comparing)
{
    const struct foreign_filter *filter = comparing->assertion.left->filters;
    const struct foreign_term *term = comparing_constant(comparing->assertion.right);
    enum foreign_comparator comparator = comparing->assertion.comparator;
    struct bytes path;
    struct bytes text;
    struct bytes key = BYTES_LITERAL("name");
    bool one_path = filter != NULL && filter->next == NULL && filter->argument_count == 1 &&
                    bytes_is(filter->name, "json_path") &&
                    constant_text(filter->arguments, &path) && key_of_path(path, &key);
    bool asked = comparator == FOREIGN_CONTAINS || (one_path && comparator == FOREIGN_EQ);
    bool plain = term != NULL && (constant_text(term, &text) ? one_path || is_plain_word(text)
                                                             : term->type == FOREIGN_NUMBER);
    if (!asked || !plain || (filter != NULL && !one_path)) {
        return comparing_lose(comparing,
                              "the events of a span are no JSON text here; write conditions on "
                              "event:name and event:KEY");
    }
    comparing->translation->reads_span = true;
    if (!one_path) {
        translation_note(comparing->translation, "the name of one of the span's events; Tracetest "
                                                 "searches a JSON text of them");
    }
    return put(comparing, key, term);
}
