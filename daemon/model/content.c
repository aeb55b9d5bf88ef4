#include "daemon/model/content.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/core/memory.h"

static void put_u64(struct buf *out, uint64_t number)
{
    buf_append(out, &number, sizeof number);
}

static void put_text(struct buf *out, struct bytes text)
{
    put_u64(out, text.len);
    buf_append_bytes(out, text);
}

/* The attributes of a key-value list, in malloc'ed memory; NULL where there are none or no memory
 * (out->failed). */
static struct attr *list_pairs(struct bytes map, uint32_t *ret_count, struct buf *out)
{
    struct wire_reader reader = wire_reader_of(map);
    struct attr attr;
    uint32_t count = 0;
    while (value_next_pair(&reader, &attr)) {
        count++;
    }
    struct attr *attrs = count != 0 ? memory_alloc(count * sizeof *attrs) : NULL;
    out->failed |= attrs == NULL && count != 0;
    *ret_count = attrs != NULL ? count : 0;
    reader = wire_reader_of(map);
    for (uint32_t i = 0; i < *ret_count; i++) {
        value_next_pair(&reader, &attrs[i]);
    }
    return attrs;
}

void content_of_value(struct buf *out, const struct value *value)
{
    struct wire_reader reader;
    struct value item;
    uint32_t count;
    buf_append_char(out, (char)value->type);
    switch (value->type) {
    case VALUE_MISSING:
        break;
    case VALUE_BOOL:
        buf_append_char(out, value->boolean);
        break;
    case VALUE_INT:
    case VALUE_DOUBLE:
        put_u64(out, (uint64_t)value->integer);
        break;
    case VALUE_TEXT:
    case VALUE_BYTES:
        put_text(out, value->bytes);
        break;
    case VALUE_ARRAY:
        for (reader = wire_reader_of(value->bytes); value_next_item(&reader, &item);) {
            buf_append_char(out, 1);
            content_of_value(out, &item);
        }
        buf_append_char(out, 0);
        break;
    case VALUE_MAP: {
        struct attr *attrs = list_pairs(value->bytes, &count, out);
        content_of_attrs(out, attrs, count);
        free(attrs);
        break;
    }
    }
}

/* By key, and of one key the last first: the others of that key are then passed over. */
static int compare_keys(const void *a, const void *b)
{
    const struct attr *left = *(const struct attr *const *)a;
    const struct attr *right = *(const struct attr *const *)b;
    int order = bytes_compare(left->key, right->key);
    return order != 0 ? order : left > right ? -1 : left < right;
}

void content_of_attrs(struct buf *out, const struct attr *attrs, uint32_t count)
{
    const struct attr **sorted = memory_alloc((count + 1) * sizeof *sorted);
    if (sorted == NULL) {
        out->failed = true;
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = &attrs[i];
    }
    qsort(sorted, count, sizeof *sorted, compare_keys);
    for (uint32_t i = 0; i < count; i++) {
        bool repeated = i > 0 && bytes_equal(sorted[i]->key, sorted[i - 1]->key);
        if (!repeated && sorted[i]->value.type != VALUE_MISSING) {
            buf_append_char(out, 1);
            put_text(out, sorted[i]->key);
            content_of_value(out, &sorted[i]->value);
        }
    }
    buf_append_char(out, 0);
    free(sorted);
}
