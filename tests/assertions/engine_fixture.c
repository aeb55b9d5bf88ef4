#include "tests/assertions/engine_fixture.h"

#include <stdio.h>
#include <stdlib.h>

static void must(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "engine_fixture: %s\n", what);
        abort();
    }
}

static void *must_take(struct arena *arena, size_t count, size_t bytes)
{
    void *memory = arena_calloc(arena, count + 1, bytes);
    must(memory != NULL, "no memory");
    return memory;
}

static struct config_text text_of(const char *text)
{
    return (struct config_text){.text = text, .origin = {"test", 1}};
}

static struct config_pairs pairs_of(const struct test_name *names, struct arena *arena)
{
    struct config_pair *pairs = must_take(arena, TEST_LIST_MAX, sizeof *pairs);
    size_t count = 0;
    for (; count < TEST_LIST_MAX && names[count].name != NULL; count++) {
        pairs[count] =
            (struct config_pair){names[count].name, text_of(names[count].text), CONFIG_PAIR_TEXT};
    }
    return (struct config_pairs){pairs, count};
}

static struct config_texts texts_of(const char *const *texts, struct arena *arena)
{
    struct config_text *items = must_take(arena, TEST_LIST_MAX, sizeof *items);
    size_t count = 0;
    for (; count < TEST_LIST_MAX && texts[count] != NULL; count++) {
        items[count] = text_of(texts[count]);
    }
    return (struct config_texts){items, count};
}

static struct config_list assertions_of(const struct test_assertion *assertions,
                                        struct arena *arena)
{
    struct assertion_settings *items = must_take(arena, TEST_LIST_MAX, sizeof *items);
    size_t count = 0;
    for (; count < TEST_LIST_MAX && assertions[count].name != NULL; count++) {
        const struct test_assertion *from = &assertions[count];
        items[count] = (struct assertion_settings){
            .name = text_of(from->name),
            .select = text_of(from->select),
            .when = text_of(from->when),
            .conditions = texts_of(from->conditions, arena),
            .optional = from->optional,
            .severity = from->warning ? SEVERITY_WARNING : SEVERITY_ERROR,
            .tolerance = from->tolerance,
        };
    }
    return (struct config_list){items, count};
}

static struct config_list thresholds_of(const struct test_threshold *thresholds,
                                        struct arena *arena)
{
    struct threshold_settings *items = must_take(arena, TEST_LIST_MAX, sizeof *items);
    size_t count = 0;
    for (; count < TEST_LIST_MAX && thresholds[count].name != NULL; count++) {
        const struct test_threshold *from = &thresholds[count];
        items[count] = (struct threshold_settings){
            .name = text_of(from->name),
            .rule = text_of(from->rule),
            .severity = from->warning ? SEVERITY_WARNING : SEVERITY_ERROR,
            .min_samples = from->min_samples,
            .sticky = from->sticky,
            .by = texts_of(from->by, arena),
            .over_ns = from->over_ns,
            .warmup_ns = from->warmup_ns,
        };
    }
    return (struct config_list){items, count};
}

static struct suite_settings settings_of(const struct test_suite *suite, struct arena *arena)
{
    return (struct suite_settings){
        .name = text_of(suite->name),
        .traces = text_of(suite->traces),
        .labels = pairs_of(suite->labels, arena),
        .spans = pairs_of(suite->spans, arena),
        .variables = pairs_of(suite->variables, arena),
        .outputs = pairs_of(suite->outputs, arena),
        .evidence = suite->lenient ? EVIDENCE_LENIENT : EVIDENCE_STRICT,
        .optional = suite->optional,
        .semconv_aliases = suite->semconv_aliases,
        .clock_skew = suite->estimates_skew ? CLOCK_SKEW_ESTIMATE : CLOCK_SKEW_EXACT,
        .max_clock_skew_ns = suite->max_clock_skew_ns,
        .assertions = assertions_of(suite->assertions, arena),
        .thresholds = thresholds_of(suite->thresholds, arena),
        .stages = texts_of(suite->stages, arena),
    };
}

struct suite_set *test_suites_read(const struct test_suite *suites, size_t count,
                                   struct problems *problems)
{
    static const struct completion_settings completion = {
        .quiet_ns = 1, .deadline_ns = 2, .grace_ns = 1};
    struct arena arena = ARENA_INIT(4096, 0);
    struct suite_settings *settings = must_take(&arena, count, sizeof *settings);
    struct suite_set *set = NULL;
    for (size_t i = 0; i < count; i++) {
        settings[i] = settings_of(&suites[i], &arena);
    }
    struct config_list list = {settings, count};
    if (suite_set_compile(&set, &list, &completion, problems) != 0) {
        set = NULL;
    }
    arena_deinit(&arena);
    return set;
}

struct suite_set *test_suites_compile(const struct test_suite *suites, size_t count)
{
    struct problems problems;
    problems_init(&problems);
    struct suite_set *set = test_suites_read(suites, count, &problems);
    if (set == NULL) {
        struct buf text = BUF_NULL;
        problems_print(&problems, &text);
        fprintf(stderr, "%.*s\n", (int)text.len, (const char *)text.data);
        must(false, "the suites do not compile");
    }
    problems_deinit(&problems);
    return set;
}

void engine_init(struct engine *engine, struct suite_set *set)
{
    struct trace_id id = trace_id_build(1);
    engine->set = set;
    trace_init(&engine->trace, &id, 0);
    judge_init(&engine->judge, set, &engine->trace);
    engine->scratch = ARENA_INIT(4096, 0);
    engine->out = ARENA_INIT(4096, 0);
    engine->build = ARENA_INIT(4096, 0);
    engine->listed = NULL;
}

void engine_deinit(struct engine *engine)
{
    trace_deinit(&engine->trace);
    arena_deinit(&engine->scratch);
    arena_deinit(&engine->out);
    arena_deinit(&engine->build);
}

bool engine_keep_read(struct engine *engine)
{
    engine->trace.keep = suite_set_keep(engine->set);
    return engine->trace.keep != NULL;
}

bool engine_list_read(struct engine *engine)
{
    engine->listed = suite_set_listed(engine->set);
    return engine->listed->span.made;
}

int engine_add(struct engine *engine, const struct span_build *span)
{
    uint32_t index;
    struct span *built = span_build_listing(span, engine->listed, &engine->build);
    int outcome = trace_add(&engine->trace, built, UINT32_MAX, &index);
    if (outcome == 0) {
        must(judge_add(&engine->judge, built, index, &engine->scratch) == 0, "no memory");
    }
    return outcome;
}

void engine_inject(struct engine *engine, const struct injection *injection)
{
    engine->trace.injection = injection;
    judge_injection(&engine->judge);
}

const struct judgement *engine_close(struct engine *engine, uint32_t max_failures)
{
    arena_reset(&engine->scratch);
    arena_reset(&engine->out);
    const struct judgement *judgements =
        judge_close(&engine->judge, max_failures, &engine->scratch, &engine->out);
    must(judgements != NULL, "no judgement");
    return judgements;
}

void judgements_print(struct buf *out, const struct judgement *judgements, uint32_t count,
                      const struct trace_id *id)
{
    struct json json = JSON_INIT(out);
    for (uint32_t i = 0; i < count; i++) {
        const struct judgement *judgement = &judgements[i];
        struct verdict verdict = {.revision = 1,
                                  .suite = judgement->suite->name,
                                  .suite_index = i,
                                  .trace_id = *id,
                                  .result = judgement->verdict,
                                  .short_reasons = judgement->short_reasons,
                                  .results = judgement->results,
                                  .result_count = judgement->suite->assertion_count};
        if (judgement->applies) {
            verdict_write_json(&json, &verdict);
        }
    }
    must(!out->failed, "no memory");
}
