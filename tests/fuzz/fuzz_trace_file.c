/*
 * Arbitrary bytes as a recorded file. What is made of Jaeger's and Zipkin's JSON must be a message
 * that the decoder accepts, the same twice, and a refused document must say why.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "receivers/json_elements.h"
#include "receivers/trace_file.h"

static void must(bool promise)
{
    if (!promise) {
        abort();
    }
}

struct seen {
    uint64_t spans, rejected, ids;
};

static void take(void *self, struct span_set *set)
{
    struct seen *seen = self;
    seen->spans += set->span_count;
    seen->rejected += set->rejected;
    for (const struct span *span = set->batches[0].first; span != NULL; span = span->next) {
        seen->ids = (seen->ids ^ span->id ^ span->parent ^ span->start_ns) * 31;
    }
    span_set_unref(set);
}

static struct seen decode(const uint8_t *data, size_t size)
{
    const struct shard_map shards = {{1, 2}, 1};
    const struct otlp_limits limits = {
        1000000, 1000000, 1 << 24, {1000000, 1000000, 1000000, NULL}, NULL, NULL};
    struct seen seen = {0, 0, 0};
    struct trace_files files;
    char error[256] = "";
    uint8_t *copy = malloc(size + 1);
    memcpy(copy, data, size);
    trace_files_init(&files, &shards, &limits, take, &seen);
    int outcome = trace_files_add(&files, copy, size, error, sizeof error);
    must(outcome == 0 || (outcome == 1 && error[0] != '\0'));
    must(trace_files_end(&files, error, sizeof error) == 0);
    trace_files_deinit(&files);
    bool is_ours = size > 0 && json_form_of(bytes_from(data, size)) != JSON_FORM_OTLP;
    must(!is_ours || memchr(data, '\n', size) != NULL || strstr(error, "nested too deep") == NULL);
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen first = decode(data, size);
    struct seen second = decode(data, size);
    must(memcmp(&first, &second, sizeof first) == 0);
    return 0;
}
