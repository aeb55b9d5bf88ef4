/* A span as people's programs get it. */
#include "daemon/model/span_plain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

#include "tests/support/span_builder.h"

static void assert_plain(const struct span_build *build, const char *expected)
{
    struct arena arena = ARENA_INIT(4096, 0);
    struct buf text = BUF_NULL;
    struct json json = JSON_INIT(&text);
    span_write_plain_json(&json, span_build(build, &arena), &arena);
    assert_false(text.failed);
    buf_append_char(&text, '\0');
    assert_string_equal((const char *)text.data, expected);
    buf_deinit(&text);
    arena_deinit(&arena);
}

static void a_bare_span_has_every_member(void **state)
{
    (void)state;
    assert_plain(&(struct span_build){.id = 0x1f, .name = "x", .start_ns = 1, .end_ns = 2},
                 "{\"span_id\":\"000000000000001f\",\"parent_span_id\":null,\"name\":\"x\","
                 "\"service\":\"\",\"kind\":\"internal\",\"status\":\"unset\",\"status_message\":"
                 "\"\",\"start_time_unix_nano\":\"1\",\"end_time_unix_nano\":\"2\","
                 "\"trace_state\":\"\",\"attributes\":{},\"resource\":{\"attributes\":{}},"
                 "\"scope\":{\"name\":\"\",\"version\":\"\",\"attributes\":{}},\"events\":[],"
                 "\"links\":[]}");
}

static void all_that_hangs_on_a_span_is_told(void **state)
{
    (void)state;
    assert_plain(
        &(struct span_build){
            .id = 2,
            .parent = 1,
            .name = "a\"b",
            .service = "shop",
            .kind = KIND_CONSUMER,
            .status = STATUS_ERROR,
            .status_message = "boom",
            .trace_state = "a=b",
            .start_ns = UINT64_C(1767225600000000001),
            .end_ns = UINT64_C(1767225600000000002),
            .dropped_attrs = 3,
            .dropped_events = 4,
            .dropped_links = 5,
            .attrs = {ATTR_INT("n", 1)},
            .events = {{.name = "e", .time_ns = 9, .attrs = {ATTR_TEXT("k", "v")}}},
            .links = {{.trace = 7, .span = 8, .attrs = {ATTR_BOOL("t", 1)}}},
            .scope_name = "lib",
            .scope_version = "1.0",
            .scope = {ATTR_INT("s", 2)},
        },
        "{\"span_id\":\"0000000000000002\",\"parent_span_id\":\"0000000000000001\",\"name\":"
        "\"a\\\"b"
        "\",\"service\":\"shop\",\"kind\":\"consumer\",\"status\":\"error\",\"status_message\":"
        "\"boom\",\"start_time_unix_nano\":\"1767225600000000001\",\"end_time_unix_nano\":"
        "\"1767225600000000002\",\"trace_state\":\"a=b\",\"attributes\":{\"n\":1},"
        "\"dropped_attributes\":3,\"resource\":{\"attributes\":{\"service.name\":\"shop\"}},"
        "\"scope\":{\"name\":\"lib\",\"version\":\"1.0\",\"attributes\":{\"s\":2}},\"events\":[{"
        "\"name\":\"e\",\"time_unix_nano\":\"9\",\"attributes\":{\"k\":\"v\"}}],"
        "\"dropped_events\":4,\"links\":[{\"trace_id\":\"00000000000000000000000000000007\","
        "\"span_id\":\"0000000000000008\",\"trace_state\":\"\",\"attributes\":{\"t\":true}}],"
        "\"dropped_links\":5}");
}

static void values_show_their_types(void **state)
{
    static const struct attr_build items[] = {ATTR_INT("", 1), ATTR_DOUBLE("", 1),
                                              ATTR_TEXT("", "1")};
    static const struct attr_build pairs[] = {ATTR_DOUBLE("d", 2), ATTR_NONE("none")};
    struct arena arena = ARENA_INIT(4096, 0);
    struct buf text = BUF_NULL;
    struct json json = JSON_INIT(&text);
    const struct span_build build = {
        .id = 1,
        .name = "x",
        .attrs = {ATTR_INT("small", -5), ATTR_INT("large", INT64_MAX), ATTR_DOUBLE("whole", 2),
                  ATTR_DOUBLE("half", 0.5), ATTR_DOUBLE("huge", 1e21), ATTR_DOUBLE("nan", NAN),
                  ATTR_BOOL("yes", 1), ATTR_BYTES("bytes", "\1\2"), ATTR_ARRAY("list", items),
                  ATTR_MAP("map", pairs), ATTR_NONE("none"), ATTR_TEXT("twice", "a"),
                  ATTR_TEXT("twice", "b")}};
    (void)state;
    span_write_plain_json(&json, span_build(&build, &arena), &arena);
    buf_append_char(&text, '\0');
    const char *expected =
        "\"attributes\":{\"small\":-5,\"large\":\"9223372036854775807\",\"whole\":2.0,"
        "\"half\":0.5,\"huge\":1e+21,\"nan\":\"NaN\",\"yes\":true,\"bytes\":\"AQI=\","
        "\"list\":[1,1.0,\"1\"],\"map\":{\"d\":2.0,\"none\":null},\"twice\":\"a\",\"twice\":\"b\"}";
    if (strstr((const char *)text.data, expected) == NULL) {
        fail_msg("%s", (const char *)text.data);
    }
    buf_deinit(&text);
    arena_deinit(&arena);
}

static void without_scratch_the_text_counts_as_failed(void **state)
{
    struct arena arena = ARENA_INIT(4096, 0);
    struct arena none = ARENA_INIT(16, 16);
    struct buf text = BUF_NULL;
    struct json json = JSON_INIT(&text);
    const struct span_build build = {
        .id = 1, .name = "x", .events = {{.name = "e", .attrs = {ATTR_TEXT("k", "v")}}}};
    (void)state;
    span_write_plain_json(&json, span_build(&build, &arena), &none);
    assert_true(text.failed);
    buf_deinit(&text);
    arena_deinit(&none);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bare_span_has_every_member),
        cmocka_unit_test(all_that_hangs_on_a_span_is_told),
        cmocka_unit_test(values_show_their_types),
        cmocka_unit_test(without_scratch_the_text_counts_as_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
