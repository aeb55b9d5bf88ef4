/* The tables of the whole program: sane, documented, and the sample configuration fits them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/table_check.h"
#include "config/text_file.h"
#include "daemon/settings.h"

static void every_table_is_sane(void **state)
{
    (void)state;
    struct buf flaws = BUF_NULL;
    size_t count = table_check(&settings_table, &flaws);
    buf_append_char(&flaws, '\0');
    assert_string_equal("", (const char *)flaws.data);
    assert_int_equal(0, count);
    buf_deinit(&flaws);
}

static void the_reference_page_is_current(void **state)
{
    (void)state;
    struct buf made = BUF_NULL;
    struct buf kept = BUF_NULL;
    struct text_file_flaw flaw;
    config_print_reference(&settings_table, &made);
    assert_int_equal(0, text_file_read(ASSERTD_SOURCE_DIR "/docs/configuration.md", &kept, &flaw));
    if (!bytes_equal(buf_bytes(&made), buf_bytes(&kept))) {
        fail_msg("run: assertd print-config --reference > docs/configuration.md");
    }
    buf_deinit(&made);
    buf_deinit(&kept);
}

static struct config *load(const char *file, struct problems *problems)
{
    struct config *config = NULL;
    const struct config_request request = {
        .file = file, .suites_path = "suites", .suites_dir_path = "suites_dir"};
    config_load(&config, &settings_table, &request, problems);
    return config;
}

static void assert_no_problems(const struct problems *problems)
{
    struct buf lines = BUF_NULL;
    problems_print(problems, &lines);
    buf_append_char(&lines, '\0');
    assert_string_equal("", (const char *)lines.data);
    buf_deinit(&lines);
}

static void the_defaults_load_without_a_word(void **state)
{
    (void)state;
    struct problems problems;
    problems_init(&problems);
    struct config *config = load(NULL, &problems);
    assert_no_problems(&problems);
    const struct settings *settings = config_root(config);
    assert_string_equal("127.0.0.1:4319", settings->admin.endpoint.text);
    config_free(config);
    problems_deinit(&problems);
}

static void the_sample_of_the_service_loads_without_a_word(void **state)
{
    (void)state;
    struct problems problems;
    problems_init(&problems);
    struct config *config = load(ASSERTD_SOURCE_DIR "/systemd/assertd.conf", &problems);
    assert_no_problems(&problems);
    const struct settings *settings = config_root(config);
    assert_int_equal(1, settings->suites.count);
    config_free(config);
    problems_deinit(&problems);
}

static void printed_settings_load_to_the_same(void **state)
{
    (void)state;
    struct problems problems;
    struct buf first = BUF_NULL;
    struct buf second = BUF_NULL;
    char path[] = "/tmp/assertd-settings-XXXXXX";
    problems_init(&problems);
    struct config *config = load(ASSERTD_SOURCE_DIR "/systemd/assertd.conf", &problems);
    config_print(config, &first);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    assert_int_equal(first.len, fwrite(first.data, 1, first.len, file));
    fclose(file);
    struct config *again = load(path, &problems);
    remove(path);
    assert_no_problems(&problems);
    config_print(again, &second);
    assert_true(bytes_equal(buf_bytes(&first), buf_bytes(&second)));
    config_free(config);
    config_free(again);
    buf_deinit(&first);
    buf_deinit(&second);
    problems_deinit(&problems);
}

static void bad_values_of_receivers_and_limits_are_refused(void **state)
{
#define GRPC "receivers.otlp.grpc."
    static const struct config_override rows[] = {
        {GRPC "max_concurrent_streams", "0"},
        {GRPC "max_concurrent_streams", "many"},
        {GRPC "keepalive.time", "-1s"},
        {GRPC "keepalive.timeout", "0s"},
        {GRPC "keepalive.min_time", "soon"},
        {GRPC "keepalive.max_connection_idle", "10ms"},
        {GRPC "keepalive.max_connection_age", "25h"},
        {GRPC "keepalive.max_connection_age_grace", "1"},
        {"receivers.otlp.http.cors.max_age", "25h"},
        {"receivers.otlp.http.cors.allowed_origins", "[ \"a\\nb\" ]"},
        {"receivers.otlp.http.cors.allowed_headers", "[ \"a\\nb\" ]"},
        {"limits.memory", "much"},
        {"limits.max_campaigns", "0"},
        {"limits.max_campaigns", "many"},
        {"thresholds.interval", "99ms"},
        {"thresholds.interval", "61m"},
        {"thresholds.interval", "often"},
        {"evidence.keep", "some"},
        {"evidence.passed", "61m"},
        {"evidence.passed_bytes", "-1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct problems problems;
        struct config *config = NULL;
        const struct config_request request = {.overrides = &rows[i],
                                               .override_count = 1,
                                               .suites_path = "suites",
                                               .suites_dir_path = "suites_dir"};
        problems_init(&problems);
        config_load(&config, &settings_table, &request, &problems);
        if (problems.count != 1) {
            fail_msg("row %zu", i);
        }
        config_free(config);
        problems_deinit(&problems);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_is_sane),
        cmocka_unit_test(the_reference_page_is_current),
        cmocka_unit_test(the_defaults_load_without_a_word),
        cmocka_unit_test(the_sample_of_the_service_loads_without_a_word),
        cmocka_unit_test(printed_settings_load_to_the_same),
        cmocka_unit_test(bad_values_of_receivers_and_limits_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
