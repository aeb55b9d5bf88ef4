#include "tests/receivers/set_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/core/arena.h"
#include "daemon/core/json.h"

static void attrs_text(struct json *json, const char *key, const struct attr *attrs, uint32_t count)
{
    json_key(json, key);
    json_array(json);
    for (uint32_t i = 0; i < count; i++) {
        attr_write_otlp_json(json, &attrs[i]);
    }
    json_array_end(json);
}

static void span_text(struct buf *out, const struct span *span, struct arena *scratch)
{
    struct json json = JSON_INIT(out);
    json_object(&json);
    json_member_text(&json, "resource_schema", span->resource->schema_url);
    attrs_text(&json, "resource", span->resource->attrs, span->resource->attr_count);
    json_member_text(&json, "scope", span->scope->name);
    json_member_text(&json, "version", span->scope->version);
    json_member_text(&json, "scope_schema", span->scope->schema_url);
    attrs_text(&json, "scope_attrs", span->scope->attrs, span->scope->attr_count);
    json_member_u64(&json, "flags", span->flags);
    json_member_text(&json, "service", span->resource->service);
    json_key(&json, "span");
    span_write_otlp_json(&json, span, scratch);
    json_object_end(&json);
    buf_append_char(out, '\n');
}

void set_text(struct buf *out, const struct span_set *set)
{
    struct arena scratch = ARENA_INIT(4096, 0);
    for (uint32_t i = 0; i < set->batch_count; i++) {
        for (const struct span *span = set->batches[i].first; span != NULL; span = span->next) {
            span_text(out, span, &scratch);
        }
    }
    arena_deinit(&scratch);
}

uint8_t *payload_read(const char *name, size_t *ret_len)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tests/payloads/%s", ASSERTD_SOURCE_DIR, name);
    FILE *file = fopen(path, "rb");
    struct buf content = BUF_NULL;
    size_t got = 0;
    if (file == NULL) {
        perror(path);
        abort();
    }
    do {
        content.len += got;
        got = fread(buf_reserve(&content, 65536), 1, 65536, file);
    } while (got > 0);
    fclose(file);
    return buf_take(&content, ret_len);
}
