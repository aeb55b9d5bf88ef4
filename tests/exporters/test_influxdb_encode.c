/* Line protocol: golden text, hostile names read back by a parser of its own. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/utf8.h"
#include "exporters/influxdb_encode.h"
#include "tests/exporters/meter_builder.h"

#define HOSTILE_ROUNDS 100000

static void expect_line(const struct meter *meter, const char *wanted)
{
    struct buf out = BUF_NULL;
    struct influxdb_times times = {0};
    influxdb_encode_meter(&out, meter, &times);
    buf_append_char(&out, '\0');
    assert_string_equal((const char *)out.data, wanted);
    buf_deinit(&out);
}

static void a_meter_is_a_line_with_all_tags_sorted(void **state)
{
    (void)state;
    struct meter meter = meter_of("stored once");
    meter.tags.status = BYTES_LITERAL("fail");
    meter.whole_campaign = true;
    meter.fields[1] = (struct meter_field){
        .name = "time_to_verdict_ns_mean", .type = METER_DOUBLE, .number = 1.5};
    meter.fields[2] = (struct meter_field){
        .name = "reason", .type = METER_TEXT, .text = BYTES_LITERAL("say \"x\\y\"")};
    meter.field_count = 3;
    expect_line(
        &meter,
        "assertion,assertion=stored\\ once,campaign=c,scenario=none,scope=campaign,service=none,"
        "status=fail,step=none,suite=none,tenant=none,zone=none count=12i,"
        "time_to_verdict_ns_mean=1.5,reason=\"say \\\"x\\\\y\\\"\" 1700000000000000007\n");
}

static void numbers_that_are_not_finite_are_left_out(void **state)
{
    (void)state;
    struct meter meter = meter_of("a");
    meter.fields[1] = meter.fields[0];
    meter.fields[0] = (struct meter_field){.name = "mean", .type = METER_DOUBLE, .number = NAN};
    meter.fields[2] =
        (struct meter_field){.name = "max", .type = METER_DOUBLE, .number = -INFINITY};
    meter.field_count = 3;
    assert_true(influxdb_writes_meter(&meter));
    expect_line(&meter, "assertion,assertion=a,campaign=c,scenario=none,scope=period,service=none,"
                        "status=none,step=none,"
                        "suite=none,tenant=none,zone=none count=12i 1700000000000000007\n");
    meter.field_count = 1;
    assert_false(influxdb_writes_meter(&meter));
}

static void an_output_has_its_name_as_one_more_tag(void **state)
{
    (void)state;
    struct meter meter = meter_of("");
    meter.kind = METER_OUTPUT;
    meter.tags.suite = BYTES_LITERAL("shop");
    meter.tags.output = BYTES_LITERAL("wait");
    meter.fields[1] = (struct meter_field){.name = "p95", .type = METER_DOUBLE, .number = -2e7};
    meter.field_count = 2;
    expect_line(&meter, "output,assertion=none,campaign=c,output=wait,scenario=none,scope=period,"
                        "service=none,status=none,step=none,suite=shop,tenant=none,zone=none "
                        "count=12i,p95=-20000000 1700000000000000007\n");
}

static void events_of_one_moment_get_times_of_their_own(void **state)
{
    (void)state;
    struct influxdb_times times = {0};
    struct influxdb_times again = {0};
    struct buf out[2] = {BUF_NULL, BUF_NULL};
    struct meter meter = meter_of("a");
    meter.kind = METER_ASSERTION_EVENT;
    for (int i = 0; i < 3; i++) {
        influxdb_encode_meter(&out[0], &meter, &times);
        influxdb_encode_meter(&out[1], &meter, &again);
    }
    assert_int_equal(times.last_ns, UINT64_C(1700000000000000009));
    assert_true(bytes_equal(buf_bytes(&out[0]), buf_bytes(&out[1])));
    assert_true(bytes_contain(buf_bytes(&out[0]), BYTES_LITERAL(" 1700000000000000008\n")));
    meter.kind = METER_ASSERTION;
    influxdb_encode_meter(&out[0], &meter, &times);
    assert_int_equal(times.last_ns, UINT64_C(1700000000000000009));
    buf_deinit(&out[0]);
    buf_deinit(&out[1]);
}

static void a_backslash_at_the_end_does_not_eat_the_separator(void **state)
{
    (void)state;
    struct meter meter = meter_of("a\\b\\");
    expect_line(
        &meter,
        "assertion,assertion=a\\b/,campaign=c,scenario=none,scope=period,service=none,status=none,"
        "step=none,suite=none,tenant=none,zone=none count=12i 1700000000000000007\n");
}

static void long_names_are_cut_between_characters(void **state)
{
    (void)state;
    char name[6001];
    for (size_t i = 0; i < 6000; i += 3) {
        memcpy(name + i, "\xE2\x82\xAC", 3);
    }
    name[6000] = '\0';
    struct buf out = BUF_NULL;
    struct influxdb_times times = {0};
    struct meter meter = meter_of(name);
    influxdb_encode_meter(&out, &meter, &times);
    assert_true(out.len < 2300);
    assert_true(utf8_valid(buf_bytes(&out)));
    buf_deinit(&out);
}

/* A reader of line protocol, as InfluxDB 1.x splits it: a separator behind a backslash is none. */
struct reader {
    const uint8_t *at, *end;
};

static bool read_token(struct reader *reader, const char *stops, struct buf *ret)
{
    const uint8_t *start = reader->at;
    buf_reset(ret);
    for (; reader->at < reader->end; reader->at++) {
        char c = (char)*reader->at;
        bool escaped = reader->at > start && reader->at[-1] == '\\';
        if (strchr(stops, c) != NULL && c != '\0' && !escaped) {
            return true;
        }
        if (strchr(",= ", c) != NULL && c != '\0' && escaped) {
            ret->len--;
        }
        buf_append_char(ret, c);
    }
    return false;
}

static bool read_text(struct reader *reader, struct buf *ret)
{
    buf_reset(ret);
    if (*reader->at++ != '"') {
        return false;
    }
    for (; reader->at < reader->end && *reader->at != '"'; reader->at++) {
        if (*reader->at == '\\' && (reader->at[1] == '"' || reader->at[1] == '\\')) {
            reader->at++;
        }
        buf_append_char(ret, (char)*reader->at);
    }
    return reader->at++ < reader->end;
}

/* What a hostile text is to come back as. */
static void expect_of(struct buf *ret, struct bytes text, bool tag)
{
    buf_reset(ret);
    utf8_append_mended(ret, text);
    for (size_t i = 0; i < ret->len; i++) {
        if (ret->data[i] < 0x20 || ret->data[i] == 0x7F) {
            ret->data[i] = ' ';
        }
    }
    if (tag && ret->len > 0 && ret->data[ret->len - 1] == '\\') {
        ret->data[ret->len - 1] = '/';
    }
    if (tag && ret->len == 0) {
        buf_append_text(ret, "none");
    }
}

static void check_round(struct bytes tag, struct bytes text)
{
    struct buf line = BUF_NULL;
    struct buf got = BUF_NULL;
    struct buf want = BUF_NULL;
    struct influxdb_times times = {0};
    struct meter meter = meter_of("");
    meter.tags.assertion = tag;
    meter.fields[0] = (struct meter_field){.name = "reason", .type = METER_TEXT, .text = text};
    influxdb_encode_meter(&line, &meter, &times);
    assert_ptr_equal(memchr(line.data, '\n', line.len), line.data + line.len - 1);
    struct reader reader = {line.data, line.data + line.len};
    assert_true(read_token(&reader, ",", &got)); /* measurement */
    for (int i = 0; i < 10; i++) {
        reader.at++;
        assert_true(read_token(&reader, "=", &got));
        reader.at++;
        assert_true(read_token(&reader, ", =", &got));
        assert_int_equal(*reader.at, i < 9 ? ',' : ' ');
        if (i == 0) {
            expect_of(&want, tag, true);
            assert_true(bytes_equal(buf_bytes(&got), buf_bytes(&want)));
        }
    }
    reader.at++;
    assert_true(read_token(&reader, "=", &got));
    reader.at++;
    assert_true(read_text(&reader, &got));
    expect_of(&want, text, false);
    assert_true(bytes_equal(buf_bytes(&got), buf_bytes(&want)));
    assert_true(bytes_equal(bytes_from(reader.at, (size_t)(reader.end - reader.at)),
                            BYTES_LITERAL(" 1700000000000000007\n")));
    buf_deinit(&line);
    buf_deinit(&got);
    buf_deinit(&want);
}

static void hostile_names_and_texts_are_read_back(void **state)
{
    (void)state;
    uint64_t seed = 7;
    uint8_t tag[24];
    uint8_t text[24];
    for (int i = 0; i < HOSTILE_ROUNDS; i++) {
        size_t tag_len = random_below(&seed, sizeof tag);
        size_t text_len = random_below(&seed, sizeof text);
        hostile_bytes(&seed, tag, tag_len);
        hostile_bytes(&seed, text, text_len);
        check_round(bytes_from(tag, tag_len), bytes_from(text, text_len));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_meter_is_a_line_with_all_tags_sorted),
        cmocka_unit_test(numbers_that_are_not_finite_are_left_out),
        cmocka_unit_test(an_output_has_its_name_as_one_more_tag),
        cmocka_unit_test(events_of_one_moment_get_times_of_their_own),
        cmocka_unit_test(a_backslash_at_the_end_does_not_eat_the_separator),
        cmocka_unit_test(long_names_are_cut_between_characters),
        cmocka_unit_test(hostile_names_and_texts_are_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
