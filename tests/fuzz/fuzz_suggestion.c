/*
 * An arbitrary OTLP request as a recording: the suite suggested from its first trace loads,
 * compiles, judges that trace and passes; what explain says of it holds no line that a name broke.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "daemon/explanation.h"
#include "daemon/settings.h"
#include "daemon/suggestion.h"
#include "receivers/otlp_decode.h"

#define CAP 100000u

static void must(bool promise)
{
    if (!promise) {
        abort();
    }
}

/* The first trace of the request; false: there is none. */
static bool first_trace(struct trace *ret, const uint8_t *data, size_t size)
{
    const struct shard_map shards = {{1, 2}, 1};
    const struct otlp_limits limits = {.spans = 1000,
                                       .resources = 1000,
                                       .decoded_bytes = 1 << 24,
                                       .span = {1000, 1000, 1000, NULL}};
    struct span_set *set = NULL;
    uint8_t *copy = malloc(size + 1);
    memcpy(copy, data, size);
    if (otlp_decode(copy, size, bytes_from(copy, size), &shards, &limits, &set) != 0) {
        return false;
    }
    const struct span *first = set->batches[0].first;
    if (first != NULL) {
        trace_init(ret, &first->trace_id, 0);
    }
    for (const struct span *span = first; span != NULL; span = span->next) {
        uint32_t index;
        if (trace_id_equal(&span->trace_id, &ret->id)) {
            trace_add(ret, span, CAP, &index);
        }
    }
    span_set_unref(set);
    return first != NULL;
}

/* As the value of `suites`. */
static struct config *load(struct bytes suggestion)
{
    struct problems problems;
    struct config *config = NULL;
    const char *text = strstr((const char *)suggestion.data, "suites = ");
    must(text != NULL);
    char *value = strdup(text + sizeof "suites = " - 1);
    char *end = strrchr(value, ';');
    must(end != NULL);
    *end = '\0';
    const struct config_override override = {"suites", value};
    problems_init(&problems);
    int bad = config_load(&config, &settings_table,
                          &(struct config_request){.overrides = &override, .override_count = 1},
                          &problems);
    problems_deinit(&problems);
    free(value);
    must(bad == 0);
    return config;
}

static void judge_trace(struct judge *judge, const struct suite_set *set, struct trace *trace)
{
    struct arena scratch = ARENA_INIT(4096, 0);
    judge_init(judge, set, trace);
    for (uint32_t i = 0; i < trace->count; i++) {
        struct span span;
        must(trace_span_decode(trace, i, &scratch, &span) == 0);
        must(judge_add(judge, &span, i, &scratch) == 0);
        arena_reset(&scratch);
    }
    arena_deinit(&scratch);
}

static void check_explains(struct judge *judge)
{
    struct arena arena = ARENA_INIT(4096, 0);
    struct span_tree tree;
    struct buf text = BUF_NULL;
    struct buf json = BUF_NULL;
    must(span_tree_make(&tree, judge->trace, &arena) == 0);
    must(tree.count == judge->trace->count);
    const struct explanation told = {.trace = judge->trace,
                                     .tree = &tree,
                                     .suites = explain_trace(judge, &arena),
                                     .suite_count = judge->set->suite_count};
    must(told.suites != NULL && told.suites[0].applies && told.suites[0].verdict == RESULT_PASS);
    explanation_write_text(&text, &told);
    must(explanation_write_json(&json, &told) == 0);
    for (size_t i = 0; i < text.len; i++) {
        must(text.data[i] >= ' ' || text.data[i] == '\n');
    }
    buf_deinit(&text);
    buf_deinit(&json);
    arena_deinit(&arena);
}

static void check_passes(struct trace *trace, struct bytes suggestion)
{
    struct config *config = load(suggestion);
    const struct settings *settings = config_root(config);
    struct suite_set *set = NULL;
    struct problems problems;
    struct judge judge;
    problems_init(&problems);
    must(suite_set_compile(&set, &settings->suites, &settings->completion, &problems) == 0);
    judge_trace(&judge, set, trace);
    check_explains(&judge);
    problems_deinit(&problems);
    suite_set_unref(set);
    config_free(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trace trace;
    struct buf text = BUF_NULL;
    if (!first_trace(&trace, data, size)) {
        return 0;
    }
    must(suggestion_write(&text, &trace) == 0);
    buf_append_char(&text, '\0');
    check_passes(&trace, buf_bytes(&text));
    buf_deinit(&text);
    trace_deinit(&trace);
    return 0;
}
