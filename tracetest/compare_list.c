/* Lists: equal to one, containing one, member of one. */
#include <stdio.h>

#include "tracetest/comparing.h"

static bool append_json_item(struct buf *out, const struct foreign_term *item)
{
    struct bytes text;
    if (item->type == FOREIGN_NUMBER || item->type == FOREIGN_BOOL) {
        buf_append_bytes(out, item->text);
        return true;
    }
    if (!constant_text(item, &text)) {
        return false;
    }
    buf_append_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        int c = text.data[i];
        if (c < ' ') {
            buf_printf(out, "\\u%04x", (unsigned)c);
        } else {
            buf_append_text(out, c == '"' || c == '\\' ? "\\" : "");
            buf_append_char(out, (char)c);
        }
    }
    buf_append_char(out, '"');
    return true;
}

/* A list of constants as JSON in quotes, and its length. */
static bool say_list(struct comparing *comparing, const struct foreign_term *list,
                     struct bytes *ret_json, uint32_t *ret_count)
{
    struct buf *out = comparing_out(comparing);
    size_t from = out->len;
    uint32_t count = 0;
    buf_append_char(out, '[');
    for (const struct foreign_term *item = list->items; item != NULL; item = item->next) {
        buf_append_text(out, count++ > 0 ? ", " : "");
        if (!append_json_item(out, item)) {
            return comparing_lose(comparing, "a list may hold numbers and texts");
        }
    }
    buf_append_char(out, ']');
    struct bytes json = comparing_take(comparing, from);
    append_quoted(out, json);
    *ret_json = comparing_take(comparing, from);
    *ret_count = count;
    return true;
}

bool compare_list(struct comparing *comparing, const struct foreign_term *list)
{
    struct bytes json;
    uint32_t count = 0;
    char length[16];
    struct buf *out = comparing_out(comparing);
    if (comparing->assertion.comparator != FOREIGN_EQ &&
        comparing->assertion.comparator != FOREIGN_CONTAINS) {
        return comparing_lose(comparing, "a list on the right is compared by = and contains");
    }
    if (!say_list(comparing, list, &json, &count)) {
        return false;
    }
    comparing_put(comparing, comparing->left.text, "json-contains", json);
    if (comparing->assertion.comparator == FOREIGN_CONTAINS) {
        return true;
    }
    size_t from = out->len;
    buf_append_text(out, "length(");
    buf_append_bytes(out, comparing->left.text);
    buf_append_char(out, ')');
    struct bytes left = comparing_take(comparing, from);
    snprintf(length, sizeof length, "%u", (unsigned)count);
    translation_note(comparing->translation, "the same items, in whatever order");
    return comparing_put(comparing, left, "=",
                         arena_copy(comparing->translation->arena, bytes_of(length)));
}

bool compare_member(struct comparing *comparing)
{
    const struct foreign_term *item = comparing->assertion.left->first->items;
    struct buf *out = comparing_out(comparing);
    size_t from = out->len;
    bool not = comparing->assertion.comparator == FOREIGN_NOT_CONTAINS;
    if (!not &&comparing->assertion.comparator != FOREIGN_CONTAINS) {
        return comparing_lose(comparing, "a list on the left is compared by contains");
    }
    if (item == NULL) {
        return comparing_lose(comparing, "an empty list contains nothing");
    }
    if (!translate_expression(comparing->translation, comparing->assertion.right, SAID_LEFT,
                              &comparing->left)) {
        return false;
    }
    struct bytes left = comparing_take(comparing, from);
    buf_append_char(out, '(');
    for (; item != NULL; item = item->next) {
        struct bytes text;
        if (item->type == FOREIGN_NUMBER || item->type == FOREIGN_BOOL) {
            append_number(out, item->text);
        } else if (constant_text(item, &text)) {
            append_quoted(out, text);
        } else {
            return comparing_lose(comparing, "a list may hold numbers and texts");
        }
        buf_append_text(out, item->next != NULL ? ", " : ")");
    }
    return comparing_put(comparing, left, not ? "not in" : "in", comparing_take(comparing, from));
}
