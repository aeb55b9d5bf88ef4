/* Who waits for spans of a trace is answered once: when enough is there, when nothing more can
 * come, or when the time is over. */
#include "daemon/pipeline/watches.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/pipeline/shard_fixture.h"

struct asked {
    struct watch watch;
    struct finder *finder;
    unsigned answers;
};

static void told(struct watch *watch)
{
    container_of(watch, struct asked, watch)->answers++;
}

static void ask(struct fixture *fixture, struct asked *asked, uint64_t trace, const char *selector,
                uint32_t expected)
{
    struct finder_problem problem;
    *asked = (struct asked){.answers = 0};
    assert_int_equal(finder_new(&asked->finder, bytes_of(selector), &problem), 0);
    asked->watch = (struct watch){
        .id = trace_id_build(trace), .finder = asked->finder, .expected = expected, .done = told};
    shard_watch(fixture->shard, &asked->watch);
}

static void forget(struct fixture *fixture, struct asked *asked)
{
    (void)fixture;
    buf_deinit(&asked->watch.body);
    finder_free(asked->finder);
}

static void send(struct fixture *fixture, uint64_t trace, span_id id, const char *name)
{
    const struct span_build span = {.trace = trace,
                                    .id = id,
                                    .parent = id != 1 ? 1 : 0,
                                    .name = name,
                                    .start_ns = id,
                                    .end_ns = id + 1};
    fixture_send(fixture, &span, 1);
}

static bool says(const struct asked *asked, const char *text)
{
    return bytes_contain(buf_bytes(&asked->watch.body), bytes_of(text));
}

static void begin(struct fixture *fixture)
{
    fixture_init(fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF});
}

static void what_is_there_is_answered_at_once(void **state)
{
    struct fixture fixture;
    struct asked asked;
    (void)state;
    begin(&fixture);
    send(&fixture, 7, 1, "POST");
    send(&fixture, 7, 2, "INSERT");
    ask(&fixture, &asked, 7, "span[name=INSERT]", 1);
    assert_int_equal(asked.answers, 1);
    assert_int_equal(asked.watch.outcome, WATCH_FOUND);
    assert_true(says(&asked, "\"state\":\"open\",\"complete\":true,\"expected\":1,\"matched\":1,"
                             "\"spans\":[{\"span_id\":\"0000000000000002\""));
    assert_true(says(&asked, "\"omitted\":0}"));
    assert_int_equal(asked.watch.charge, asked.watch.body.size);
    forget(&fixture, &asked);
    fixture_deinit(&fixture);
}

static void it_waits_until_enough_has_come_to_its_own_trace(void **state)
{
    struct fixture fixture;
    struct asked asked;
    struct asked other;
    (void)state;
    begin(&fixture);
    ask(&fixture, &asked, 7, "span[name=INSERT]", 2);
    ask(&fixture, &other, 8, "span[]", 1);
    send(&fixture, 7, 1, "POST");
    send(&fixture, 7, 2, "INSERT");
    send(&fixture, 7, 2, "INSERT"); /* a copy */
    assert_int_equal(asked.answers, 0);
    send(&fixture, 7, 3, "INSERT");
    assert_int_equal(asked.answers, 1);
    assert_true(says(&asked, "\"complete\":true,\"expected\":2,\"matched\":2"));
    assert_int_equal(other.answers, 0);
    shard_unwatch(fixture.shard, &asked.watch); /* too late: answered */
    assert_int_equal(asked.answers, 1);
    shard_unwatch(fixture.shard, &other.watch);
    assert_int_equal(other.answers, 1);
    assert_int_equal(other.watch.outcome, WATCH_UNKNOWN);
    forget(&fixture, &asked);
    forget(&fixture, &other);
    fixture_deinit(&fixture);
}

static void several_wait_for_one_trace(void **state)
{
    struct fixture fixture;
    struct asked asked[200];
    (void)state;
    begin(&fixture);
    for (uint32_t i = 0; i < 200; i++) {
        ask(&fixture, &asked[i], 7 + i % 2, "span[]", 1 + i % 4);
    }
    for (span_id id = 1; id <= 4; id++) {
        send(&fixture, 7, id, "x");
        send(&fixture, 8, id, "x");
        for (uint32_t i = 0; i < 200; i++) {
            assert_int_equal(asked[i].answers, 1 + i % 4 <= id);
        }
    }
    for (uint32_t i = 0; i < 200; i++) {
        forget(&fixture, &asked[i]);
    }
    fixture_deinit(&fixture);
}

static void its_time_ends_with_what_there_is(void **state)
{
    struct fixture fixture;
    struct asked asked;
    (void)state;
    begin(&fixture);
    ask(&fixture, &asked, 7, "span[]", 3);
    send(&fixture, 7, 1, "POST");
    shard_unwatch(fixture.shard, &asked.watch);
    assert_int_equal(asked.watch.outcome, WATCH_FOUND);
    assert_true(says(&asked, "\"complete\":false,\"expected\":3,\"matched\":1"));
    forget(&fixture, &asked);
    ask(&fixture, &asked, 7, "span[name=never]", 0);
    assert_true(says(&asked, "\"complete\":true,\"expected\":0,\"matched\":0,\"spans\":[]"));
    forget(&fixture, &asked);
    fixture_deinit(&fixture);
}

/* The good trace is freed with its final verdict, the failed one is kept. */
static void the_end_of_the_trace_ends_the_wait(void **state)
{
    struct fixture fixture;
    struct asked good;
    struct asked bad;
    struct asked after;
    (void)state;
    begin(&fixture);
    ask(&fixture, &good, 7, "span[]", 5);
    ask(&fixture, &bad, 8, "span[]", 5);
    send(&fixture, 7, 1, "POST");
    send(&fixture, 7, 2, "INSERT");
    send(&fixture, 8, 1, "POST");
    fixture_wait(&fixture, FIXTURE_QUIET + FIXTURE_GRACE + 4 * FIXTURE_SLACK);
    assert_int_equal(good.answers, 1);
    assert_true(says(&good, "\"state\":\"final\",\"complete\":false,\"expected\":5,\"matched\":2"));
    assert_int_equal(bad.answers, 0);
    fixture_wait(&fixture, FIXTURE_DEADLINE + FIXTURE_GRACE);
    assert_int_equal(bad.answers, 1);
    assert_true(says(&bad, "\"state\":\"final\",\"complete\":false,\"expected\":5,\"matched\":1"));
    ask(&fixture, &after, 7, "span[]", 1);
    assert_int_equal(after.answers, 1);
    assert_int_equal(after.watch.outcome, WATCH_FORGOTTEN);
    forget(&fixture, &after);
    ask(&fixture, &after, 8, "span[]", 2);
    assert_int_equal(after.answers, 1);
    assert_true(
        says(&after, "\"state\":\"final\",\"complete\":false,\"expected\":2,\"matched\":1"));
    forget(&fixture, &after);
    forget(&fixture, &good);
    forget(&fixture, &bad);
    fixture_deinit(&fixture);
}

static void what_does_not_fit_is_counted(void **state)
{
    static char text[60000];
    struct fixture fixture;
    struct asked asked;
    (void)state;
    memset(text, 'x', sizeof text);
    begin(&fixture);
    for (span_id id = 1; id <= 40; id++) {
        const struct span_build span = {
            .trace = 7,
            .id = id,
            .name = "x",
            .start_ns = id,
            .end_ns = id + 1,
            .attrs = {{.key = "k", .type = VALUE_TEXT, .bytes = {(uint8_t *)text, sizeof text}}}};
        fixture_send(&fixture, &span, 1);
    }
    ask(&fixture, &asked, 7, "span[]", 40);
    assert_int_equal(asked.watch.outcome, WATCH_FOUND);
    assert_true(asked.watch.body.len <= WATCH_ANSWER_BYTES_MAX);
    assert_true(says(&asked, "\"complete\":true,\"expected\":40,\"matched\":40"));
    assert_true(says(&asked, "}],\"omitted\":6}"));
    forget(&fixture, &asked);
    fixture_deinit(&fixture);
}

static void without_room_for_an_answer_it_is_told_so(void **state)
{
    struct fixture fixture;
    struct asked asked;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF,
                                                     .memory_bytes = 1 << 20});
    send(&fixture, 7, 1, "POST");
    ask(&fixture, &asked, 7, "span[]", 1);
    assert_int_equal(asked.answers, 1);
    assert_int_equal(asked.watch.outcome, WATCH_NO_MEMORY);
    assert_int_equal(asked.watch.charge, 0);
    forget(&fixture, &asked);
    fixture_deinit(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_is_answered_at_once),
        cmocka_unit_test(it_waits_until_enough_has_come_to_its_own_trace),
        cmocka_unit_test(several_wait_for_one_trace),
        cmocka_unit_test(its_time_ends_with_what_there_is),
        cmocka_unit_test(the_end_of_the_trace_ends_the_wait),
        cmocka_unit_test(what_does_not_fit_is_counted),
        cmocka_unit_test(without_room_for_an_answer_it_is_told_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
