/* Attributes being collected at the end of an arena, while a span, resource, scope, event or link
 * is decoded; what their keys hint at and whether something is odd about them is found on the way.
 * Inline: the hot path of the program runs through it. Nothing else may be taken from the arena
 * before attr_list_end. */
#ifndef ASSERTD_MODEL_ATTR_LIST_H
#define ASSERTD_MODEL_ATTR_LIST_H

#include <string.h>

#include "daemon/core/arena.h"
#include "daemon/core/utf8.h"
#include "daemon/model/attr_check.h"
#include "daemon/model/span.h"
#include "daemon/model/value_fast.h"

#define ATTRS_FIRST_ROOM 16u

struct attr_list {
    struct arena *arena;
    struct attr *items;
    uint32_t count, room;
    uint32_t comparisons; /* of keys with those before them */
    struct attr_hints hints;
};

/* Begins an empty list; no memory is taken yet. */
static inline void attr_list_begin(struct attr_list *list, struct arena *arena)
{
    list->arena = arena;
    list->items = NULL;
    list->count = list->room = list->comparisons = 0;
    list->hints = (struct attr_hints){.made = true};
}

/* Doubles the room; what was there is left behind in the arena. 0; SPAN_NO_MEMORY. */
static inline int attr_list_grow(struct attr_list *list)
{
    uint32_t room = list->room != 0 ? list->room * 2 : ATTRS_FIRST_ROOM;
    struct attr *items = arena_alloc(list->arena, room * sizeof *items);
    if (items == NULL) {
        return SPAN_NO_MEMORY;
    }
    if (list->count != 0) {
        memcpy(items, list->items, list->count * sizeof *items);
    }
    list->items = items;
    list->room = room;
    return 0;
}

/* Notes the key of the attribute at `index`, the last one. */
static inline void attr_list_note_key(struct attr_list *list, uint32_t index)
{
    if (attr_hints_add(&list->hints, list->items[index].key) &&
        attr_came_before(list->items, index, &list->comparisons)) {
        list->hints.odd |= ATTR_ODD_TWICE;
    }
}

/* Decodes one KeyValue message behind the others. 0; SPAN_NO_MEMORY; SPAN_MALFORMED. */
static inline int attr_list_add(struct attr_list *list, struct bytes key_value)
{
    if (list->count == list->room && attr_list_grow(list) != 0) {
        return SPAN_NO_MEMORY;
    }
    struct attr *attr = &list->items[list->count];
    if (attr_decode(key_value, attr) != 0) {
        return SPAN_MALFORMED;
    }
    attr_list_note_key(list, list->count++);
    list->hints.odd |= attr_text_is_ascii(attr) ? 0 : ATTR_ODD_TEXT;
    list->hints.odd |=
        attr->key.len == 0 || attr->value.type == VALUE_MISSING ? ATTR_ODD_UNNAMED : 0;
    return 0;
}

/* --- attributes as exporters write them --- */

/* What stands at most before the content of a text: tags and lengths of a byte each. */
#define ATTR_HEAD_BYTES 8

static inline uint32_t attr_list_load(const uint8_t *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof word);
    return le32toh(word);
}

/* A number, or a truth, of `len` bytes with its tag. */
static inline bool attr_list_scalar(const uint8_t *at, const uint8_t *end, size_t len,
                                    struct value *ret)
{
    uint64_t number;
    if (at[0] != (ANY_INT << 3 | WIRE_VARINT) || end - at < 9) {
        return scalar_decode_fast(at, len, ret);
    }
    ret->type = VALUE_INT;
    memcpy(&number, at + 1, sizeof number);
    if (!varint_of_word(le64toh(number), len - 1, &number)) {
        return scalar_decode_fast(at, len, ret);
    }
    ret->integer = (int64_t)number;
    return true;
}

/* A field that is an attribute of less than 128 bytes: a key, then one scalar. The four bytes
 * before the key, and those before a text, are looked at as words. Returns what follows, and in
 * *ret_binary where bytes begin that are no text (NULL: all are); NULL: another form. */
static inline const uint8_t *attr_list_usual(uint8_t tag, const uint8_t *at, const uint8_t *end,
                                             struct attr *ret, const uint8_t **ret_binary)
{
    uint32_t head = attr_list_load(at);
    size_t len = head >> 8 & 0xff;
    size_t key_len = head >> 24;
    if ((head & 0xff80ff) != (tag | (1u << 3 | WIRE_BYTES) << 16) || key_len == 0 ||
        key_len + 6 > len || len + 2 > (size_t)(end - at)) {
        return NULL;
    }
    const uint8_t *value = at + 4 + key_len;
    uint32_t value_len = (uint32_t)(len - key_len - 4);
    uint32_t middle = attr_list_load(value);
    uint32_t text = (2u << 3 | WIRE_BYTES) | value_len << 8 | (ANY_STRING << 3 | WIRE_BYTES) << 16 |
                    (value_len - 2) << 24;
    ret->key = (struct bytes){at + 4, key_len};
    if (middle == text) {
        ret->value.type = VALUE_TEXT;
        ret->value.bytes = (struct bytes){value + 4, value_len - 2};
        *ret_binary = NULL;
        return at + 2 + len;
    }
    *ret_binary = value;
    return (middle & 0xffff) == (text & 0xffff) &&
                   attr_list_scalar(value + 2, end, value_len, &ret->value)
               ? at + 2 + len
               : NULL;
}

/* Takes the attributes that stand at `at`, each behind `tag`, as long as they are written as
 * exporters write them and there are not more than `most` nor more than there is room for. Returns
 * where that ends. Tags and lengths between texts are ASCII as well, so that everything between
 * two numbers is looked at in one piece. */
static inline const uint8_t *attr_list_take(struct attr_list *list, uint8_t tag, const uint8_t *at,
                                            const uint8_t *end, uint32_t most)
{
    const uint8_t *unseen = at;
    const uint8_t *binary = NULL;
    uint32_t room = most < list->room ? most : list->room;
    bool ascii = true;
    while (list->count < room && end - at >= ATTR_HEAD_BYTES) {
        const uint8_t *next = attr_list_usual(tag, at, end, &list->items[list->count], &binary);
        if (next == NULL) {
            break;
        }
        if (binary != NULL) {
            ascii &= utf8_is_ascii(bytes_from(unseen, (size_t)(binary - unseen)));
            unseen = next;
        }
        attr_list_note_key(list, list->count++);
        at = next;
    }
    ascii &= utf8_is_ascii(bytes_from(unseen, (size_t)(at - unseen)));
    list->hints.odd |= ascii ? 0 : ATTR_ODD_TEXT;
    return at;
}

/* Hands over what was collected and gives the rest of the room back. */
static inline void attr_list_end(struct attr_list *list, const struct attr **ret,
                                 uint32_t *ret_count)
{
    arena_trim(list->arena, list->items, list->room * sizeof *list->items,
               list->count * sizeof *list->items);
    *ret = list->count != 0 ? list->items : NULL;
    *ret_count = list->count;
}

#endif
