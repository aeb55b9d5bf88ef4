/*
 * Arbitrary bytes as an ExportTraceServiceRequest. What is accepted must not depend on the number
 * of shards, and each accepted span must survive the way through OTLP/JSON and back.
 */
#include <stdint.h>
#include <stdlib.h>

#include "receivers/otlp_decode.h"
#include "receivers/otlp_json.h"

static void must(bool promise)
{
    if (!promise) {
        abort();
    }
}

static struct span_set *decode_listing(struct bytes message, uint32_t shard_count,
                                       const struct listed_keys *listed, int *ret_outcome)
{
    const struct shard_map shards = {{1, 2}, shard_count};
    const struct otlp_limits limits = {10000, 1000, 1u << 28, {64, 64, 64, NULL}, NULL, listed};
    struct span_set *set = NULL;
    uint8_t *body = malloc(message.len + 1);
    if (message.len > 0) {
        memcpy(body, message.data, message.len);
    }
    *ret_outcome =
        otlp_decode(body, message.len, bytes_from(body, message.len), &shards, &limits, &set);
    return set;
}

static struct span_set *decode(struct bytes message, uint32_t shard_count, int *ret_outcome)
{
    return decode_listing(message, shard_count, NULL, ret_outcome);
}

/* What is accepted, and what is odd about it, does not hang on what is listed. */
static void check_listing(struct bytes message, const struct span_set *all, int outcome)
{
    static const struct listed_keys none = {{.made = true}, {.made = true}, {.made = true}};
    int other;
    struct span_set *some = decode_listing(message, 1, &none, &other);
    must(other == outcome);
    if (outcome == 0) {
        must(some->span_count == all->span_count && some->rejected == all->rejected);
        must(some->duplicate_keys == all->duplicate_keys && some->bad_texts == all->bad_texts &&
             some->table_references == all->table_references);
        const struct span *of_all = all->batches[0].first;
        for (struct span *span = some->batches[0].first; span != NULL; span = span->next) {
            must(bytes_equal(span->resource->service, of_all->resource->service));
            must(span->attr_count + span->unlisted == of_all->attr_count);
            of_all = of_all->next;
        }
    }
    span_set_unref(some);
}

static void write_document(struct buf *out, const struct span *span, struct arena *scratch)
{
    struct json json = JSON_INIT(out);
    buf_append_text(out, "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[");
    span_write_otlp_json(&json, span, scratch);
    buf_append_text(out, "]}]}]}");
}

/* JSON of the span, spans of the JSON, JSON of these: the same. Links may have IDs of any length,
 * which JSON has not. */
static void check_json(const struct span *span, struct arena *scratch)
{
    struct buf first = BUF_NULL;
    struct buf message = BUF_NULL;
    struct buf second = BUF_NULL;
    struct otlp_json_notes notes;
    int outcome;
    write_document(&first, span, scratch);
    int read = otlp_json_transcode(buf_bytes(&first), &message, &notes);
    must(read == 0 || strstr(notes.error, "deeper") != NULL);
    if (read == 0) {
        struct span_set *set = decode(buf_bytes(&message), 1, &outcome);
        must(outcome == 0 && set->span_count == 1);
        write_document(&second, set->batches[0].first, scratch);
        must(span->link_count > 0 || bytes_equal(buf_bytes(&first), buf_bytes(&second)));
        span_set_unref(set);
    }
    buf_deinit(&first);
    buf_deinit(&message);
    buf_deinit(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena scratch = ARENA_INIT(4096, 0);
    int one;
    int three;
    uint32_t checked = 0;
    struct span_set *single = decode(bytes_from(data, size), 1, &one);
    struct span_set *spread = decode(bytes_from(data, size), 3, &three);
    must(one == three);
    check_listing(bytes_from(data, size), single, one);
    if (one == 0) {
        must(single->span_count == spread->span_count && single->rejected == spread->rejected);
        must(single->batches[0].count == single->span_count);
        for (struct span *span = single->batches[0].first; span != NULL && checked < 8;
             span = span->next) {
            check_json(span, &scratch);
            checked++;
        }
    }
    span_set_unref(single);
    span_set_unref(spread);
    arena_deinit(&scratch);
    return 0;
}
