/* The exposition format: what scrapers read must not be broken by what peers wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exporters/prometheus.h"

static const struct prometheus_family family = {"assertd_things_total", "Things, by kind.",
                                                PROMETHEUS_COUNTER};

static void assert_text(struct buf *out, const char *expected)
{
    buf_append_char(out, '\0');
    assert_string_equal(expected, (const char *)out->data);
    buf_deinit(out);
}

static void a_family_has_help_and_type_once(void **state)
{
    struct buf out = BUF_NULL;
    (void)state;
    prometheus_begin(&out, &family);
    prometheus_number(&out, &family, PROMETHEUS_NO_LABELS, UINT64_MAX);
    assert_text(&out, "# HELP assertd_things_total Things, by kind.\n"
                      "# TYPE assertd_things_total counter\n"
                      "assertd_things_total 18446744073709551615\n");
}

static void labels_stand_in_braces(void **state)
{
    const struct prometheus_label labels[] = {{"a", BYTES_LITERAL("x")}, {"b", BYTES_LITERAL("")}};
    struct buf out = BUF_NULL;
    (void)state;
    prometheus_number(&out, &family, (struct prometheus_labels){labels, 2}, 0);
    assert_text(&out, "assertd_things_total{a=\"x\",b=\"\"} 0\n");
}

static void hostile_label_values_are_escaped_and_mended(void **state)
{
    const struct prometheus_label labels[] = {
        {"agent", BYTES_LITERAL("\"} 1\nassertd_ready 0\\\xff\xc3\xa9")}};
    struct buf out = BUF_NULL;
    (void)state;
    prometheus_number(&out, &family, (struct prometheus_labels){labels, 1}, 7);
    assert_text(&out, "assertd_things_total{agent=\"\\\"} 1\\nassertd_ready "
                      "0\\\\\xef\xbf\xbd\xc3\xa9\"} 7\n");
}

static void seconds_are_exact(void **state)
{
    struct buf out = BUF_NULL;
    (void)state;
    prometheus_seconds(&out, &family, PROMETHEUS_NO_LABELS, UINT64_C(12000000034));
    prometheus_seconds(&out, &family, PROMETHEUS_NO_LABELS, 0);
    assert_text(&out, "assertd_things_total 12.000000034\nassertd_things_total 0.000000000\n");
}

static void a_histogram_adds_up(void **state)
{
    static const struct prometheus_family delays = {"assertd_delay_seconds", "Delays.",
                                                    PROMETHEUS_HISTOGRAM};
    const struct prometheus_class classes[] = {{100000, 2}, {1000000000, 0}, {UINT64_MAX, 3}};
    struct buf out = BUF_NULL;
    (void)state;
    prometheus_begin(&out, &delays);
    const struct prometheus_delays counted = {classes, 3, 1500000000};
    prometheus_histogram(&out, &delays, PROMETHEUS_NO_LABELS, &counted);
    assert_text(&out, "# HELP assertd_delay_seconds Delays.\n"
                      "# TYPE assertd_delay_seconds histogram\n"
                      "assertd_delay_seconds_bucket{le=\"0.000100000\"} 2\n"
                      "assertd_delay_seconds_bucket{le=\"1.000000000\"} 2\n"
                      "assertd_delay_seconds_bucket{le=\"+Inf\"} 5\n"
                      "assertd_delay_seconds_sum 1.500000000\n"
                      "assertd_delay_seconds_count 5\n");
}

static void a_histogram_may_have_labels(void **state)
{
    static const struct prometheus_family delays = {"assertd_delay_seconds", "Delays.",
                                                    PROMETHEUS_HISTOGRAM};
    const struct prometheus_class classes[] = {{100000, 2}, {UINT64_MAX, 3}};
    const struct prometheus_delays counted = {classes, 2, 1500000000};
    const struct prometheus_label label = {"ring", BYTES_LITERAL("workers")};
    struct buf out = BUF_NULL;
    (void)state;
    prometheus_histogram(&out, &delays, (struct prometheus_labels){&label, 1}, &counted);
    assert_text(&out, "assertd_delay_seconds_bucket{ring=\"workers\",le=\"0.000100000\"} 2\n"
                      "assertd_delay_seconds_bucket{ring=\"workers\",le=\"+Inf\"} 5\n"
                      "assertd_delay_seconds_sum{ring=\"workers\"} 1.500000000\n"
                      "assertd_delay_seconds_count{ring=\"workers\"} 5\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_family_has_help_and_type_once),
        cmocka_unit_test(labels_stand_in_braces),
        cmocka_unit_test(hostile_label_values_are_escaped_and_mended),
        cmocka_unit_test(seconds_are_exact),
        cmocka_unit_test(a_histogram_adds_up),
        cmocka_unit_test(a_histogram_may_have_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
