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
/* So many keys are at hand to be compared with where not all are listed. */
#define ATTRS_KEYS 32u

struct attr_list {
    struct arena *arena;
    struct attr *items;
    uint32_t count, room;
    uint32_t unlisted;               /* attributes that came and are not in the list */
    uint32_t comparisons;            /* of keys with those before them */
    const struct attr_hints *listed; /* hints of the keys that are listed; NULL: all are */
    struct attr_hints hints;
    /* Where not all are listed: where they stand, how many may, and perhaps the first keys. */
    struct bytes message;
    uint32_t field, most;
    bool keeps_keys;
    struct bytes keys[ATTRS_KEYS];
};

/* Begins an empty list of all attributes; no memory is taken yet. */
static inline void attr_list_begin(struct attr_list *list, struct arena *arena)
{
    list->arena = arena;
    list->items = NULL;
    list->count = list->room = list->unlisted = list->comparisons = 0;
    list->listed = NULL;
    list->most = UINT32_MAX;
    list->keeps_keys = false;
    list->hints = (struct attr_hints){.made = true};
}

/* Lists from now on only what `listed` may have (NULL: all) of the attributes that stand as `field`
 * in `message`. */
static inline void attr_list_choose(struct attr_list *list, const struct attr_hints *listed,
                                    struct bytes message, uint32_t field)
{
    if (listed != NULL && listed->made) {
        list->listed = listed;
        list->message = message;
        list->field = field;
    }
}

/* How many attributes came, listed or not. */
static inline uint32_t attr_list_seen(const struct attr_list *list)
{
    return list->count + list->unlisted;
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

/* Notes the key of the attribute at `index`, the last one, where all are listed. */
static inline void attr_list_note_key(struct attr_list *list, uint32_t index)
{
    if (attr_hints_add(&list->hints, list->items[index].key) &&
        attr_came_before(list->items, index, &list->comparisons)) {
        list->hints.odd |= ATTR_ODD_TWICE;
    }
}

/* Compares a key with the `index` ones before it. */
__attribute__((noinline, cold)) static void attr_list_compare_key(struct attr_list *list,
                                                                  uint32_t index, struct bytes key)
{
    bool came = list->keeps_keys && index <= ATTRS_KEYS
                    ? attr_key_is_among(list->keys, index, key, &list->comparisons)
                    : attr_came_before_in(list->message, list->field, key, &list->comparisons);
    list->hints.odd |= came ? ATTR_ODD_TWICE : 0;
}

/* Notes the key of the attribute that came as number `index`, where not all are listed. Returns
 * whether this one is. */
static inline bool attr_list_choose_key(struct attr_list *list, uint32_t index, struct bytes key,
                                        bool keeps_keys)
{
    uint8_t hint = attr_hint_of(key);
    uint64_t bit = UINT64_C(1) << (hint & 63);
    uint64_t *seen = &list->hints.bits[hint >> 6];
    if (__builtin_expect((*seen & bit) != 0, 0)) {
        attr_list_compare_key(list, index, key);
    }
    if (keeps_keys) {
        list->keys[index % ATTRS_KEYS] = key;
    }
    *seen |= bit;
    return (list->listed->bits[hint >> 6] & bit) != 0;
}

/* Decodes one KeyValue message and lists it behind the others, if its key is listed. 0;
 * SPAN_NO_MEMORY; SPAN_MALFORMED. */
static inline int attr_list_add(struct attr_list *list, struct bytes key_value)
{
    if (list->count == list->room && attr_list_grow(list) != 0) {
        return SPAN_NO_MEMORY;
    }
    struct attr *attr = &list->items[list->count];
    if (attr_decode(key_value, attr) != 0) {
        return SPAN_MALFORMED;
    }
    if (list->listed == NULL) {
        attr_list_note_key(list, list->count++);
    } else if (attr_list_choose_key(list, attr_list_seen(list), attr->key, list->keeps_keys)) {
        list->count++;
    } else {
        list->unlisted++;
    }
    list->hints.odd |= attr_text_is_valid(attr) ? 0 : ATTR_ODD_TEXT;
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

/* A text whose length is written otherwise than usual is left to the whole decoder: what is called
 * a number here is not looked at as a text. */
static inline bool attr_list_other_scalar(const uint8_t *at, size_t len, struct value *ret)
{
    return at[0] != (ANY_STRING << 3 | WIRE_BYTES) && scalar_decode_fast(at, len, ret);
}

/* A number, or a truth, of `len` bytes with its tag. */
static inline bool attr_list_scalar(const uint8_t *at, const uint8_t *end, size_t len,
                                    struct value *ret)
{
    uint64_t number;
    if (at[0] != (ANY_INT << 3 | WIRE_VARINT) || end - at < 9) {
        return attr_list_other_scalar(at, len, ret);
    }
    ret->type = VALUE_INT;
    memcpy(&number, at + 1, sizeof number);
    if (!varint_of_word(le64toh(number), len - 1, &number)) {
        return attr_list_other_scalar(at, len, ret);
    }
    ret->integer = (int64_t)number;
    return true;
}

/* Whether a value is a scalar of `len` bytes with its tag, and nothing else. */
static inline bool attr_list_is_scalar(const uint8_t *at, const uint8_t *end, size_t len)
{
    struct value value;
    uint64_t number;
    if (at[0] == (ANY_INT << 3 | WIRE_VARINT) && end - at >= 9) {
        memcpy(&number, at + 1, sizeof number);
        if (word_is_varint(le64toh(number), len - 1)) {
            return true;
        }
    }
    return attr_list_other_scalar(at, len, &value);
}

/* An attribute of less than 128 bytes: a key, then one scalar. */
struct attr_usual {
    struct bytes key;
    const uint8_t *value; /* with its tag and length, before `scalar` bytes */
    uint32_t scalar;
    uint32_t middle; /* what the four bytes at `value` are */
};

/* The field at `at` as such an attribute; the four bytes before the key, and those before a text,
 * are looked at as words. False: another form. */
static inline bool attr_list_usual(uint8_t tag, const uint8_t *at, const uint8_t *end,
                                   struct attr_usual *ret)
{
    uint32_t head = attr_list_load(at);
    size_t len = head >> 8 & 0xff;
    size_t key_len = head >> 24;
    if ((head & 0xff80ff) != (tag | (1u << 3 | WIRE_BYTES) << 16) || key_len == 0 ||
        key_len + 6 > len || len + 2 > (size_t)(end - at)) {
        return false;
    }
    ret->key = (struct bytes){at + 4, key_len};
    ret->value = at + 4 + key_len;
    ret->scalar = (uint32_t)(len - key_len - 4);
    ret->middle = attr_list_load(ret->value);
    return true;
}

/* What stands before a value of `len` bytes with its own tag; the same where that is a text. */
#define ATTR_VALUE_HEAD(len) ((2u << 3 | WIRE_BYTES) | (len) << 8)
#define ATTR_TEXT_HEAD(len)                                                                        \
    (ATTR_VALUE_HEAD(len) | (ANY_STRING << 3 | WIRE_BYTES) << 16 | ((len)-2) << 24)

/* Decodes a usual attribute. Whether its value is one; in *ret_text whether that is a text. */
static inline bool attr_list_decode(const struct attr_usual *usual, const uint8_t *end,
                                    struct attr *ret, bool *ret_text)
{
    ret->key = usual->key;
    *ret_text = usual->middle == ATTR_TEXT_HEAD(usual->scalar);
    if (*ret_text) {
        ret->value.type = VALUE_TEXT;
        ret->value.bytes = (struct bytes){usual->value + 4, usual->scalar - 2};
        return true;
    }
    return (usual->middle & 0xffff) == ATTR_VALUE_HEAD(usual->scalar) &&
           attr_list_scalar(usual->value + 2, end, usual->scalar, &ret->value);
}

/* The same of an attribute that is not listed: nothing is decoded. */
static inline bool attr_list_pass(const struct attr_usual *usual, const uint8_t *end,
                                  bool *ret_text)
{
    *ret_text = usual->middle == ATTR_TEXT_HEAD(usual->scalar);
    return *ret_text || ((usual->middle & 0xffff) == ATTR_VALUE_HEAD(usual->scalar) &&
                         attr_list_is_scalar(usual->value + 2, end, usual->scalar));
}

/* Notes whether a key or a text is not UTF-8 of the usual attributes from `at` to `end`, not all of
 * which are ASCII. */
__attribute__((noinline, cold)) static void
attr_list_check_texts(struct attr_list *list, uint8_t tag, const uint8_t *at, const uint8_t *end)
{
    struct attr_usual usual;
    while (at < end && attr_list_usual(tag, at, end, &usual)) {
        bool text = usual.middle == ATTR_TEXT_HEAD(usual.scalar);
        bool valid = utf8_valid(usual.key) &&
                     (!text || utf8_valid(bytes_from(usual.value + 4, usual.scalar - 2)));
        list->hints.odd |= valid ? 0 : ATTR_ODD_TEXT;
        at = usual.value + 2 + usual.scalar;
    }
}

/* Takes the attributes that stand at `at`, each behind `tag`, as long as they are written as
 * exporters write them and there are not more than `most` nor more than there is room for. Returns
 * where that ends. Tags and lengths between texts are ASCII as well, so that everything between
 * two numbers is looked at in one piece. */
static inline const uint8_t *attr_list_take(struct attr_list *list, uint8_t tag, const uint8_t *at,
                                            const uint8_t *end, uint32_t most)
{
    const uint8_t *first = at;
    const uint8_t *unseen = at;
    struct attr_usual usual;
    uint32_t room = most < list->room ? most : list->room;
    bool ascii = true;
    bool text;
    while (list->count < room && end - at >= ATTR_HEAD_BYTES) {
        if (!attr_list_usual(tag, at, end, &usual) ||
            !attr_list_decode(&usual, end, &list->items[list->count], &text)) {
            break;
        }
        at = usual.value + 2 + usual.scalar;
        if (!text) {
            ascii &= utf8_is_ascii(bytes_from(unseen, (size_t)(usual.value - unseen)));
            unseen = at;
        }
        attr_list_note_key(list, list->count++);
    }
    ascii &= utf8_is_ascii(bytes_from(unseen, (size_t)(at - unseen)));
    if (__builtin_expect(!ascii, 0)) {
        attr_list_check_texts(list, tag, first, at);
    }
    return at;
}

/* The same where not all are listed, and not more than list->most; `keeps_keys` is the list's: a
 * constant, so that spans, which have few keys, pay nothing for it. */
static inline const uint8_t *attr_list_take_some(struct attr_list *list, uint8_t tag,
                                                 const uint8_t *at, const uint8_t *end,
                                                 bool keeps_keys)
{
    const uint8_t *first = at;
    const uint8_t *unseen = at;
    struct attr *to = list->items + list->count;
    const struct attr *stop = list->items + list->room;
    struct attr_usual usual;
    uint32_t seen = attr_list_seen(list);
    bool ascii = true;
    bool text;
    for (; to != stop && seen != list->most && end - at >= ATTR_HEAD_BYTES; seen++) {
        if (!attr_list_usual(tag, at, end, &usual)) {
            break;
        }
        bool listed = attr_list_choose_key(list, seen, usual.key, keeps_keys);
        if (!(listed ? attr_list_decode(&usual, end, to, &text)
                     : attr_list_pass(&usual, end, &text))) {
            break;
        }
        at = usual.value + 2 + usual.scalar;
        if (!text) {
            ascii &= utf8_is_ascii(bytes_from(unseen, (size_t)(usual.value - unseen)));
            unseen = at;
        }
        to += listed;
    }
    ascii &= utf8_is_ascii(bytes_from(unseen, (size_t)(at - unseen)));
    if (__builtin_expect(!ascii, 0)) {
        attr_list_check_texts(list, tag, first, at);
    }
    list->count = (uint32_t)(to - list->items);
    list->unlisted = seen - list->count;
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
