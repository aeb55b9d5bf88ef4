#include <string.h>

#include "assertions/encode.h"
#include "assertions/functions_parts.h"
#include "assertions/regex.h"
#include "daemon/core/utf8.h"

static enum trouble give_text(struct bytes text, struct operand *ret)
{
    *ret = (struct operand){.type = OPERAND_TEXT, .bytes = text};
    return TROUBLE_NONE;
}

/* What is made, of a text or of an array. */
struct making {
    struct buf out;
    enum trouble trouble;
};

#define ITEM_HEAD_BYTES 16u /* what an item takes beside its text, at most */

static void add_text(struct making *making, struct bytes text)
{
    if (making->trouble != TROUBLE_NONE) {
        return;
    }
    if (making->out.len + text.len > EXPRESSION_TEXT_MAX) {
        making->trouble = TROUBLE_LIMIT;
        return;
    }
    buf_append_bytes(&making->out, text);
    making->trouble = making->out.failed ? TROUBLE_MEMORY : TROUBLE_NONE;
}

static void add_item(struct making *making, struct bytes text)
{
    struct value item = {.type = text.data != NULL ? VALUE_TEXT : VALUE_MISSING, .bytes = text};
    if (making->trouble != TROUBLE_NONE) {
        return;
    }
    if (making->out.len + text.len + ITEM_HEAD_BYTES > EXPRESSION_TEXT_MAX) {
        making->trouble = TROUBLE_LIMIT;
        return;
    }
    encode_item(&making->out, &item);
    making->trouble = making->out.failed ? TROUBLE_MEMORY : TROUBLE_NONE;
}

/* What was made, kept in scratch memory; frees it. */
static enum trouble give_made(const struct call *call, struct making *making,
                              enum operand_type type, struct operand *ret)
{
    struct buf *out = &making->out;
    enum trouble trouble = making->trouble;
    struct bytes kept = BYTES_LITERAL("");
    if (trouble == TROUBLE_NONE && out->len != 0) {
        kept = arena_copy(call->evaluation->scratch, buf_bytes(out));
        trouble = kept.data == NULL ? TROUBLE_MEMORY : TROUBLE_NONE;
    }
    if (trouble == TROUBLE_NONE && !evaluation_work(call->evaluation, kept.len)) {
        trouble = TROUBLE_LIMIT;
    }
    buf_deinit(out);
    *ret = (struct operand){.type = type, .bytes = kept};
    return trouble;
}

enum trouble function_concat(const struct call *call, struct operand *ret)
{
    struct making making = {.out = BUF_NULL};
    for (uint32_t i = 0; i < call->count; i++) {
        char scratch[OPERAND_TEXT_MAX];
        add_text(&making, operand_text(&call->args[i], scratch));
    }
    return give_made(call, &making, OPERAND_TEXT, ret);
}

/* With letters from `from` on, 26 of them, moved to those from `to` on. */
static enum trouble change_case(const struct call *call, uint8_t from, uint8_t to,
                                struct operand *ret)
{
    struct bytes text = call->args[0].bytes;
    uint8_t *copy = arena_alloc(call->evaluation->scratch, text.len + 1);
    if (text.len > EXPRESSION_TEXT_MAX) {
        return TROUBLE_LIMIT;
    }
    if (copy == NULL) {
        return TROUBLE_MEMORY;
    }
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        copy[i] = c >= from && c < from + 26 ? (uint8_t)(c - from + to) : c;
    }
    return give_text(bytes_from(copy, text.len), ret);
}

enum trouble function_lower(const struct call *call, struct operand *ret)
{
    return change_case(call, 'A', 'a', ret);
}

enum trouble function_upper(const struct call *call, struct operand *ret)
{
    return change_case(call, 'a', 'A', ret);
}

enum trouble function_trim(const struct call *call, struct operand *ret)
{
    return give_text(bytes_trim(call->args[0].bytes), ret);
}

/* The bytes before the next `separator`, which is passed with them. *ret_last: there was none. */
static struct bytes take_part(struct bytes *rest, struct bytes separator, bool *ret_last)
{
    const uint8_t *at = memmem(rest->data, rest->len, separator.data, separator.len);
    struct bytes part = *rest;
    *ret_last = rest->len == 0 || at == NULL;
    if (!*ret_last) {
        part.len = (size_t)(at - rest->data);
        *rest = bytes_from(at + separator.len, rest->len - part.len - separator.len);
    }
    return part;
}

enum trouble function_replace(const struct call *call, struct operand *ret)
{
    struct making making = {.out = BUF_NULL};
    struct bytes rest = call->args[0].bytes;
    bool last = false;
    if (call->args[1].bytes.len == 0) {
        return TROUBLE_TEXT;
    }
    while (!last && making.trouble == TROUBLE_NONE) {
        add_text(&making, take_part(&rest, call->args[1].bytes, &last));
        if (!last) {
            add_text(&making, call->args[2].bytes);
        }
    }
    return give_made(call, &making, OPERAND_TEXT, ret);
}

enum trouble function_split(const struct call *call, struct operand *ret)
{
    struct making making = {.out = BUF_NULL};
    struct bytes rest = call->args[0].bytes;
    bool last = false;
    if (call->args[1].bytes.len == 0) {
        return TROUBLE_TEXT;
    }
    while (!last && making.trouble == TROUBLE_NONE) {
        struct bytes part = take_part(&rest, call->args[1].bytes, &last);
        add_item(&making, part.len != 0 ? part : BYTES_LITERAL(""));
    }
    return give_made(call, &making, OPERAND_ARRAY, ret);
}

static bool begins_character(uint8_t byte)
{
    return (byte & 0xC0) != 0x80;
}

bool function_characters(struct bytes text, int64_t *ret)
{
    int64_t count = 0;
    if (!utf8_valid(text)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        count += begins_character(text.data[i]);
    }
    *ret = count;
    return true;
}

/* The byte where character `index` begins, or the end. */
static size_t byte_of(struct bytes text, int64_t index)
{
    size_t at = 0;
    int64_t seen = -1;
    for (; at < text.len; at++) {
        seen += begins_character(text.data[at]);
        if (seen == index) {
            break;
        }
    }
    return at;
}

/* A place in a text of so many characters; what lies outside is at an end of it. */
static int64_t within(__int128 place, int64_t count)
{
    return place < 0 ? 0 : place > count ? count : (int64_t)place;
}

enum trouble function_substring(const struct call *call, struct operand *ret)
{
    struct bytes text = call->args[0].bytes;
    int64_t from = call->args[1].integer;
    int64_t count;
    if (!function_characters(text, &count)) {
        return TROUBLE_TEXT;
    }
    int64_t length = call->count > 2 ? call->args[2].integer : count;
    if (length < 0) {
        return TROUBLE_TYPES;
    }
    __int128 first = from >= 0 ? from : (__int128)from + count;
    __int128 end = call->count > 2 ? first + length : count;
    size_t begin = byte_of(text, within(first, count));
    return give_text(bytes_from(text.data + begin, byte_of(text, within(end, count)) - begin), ret);
}

#define GROUPS_MAX 64u

/* The groups of the first match. *ret_count 0: it does not match. */
static enum trouble find_groups(const struct call *call, struct bytes groups[GROUPS_MAX],
                                uint32_t *ret_count)
{
    *ret_count = 0;
    switch (regex_find(call->expr->regex, call->args[0].bytes, groups, GROUPS_MAX, ret_count)) {
    case 0:
    case REGEX_NO_MATCH:
        return TROUBLE_NONE;
    default:
        return TROUBLE_LIMIT;
    }
}

static enum trouble give_group(const struct bytes *groups, uint32_t count, int64_t index,
                               struct operand *ret)
{
    bool there = index >= 0 && index < count && groups[index].data != NULL;
    *ret = OPERAND_NONE;
    return there ? give_text(groups[index], ret) : TROUBLE_NONE;
}

enum trouble function_regex(const struct call *call, struct operand *ret)
{
    struct bytes groups[GROUPS_MAX];
    uint32_t count;
    enum trouble trouble = find_groups(call, groups, &count);
    return trouble != TROUBLE_NONE ? trouble : give_group(groups, count, 0, ret);
}

enum trouble function_regex_group(const struct call *call, struct operand *ret)
{
    struct bytes groups[GROUPS_MAX];
    struct making making = {.out = BUF_NULL};
    uint32_t count;
    enum trouble trouble = find_groups(call, groups, &count);
    *ret = OPERAND_NONE;
    if (trouble != TROUBLE_NONE || count == 0) {
        return trouble;
    }
    if (call->count > 2) {
        return give_group(groups, count, call->args[2].integer, ret);
    }
    for (uint32_t i = 1; i < count; i++) {
        add_item(&making, groups[i]);
    }
    return give_made(call, &making, OPERAND_ARRAY, ret);
}
