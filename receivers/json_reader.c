/* yajl checks no result of its allocator. Its memory is therefore kept in a list of blocks, and
 * running out leaves by longjmp, over yajl's frames only: none of ours allocates through it. */
#include "receivers/json_reader.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <yajl/yajl_parse.h>

#include "daemon/core/list.h"
#include "daemon/core/memory.h"
#include "daemon/core/utf8.h"

struct block {
    struct list link;
    size_t bytes;
    max_align_t memory[];
};

struct reader {
    json_token_fn token;
    void *self;
    unsigned depth;
    bool too_deep;
    struct list blocks;
    jmp_buf no_memory;
};

static void *block_resize(void *context, void *memory, size_t bytes)
{
    struct reader *reader = context;
    struct block *block = memory != NULL ? container_of(memory, struct block, memory) : NULL;
    if (block != NULL) {
        list_remove(&block->link);
    }
    size_t old_bytes = block != NULL ? block->bytes : 0;
    struct block *resized = memory_resize(block, old_bytes, sizeof *resized + bytes);
    if (resized == NULL) {
        free(block);
        longjmp(reader->no_memory, 1);
    }
    resized->bytes = sizeof *resized + bytes;
    list_init(&resized->link);
    list_append(&reader->blocks, &resized->link);
    return resized->memory;
}

static void *block_new(void *context, size_t bytes)
{
    return block_resize(context, NULL, bytes);
}

static void block_free(void *context, void *memory)
{
    (void)context;
    if (memory != NULL) {
        struct block *block = container_of(memory, struct block, memory);
        list_remove(&block->link);
        free(block);
    }
}

static void blocks_free(struct reader *reader)
{
    while (!list_empty(&reader->blocks)) {
        struct block *block = container_of(reader->blocks.next, struct block, link);
        list_remove(&block->link);
        free(block);
    }
}

static int tell(void *context, enum json_token token, struct bytes text)
{
    struct reader *reader = context;
    return reader->token(reader->self, token, text) == 0;
}

static int open_one(void *context, enum json_token token)
{
    struct reader *reader = context;
    reader->too_deep = ++reader->depth > JSON_READER_DEPTH_MAX;
    return !reader->too_deep && tell(context, token, BYTES_NULL);
}

static int close_one(void *context, enum json_token token)
{
    struct reader *reader = context;
    reader->depth--;
    return tell(context, token, BYTES_NULL);
}

static int on_null(void *context)
{
    return tell(context, JSON_NULL, BYTES_NULL);
}

static int on_boolean(void *context, int value)
{
    return tell(context, value ? JSON_TRUE : JSON_FALSE, BYTES_NULL);
}

static int on_number(void *context, const char *text, size_t len)
{
    return tell(context, JSON_NUMBER, bytes_from(text, len));
}

static int on_text(void *context, const unsigned char *text, size_t len)
{
    return tell(context, JSON_TEXT, bytes_from(text, len));
}

static int on_key(void *context, const unsigned char *text, size_t len)
{
    return tell(context, JSON_KEY, bytes_from(text, len));
}

static int on_object(void *context)
{
    return open_one(context, JSON_OBJECT);
}

static int on_object_end(void *context)
{
    return close_one(context, JSON_OBJECT_END);
}

static int on_array(void *context)
{
    return open_one(context, JSON_ARRAY);
}

static int on_array_end(void *context)
{
    return close_one(context, JSON_ARRAY_END);
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_text,
    .yajl_start_map = on_object,
    .yajl_map_key = on_key,
    .yajl_end_map = on_object_end,
    .yajl_start_array = on_array,
    .yajl_end_array = on_array_end,
};

static int hex_value(const uint8_t *digits, size_t room)
{
    int value = 0;
    for (size_t i = 0; i < 4; i++) {
        uint8_t c = i < room ? digits[i] : 0;
        uint8_t lower = c | 0x20;
        if (c >= '0' && c <= '9') {
            value = value << 4 | (c - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            value = value << 4 | (lower - 'a' + 10);
        } else {
            return -1;
        }
    }
    return value;
}

/* yajl turns half a surrogate pair into a question mark; here it is an error. False with the place.
 */
static bool surrogates_pair_up(struct bytes text, size_t *ret_at)
{
    const uint8_t *end = text.data + text.len;
    const uint8_t *at = text.data;
    while ((at = memchr(at, '\\', (size_t)(end - at))) != NULL) {
        size_t room = (size_t)(end - at);
        int unit = room > 2 && at[1] == 'u' ? hex_value(at + 2, room - 2) : 0;
        bool high = unit >= 0xD800 && unit <= 0xDBFF;
        bool pair = high && room > 8 && at[6] == '\\' && at[7] == 'u' &&
                    hex_value(at + 8, room - 8) >= 0xDC00 && hex_value(at + 8, room - 8) <= 0xDFFF;
        if ((high && !pair) || (unit >= 0xDC00 && unit <= 0xDFFF)) {
            *ret_at = (size_t)(at - text.data);
            return false;
        }
        size_t step = pair ? 12 : 2;
        at += step < room ? step : room;
    }
    return true;
}

static int refuse_text(struct bytes text, char *error, size_t error_bytes)
{
    size_t at;
    if (bytes_start_with(text, BYTES_LITERAL("\xEF\xBB\xBF"))) {
        snprintf(error, error_bytes, "it begins with a byte order mark, which JSON does not allow");
        return JSON_READ_SYNTAX;
    }
    if (!utf8_valid(text)) {
        snprintf(error, error_bytes, "it is not valid UTF-8");
        return JSON_READ_SYNTAX;
    }
    if (!surrogates_pair_up(text, &at)) {
        snprintf(error, error_bytes, "byte %zu: half a surrogate pair", at + 1);
        return JSON_READ_SYNTAX;
    }
    return 0;
}

static int failure(const struct reader *reader, yajl_handle handle, yajl_status status, char *error,
                   size_t error_bytes)
{
    size_t at = yajl_get_bytes_consumed(handle);
    if (reader->too_deep) {
        snprintf(error, error_bytes, "byte %zu: nested deeper than %d", at, JSON_READER_DEPTH_MAX);
        return JSON_READ_SYNTAX;
    }
    if (status == yajl_status_client_canceled) {
        return JSON_READ_STOPPED;
    }
    snprintf(error, error_bytes, "byte %zu: this is not JSON", at);
    return JSON_READ_SYNTAX;
}

/* A number at the very end is told by yajl_complete_parse only. */
static int parse(const struct reader *reader, yajl_handle handle, struct bytes text, char *error,
                 size_t error_bytes)
{
    yajl_status status = yajl_parse(handle, text.data, text.len);
    if (status != yajl_status_ok) {
        return failure(reader, handle, status, error, error_bytes);
    }
    status = yajl_complete_parse(handle);
    if (status == yajl_status_error) {
        snprintf(error, error_bytes, "the JSON text ends early");
        return JSON_READ_SYNTAX;
    }
    return status == yajl_status_ok ? 0 : JSON_READ_STOPPED;
}

int json_read(struct bytes text, json_token_fn token, void *self, char *error, size_t error_bytes)
{
    int outcome = refuse_text(text, error, error_bytes);
    if (outcome != 0) {
        return outcome;
    }
    struct reader reader = {.token = token, .self = self};
    list_init(&reader.blocks);
    yajl_alloc_funcs memory = {block_new, block_resize, block_free, &reader};
    if (setjmp(reader.no_memory) != 0) {
        blocks_free(&reader);
        return JSON_READ_NO_MEMORY;
    }
    yajl_handle handle = yajl_alloc(&callbacks, &memory, &reader);
    outcome = parse(&reader, handle, text, error, error_bytes);
    yajl_free(handle);
    return outcome;
}
