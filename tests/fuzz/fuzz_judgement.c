/*
 * Arbitrary suites judge arbitrary traces: whatever was told early of a prefix of the arrivals is
 * what it comes to, nothing is open in the end, and another order of arrival changes no byte of the
 * judgements and no threshold; nor do attributes that are not listed because nobody reads them.
 *
 * Lines of text make a suite; the first character of each says what the rest is (`lines` below).
 * What does not compile is left out. After a line "." each eight bytes are a span.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "assertions/gathering.h"
#include "tests/assertions/engine_fixture.h"
#include "tests/support/random.h"

#define SPANS_MAX  16u
#define SPAN_BYTES 8u
#define ORDERS     3u
#define MS         UINT64_C(1000000)
#define EPOCH      (UINT64_C(1700000000) * 1000 * MS)

#define PICK(from, byte) ((from)[(byte) % (sizeof(from) / sizeof *(from))])

struct input {
    struct arena arena;
    struct test_suite suite;
    uint32_t names, assertions, outputs, thresholds;
    struct span_build spans[SPANS_MAX];
    uint32_t span_count;
    bool injected;
    struct injection injection;
};

static void must(bool promise)
{
    if (!promise) {
        abort();
    }
}

/* --- the suite --- */

static const char *const assertion_names[TEST_LIST_MAX] = {"1", "2", "3", "4", "5", "6", "7", "8"};

static struct test_assertion *begin_assertion(struct input *input, const char *select)
{
    if (input->assertions == TEST_LIST_MAX) {
        return NULL;
    }
    struct test_assertion *assertion = &input->suite.assertions[input->assertions];
    *assertion =
        (struct test_assertion){.name = assertion_names[input->assertions++], .select = select};
    return assertion;
}

static void add_condition(struct input *input, const char *text)
{
    struct test_assertion *assertion = input->assertions != 0
                                           ? &input->suite.assertions[input->assertions - 1]
                                           : begin_assertion(input, NULL);
    for (uint32_t i = 0; i < TEST_LIST_MAX; i++) {
        if (assertion->conditions[i] == NULL) {
            assertion->conditions[i] = text;
            return;
        }
    }
}

static void add_rule(struct input *input, const char *text)
{
    if (input->thresholds < TEST_LIST_MAX) {
        input->suite.thresholds[input->thresholds] = (struct test_threshold){
            .name = assertion_names[input->thresholds], .rule = text, .min_samples = 1};
        input->thresholds++;
    }
}

/* lines */
static void take_line(struct input *input, char kind, const char *text)
{
    static const char *const outputs[TEST_LIST_MAX] = {"o1", "o2", "o3", "o4",
                                                       "o5", "o6", "o7", "o8"};
    struct test_suite *suite = &input->suite;
    switch (kind) {
    case 'n': /* the selector of the next name: request, mail, process */
        if (input->names < 3) {
            suite->spans[input->names++].text = text;
        }
        break;
    case 's': /* an assertion on spans; what follows is of it */
        begin_assertion(input, text);
        break;
    case 'a': /* one without a selector */
        begin_assertion(input, NULL);
        break;
    case 'c':
        add_condition(input, text);
        break;
    case 'w':
        if (input->assertions != 0) {
            suite->assertions[input->assertions - 1].when = text;
        }
        break;
    case 'o':
        if (input->outputs < TEST_LIST_MAX) {
            suite->outputs[input->outputs] = (struct test_name){outputs[input->outputs], text};
            input->outputs++;
        }
        break;
    case 'r':
        add_rule(input, text);
        break;
    case 't':
        suite->traces = text;
        break;
    case 'e':
        suite->estimates_skew = true;
        suite->max_clock_skew_ns = text[0] == '1' ? 20 * MS : 0;
        break;
    case 'l':
        suite->lenient = true;
        break;
    case 'm':
        suite->semconv_aliases = true;
        break;
    default:
        break;
    }
}

static bool compiles(const struct test_suite *suite)
{
    struct problems problems;
    problems_init(&problems);
    struct suite_set *set = test_suites_read(suite, 1, &problems);
    must((set == NULL) == (problems.errors != 0));
    problems_deinit(&problems);
    suite_set_unref(set);
    return set != NULL;
}

/* Leaves out the assertions and rules that do not compile by themselves. */
static void keep_good(struct input *input)
{
    struct test_suite all = input->suite;
    struct test_suite *suite = &input->suite;
    uint32_t assertions = 0;
    uint32_t thresholds = 0;
    for (uint32_t i = 0; i < TEST_LIST_MAX; i++) {
        struct test_suite one = all;
        memset(one.assertions, 0, sizeof one.assertions);
        memset(one.thresholds, 0, sizeof one.thresholds);
        suite->assertions[i] = one.assertions[0];
        suite->thresholds[i] = one.thresholds[0];
        one.assertions[0] = all.assertions[i];
        if (i < input->assertions && compiles(&one)) {
            suite->assertions[assertions++] = all.assertions[i];
        }
        memset(one.assertions, 0, sizeof one.assertions);
        one.thresholds[0] = all.thresholds[i];
        if (i < input->thresholds && compiles(&one)) {
            suite->thresholds[thresholds++] = all.thresholds[i];
        }
    }
    input->assertions = assertions;
    input->thresholds = thresholds;
}

/* --- the trace --- */

static struct attr_build attr_of(uint8_t byte)
{
    static const char *const keys[] = {"order.id",      "n",
                                       "attr:status",   "http.response.status_code",
                                       "status",        "db.operation.name",
                                       "db.query.text", "body"};
    static const char *const texts[] = {"o-42", "paid", "", "{\"user\": {\"id\": 7}}", "200"};
    const char *key = PICK(keys, byte);
    switch (byte >> 3 & 7) {
    case 0:
    case 1:
        return (struct attr_build)ATTR_INT(key, byte >> 6);
    case 2:
        return (struct attr_build)ATTR_DOUBLE(key, (byte >> 6) * 0.5);
    case 3:
        return (struct attr_build)ATTR_BOOL(key, byte >> 6 & 1);
    case 4:
        return (struct attr_build)ATTR_NONE(key);
    default:
        return (struct attr_build){
            .key = key, .type = VALUE_TEXT, .bytes = bytes_of(PICK(texts, byte >> 4))};
    }
}

static void take_span(struct input *input, const uint8_t *bytes)
{
    static const char *const names[] = {"a", "b", "c"};
    static const char *const services[] = {"x", "y", "email", NULL};
    static const uint32_t flags[] = {1, 1, 1, 1, 1, 0x101, 0, 2};
    struct span_build *span = &input->spans[input->span_count++];
    *span = (struct span_build){
        .id = 1 + bytes[0] % 15,
        .parent = bytes[1] % 16,
        .name = PICK(names, bytes[2]),
        .service = PICK(services, bytes[2] >> 4),
        .kind = (enum span_kind)(bytes[3] % 6),
        .status = (enum span_status)(bytes[3] / 64 % 3),
        .start_ns = EPOCH + bytes[4] * MS,
        .end_ns = EPOCH + (bytes[4] + bytes[5] - (bytes[5] == 255 ? 256 : 0)) * MS,
        .flags = PICK(flags, bytes[7]),
        .dropped_attrs = (bytes[7] & 0x18) == 0x18,
        .dropped_links = (bytes[7] & 0x60) == 0x60,
    };
    span->attrs[0] = attr_of(bytes[6]);
    if (bytes[7] & 0x80) {
        span->attrs[1] = (struct attr_build)ATTR_INT("k", bytes[6] & 3);
        span->events[0] = (struct event_build){.name = "exception"};
        span->links[0] = (struct link_build){.trace = 1, .span = 1 + bytes[6] % 15};
    }
}

static void input_init(struct input *input, const uint8_t *data, size_t size)
{
    static const struct attr attrs[] = {{BYTES_LITERAL("user"), {.type = VALUE_INT, .integer = 1}}};
    *input = (struct input){.arena = ARENA_INIT(4096, 0)};
    input->suite = (struct test_suite){
        .name = "suite",
        .spans = {{"request", "span[name=a]"}, {"mail", "span[name=b]"}, {"process", "span[]"}}};
    size_t at = 0;
    while (at < size) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        size_t len = end != NULL ? (size_t)(end - data) - at : size - at;
        bool last = len == 1 && data[at] == '.';
        if (len != 0 && !last) {
            struct bytes text = bytes_from(data + at + 1, len - 1);
            take_line(input, (char)data[at], arena_string(&input->arena, text));
        }
        at += len + 1;
        if (last) {
            break;
        }
    }
    for (; at + SPAN_BYTES <= size && input->span_count < SPANS_MAX; at += SPAN_BYTES) {
        take_span(input, data + at);
    }
    input->injected = size % 2 == 0;
    input->injection = (struct injection){.trace_id = trace_id_build(1),
                                          .has_time = size % 3 != 0,
                                          .time_ns = EPOCH,
                                          .span_id = 15,
                                          .has_status = true,
                                          .status = 200,
                                          .outcome = INJECTION_OK,
                                          .attrs = attrs,
                                          .attr_count = 1};
    keep_good(input);
}

/* --- judging --- */

/* Whatever was told early, whole by whole. */
struct told {
    bool applies_for_certain;
    enum result results[TEST_LIST_MAX];
};

static void note_told(struct told *told, const struct judgement *now, uint32_t count)
{
    must(!told->applies_for_certain || now->applies);
    told->applies_for_certain |= now->applies_for_certain;
    for (uint32_t a = 0; now->applies && a < count; a++) {
        enum result result = now->results[a].result;
        must(told->results[a] == RESULT_OPEN || result == RESULT_OPEN ||
             result == told->results[a]);
        told->results[a] = result != RESULT_OPEN ? result : told->results[a];
    }
}

static void check_final(const struct told *told, const struct judgement *final, uint32_t count)
{
    must(!told->applies_for_certain || final->applies);
    for (uint32_t a = 0; final->applies && a < count; a++) {
        enum result result = final->results[a].result;
        must(result != RESULT_OPEN);
        must(told->results[a] == RESULT_OPEN || told->results[a] == result);
    }
}

/* What the thresholds come to with this one trace. */
static void print_thresholds(struct buf *out, struct engine *engine,
                             const struct judgement *judgement)
{
    const struct suite *suite = &engine->set->suites[0];
    for (uint32_t i = 0; i < suite->threshold_count; i++) {
        struct gathering gathering;
        struct gather_place place = {suite, &suite->thresholds[i], engine->trace.injection, EPOCH};
        const struct state_counts none = {0};
        gathering_init(&gathering);
        gathering_add_trace(&gathering, &place, &engine->judge, judgement, &engine->scratch);
        struct windows_judgement windows;
        struct threshold_judgement came_to =
            gathering_judge(&gathering, place.threshold, &none, &windows);
        buf_printf(out, "%u: %d %a %llu\n", i, (int)came_to.result, came_to.value,
                   (unsigned long long)came_to.samples);
        gathering_deinit(&gathering);
    }
}

/* Whatever the judgements say, with what is told before the end where `prefixes`. */
static void judge(struct buf *out, const struct input *input, struct suite_set *set,
                  const uint32_t *order, bool prefixes, bool list_read)
{
    struct engine engine;
    struct told told = {.applies_for_certain = false};
    for (uint32_t a = 0; a < TEST_LIST_MAX; a++) {
        told.results[a] = RESULT_OPEN;
    }
    engine_init(&engine, set);
    if (list_read) {
        (void)engine_list_read(&engine);
    }
    for (uint32_t i = 0; i <= input->span_count; i++) {
        if (input->injected && i == order[0] % (input->span_count + 1)) {
            engine_inject(&engine, &input->injection);
        }
        if (i < input->span_count) {
            engine_add(&engine, &input->spans[order[i]]);
        }
        if (prefixes) {
            arena_reset(&engine.scratch);
            arena_reset(&engine.out);
            note_told(&told, judge_explain(&engine.judge, 3, &engine.scratch, &engine.out),
                      input->assertions);
        }
    }
    const struct judgement *final = engine_close(&engine, 4);
    check_final(&told, final, input->assertions);
    judgements_print(out, final, 1, &engine.trace.id);
    print_thresholds(out, &engine, final);
    engine_deinit(&engine);
}

static void check(const struct input *input, struct suite_set *set, uint64_t seed)
{
    struct random random = random_seed(seed);
    struct buf first = BUF_NULL;
    uint32_t order[SPANS_MAX + 1] = {0};
    for (uint32_t i = 0; i < input->span_count; i++) {
        order[i] = i;
    }
    judge(&first, input, set, order, true, false);
    for (uint32_t n = 0; n < ORDERS; n++) {
        struct buf other = BUF_NULL;
        for (uint32_t i = input->span_count; i > 1; i--) {
            uint32_t with = random_below(&random, i);
            uint32_t moved = order[i - 1];
            order[i - 1] = order[with];
            order[with] = moved;
        }
        judge(&other, input, set, order, n == 0, n % 2 == 0);
        must(bytes_equal(buf_bytes(&first), buf_bytes(&other)));
        buf_deinit(&other);
    }
    buf_deinit(&first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input;
    struct problems problems;
    input_init(&input, data, size);
    problems_init(&problems);
    struct suite_set *set = test_suites_read(&input.suite, 1, &problems);
    if (set != NULL) {
        check(&input, set, size);
    }
    suite_set_unref(set);
    problems_deinit(&problems);
    arena_deinit(&input.arena);
    return 0;
}
