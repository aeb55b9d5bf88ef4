#include "tests/receivers/yajl_tokens.h"

#include <string.h>
#include <yajl/yajl_parse.h>

int token_note(void *self, enum json_token token, struct bytes text)
{
    struct buf *out = self;
    buf_printf(out, "%d %zu ", (int)token, text.len);
    buf_append_bytes(out, text);
    buf_append_char(out, '\n');
    return 0;
}

static int note(void *out, enum json_token token, struct bytes text)
{
    return token_note(out, token, text) == 0;
}

static int on_null(void *out)
{
    return note(out, JSON_NULL, BYTES_NULL);
}

static int on_boolean(void *out, int value)
{
    return note(out, value ? JSON_TRUE : JSON_FALSE, BYTES_NULL);
}

static int on_number(void *out, const char *text, size_t len)
{
    return note(out, JSON_NUMBER, bytes_from(text, len));
}

static int on_text(void *out, const unsigned char *text, size_t len)
{
    return note(out, JSON_TEXT, bytes_from(text, len));
}

static int on_key(void *out, const unsigned char *text, size_t len)
{
    return note(out, JSON_KEY, bytes_from(text, len));
}

static int on_object(void *out)
{
    return note(out, JSON_OBJECT, BYTES_NULL);
}

static int on_object_end(void *out)
{
    return note(out, JSON_OBJECT_END, BYTES_NULL);
}

static int on_array(void *out)
{
    return note(out, JSON_ARRAY, BYTES_NULL);
}

static int on_array_end(void *out)
{
    return note(out, JSON_ARRAY_END, BYTES_NULL);
}

/* The line feed behind it makes yajl look at a token that was begun behind the value. */
bool yajl_tokens(struct bytes text, struct buf *out)
{
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
    yajl_handle handle = yajl_alloc(&callbacks, NULL, out);
    bool good = yajl_parse(handle, text.data, text.len) == yajl_status_ok &&
                yajl_parse(handle, (const unsigned char *)"\n", 1) == yajl_status_ok &&
                yajl_complete_parse(handle) == yajl_status_ok;
    yajl_free(handle);
    return good;
}

bool yajl_is_laxer(struct bytes text, const char *error)
{
    bool odd_blank = text.len > 0 && (memchr(text.data, '\v', text.len) != NULL ||
                                      memchr(text.data, '\f', text.len) != NULL);
    return odd_blank || strstr(error, "surrogate") != NULL || strstr(error, "nested") != NULL ||
           strstr(error, "mark") != NULL || strstr(error, "UTF-8") != NULL;
}
