/* Graphite's plaintext: golden text, and that no hostile name makes anything but three clean
 * tokens. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "exporters/graphite_encode.h"
#include "tests/exporters/meter_builder.h"

#define HOSTILE_ROUNDS  100000
#define CARBON_LINE_MAX 16384

static void expect_lines(const struct meter *meter, bool tags, const char *wanted)
{
    struct buf out = BUF_NULL;
    graphite_encode_meter(&out, meter, BYTES_LITERAL("assertd"), tags);
    buf_append_char(&out, '\0');
    assert_string_equal((const char *)out.data, wanted);
    buf_deinit(&out);
}

static struct meter full_meter(void)
{
    struct meter meter = meter_of("mail goes out");
    meter.tags.scenario = BYTES_LITERAL("check.out");
    meter.tags.status = BYTES_LITERAL("fail");
    meter.fields[1] =
        (struct meter_field){.name = "time_to_verdict_ns_p95", .type = METER_DOUBLE, .number = 1.5};
    meter.fields[2] = (struct meter_field){
        .name = "time_to_verdict_ns_mean", .type = METER_DOUBLE, .number = NAN};
    meter.fields[3] =
        (struct meter_field){.name = "reason", .type = METER_TEXT, .text = BYTES_LITERAL("x")};
    meter.field_count = 4;
    return meter;
}

static void tagged_lines_have_sorted_tags_without_the_campaign(void **state)
{
    (void)state;
    struct meter meter = full_meter();
#define TAGS                                                                                       \
    ";assertion=mail_goes_out;scenario=check_out;scope=period;service=none;status=fail;step=none;" \
    "suite=none;"                                                                                  \
    "tenant=none;zone=none "
    assert_int_equal(graphite_lines(&meter), 2);
    expect_lines(&meter, true,
                 "assertd.assertion.count" TAGS "12 1700000000\n"
                 "assertd.assertion.time_to_verdict_ns_p95" TAGS "1.5 1700000000\n");
}

static void hierarchical_lines_are_paths(void **state)
{
    (void)state;
    struct meter meter = full_meter();
    expect_lines(&meter, false,
                 "assertd.none.check_out.none.mail_goes_out.fail.count 12 1700000000\n"
                 "assertd.none.check_out.none.mail_goes_out.fail.p95 1.5 1700000000\n");
    meter.whole_campaign = true;
    meter.field_count = 1;
    expect_lines(&meter, false,
                 "assertd.none.check_out.none.mail_goes_out.fail.campaign.count 12 1700000000\n");
    meter.kind = METER_SPAN_DURATION;
    meter.whole_campaign = false;
    meter.tags.service = BYTES_LITERAL("api");
    expect_lines(&meter, false,
                 "assertd.none.check_out.none.span_duration.api.fail.count 12 1700000000\n");
}

static void an_output_is_told_apart_by_suite_and_name(void **state)
{
    (void)state;
    struct meter meter = meter_of("");
    meter.kind = METER_OUTPUT;
    meter.tags.suite = BYTES_LITERAL("shop");
    meter.tags.output = BYTES_LITERAL("wait");
    expect_lines(&meter, true,
                 "assertd.output.count;assertion=none;output=wait;scenario=none;scope=period;"
                 "service=none;status=none;step=none;suite=shop;tenant=none;zone=none "
                 "12 1700000000\n");
    expect_lines(&meter, false, "assertd.none.none.none.output.shop.wait.count 12 1700000000\n");
    meter.whole_campaign = true;
    expect_lines(&meter, false,
                 "assertd.none.none.none.output.shop.wait.campaign.count 12 1700000000\n");
}

static void single_events_and_annotations_make_no_lines(void **state)
{
    (void)state;
    struct meter meter = full_meter();
    meter.kind = METER_ASSERTION_EVENT;
    assert_int_equal(graphite_lines(&meter), 0);
    expect_lines(&meter, true, "");
    meter.kind = METER_EVENTS;
    assert_int_equal(graphite_lines(&meter), 0);
}

static void names_that_are_cut_or_foreign_stay_apart(void **state)
{
    (void)state;
    char name[2][400];
    struct buf out[2] = {BUF_NULL, BUF_NULL};
    memset(name, 'x', sizeof name);
    name[0][399] = name[1][399] = '\0';
    name[1][398] = 'y';
    for (int i = 0; i < 2; i++) {
        struct meter meter = meter_of(name[i]);
        graphite_encode_meter(&out[i], &meter, BYTES_LITERAL("a"), false);
    }
    assert_false(bytes_equal(buf_bytes(&out[0]), buf_bytes(&out[1])));
    assert_true(out[0].len < 300);
    for (int i = 0; i < 2; i++) {
        struct meter meter = meter_of(i == 0 ? "\xC3\xA4" : "\xC3\xB6");
        buf_reset(&out[i]);
        graphite_encode_meter(&out[i], &meter, BYTES_LITERAL("a"), true);
    }
    assert_false(bytes_equal(buf_bytes(&out[0]), buf_bytes(&out[1])));
    buf_deinit(&out[0]);
    buf_deinit(&out[1]);
}

static void check_line(struct bytes line, bool tags)
{
    int blanks = 0;
    for (size_t i = 0; i < line.len; i++) {
        uint8_t c = line.data[i];
        blanks += c == ' ';
        assert_true(c == ' ' || (c == '\n' && i == line.len - 1) || (c >= 'a' && c <= 'z') ||
                    (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                    c == '.' || (tags && (c == ';' || c == '=')));
    }
    assert_int_equal(blanks, 2);
    assert_true(line.len < CARBON_LINE_MAX);
    assert_false(bytes_contain(line, BYTES_LITERAL("..")));
    assert_false(bytes_contain(line, BYTES_LITERAL("=;")));
}

static void hostile_names_make_clean_lines(void **state)
{
    (void)state;
    uint64_t seed = 9;
    uint8_t text[300];
    struct buf out = BUF_NULL;
    for (int i = 0; i < HOSTILE_ROUNDS; i++) {
        bool tags = i % 2 == 0;
        size_t len = random_below(&seed, i % 100 == 0 ? sizeof text : 20);
        hostile_bytes(&seed, text, len);
        struct meter meter = meter_of("");
        meter.tags.assertion = meter.tags.scenario = meter.tags.service = bytes_from(text, len);
        buf_reset(&out);
        graphite_encode_meter(&out, &meter, BYTES_LITERAL("assertd"), tags);
        check_line(buf_bytes(&out), tags);
    }
    buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tagged_lines_have_sorted_tags_without_the_campaign),
        cmocka_unit_test(hierarchical_lines_are_paths),
        cmocka_unit_test(an_output_is_told_apart_by_suite_and_name),
        cmocka_unit_test(single_events_and_annotations_make_no_lines),
        cmocka_unit_test(names_that_are_cut_or_foreign_stay_apart),
        cmocka_unit_test(hostile_names_make_clean_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
