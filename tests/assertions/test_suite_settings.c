/* Suites as they stand in a file: what the option tables read, with defaults, and what they refuse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assertions/suite_settings.h"
#include "config/config.h"
#include "daemon/core/clock.h"

struct settings {
    struct completion_settings completion;
    struct config_list suites;
};

static const struct option settings_options[] = {
    {.name = "completion",
     .type = OPTION_GROUP,
     .offset = offsetof(struct settings, completion),
     .group = &completion_table,
     .description = "Completion."},
    {.name = "suites",
     .type = OPTION_GROUPS,
     .offset = offsetof(struct settings, suites),
     .group = &suite_table,
     .description = "Suites."},
};
static const struct option_table settings_table = {.title = "settings",
                                                   .options = settings_options,
                                                   .count = 2,
                                                   .struct_bytes = sizeof(struct settings),
                                                   .origin_offset = SIZE_MAX,
                                                   .set_offset = SIZE_MAX};

/* Loads the text from a file of its own. */
static int load(const char *text, struct config **ret, struct problems *problems)
{
    char path[] = "/tmp/assertd-suite-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    problems_init(problems);
    struct config_request request = {.file = path};
    int r = config_load(ret, &settings_table, &request, problems);
    unlink(path);
    return r;
}

static void a_suite_is_read_with_its_defaults(void **state)
{
    (void)state;
    struct config *config;
    struct problems problems;
    assert_int_equal(load("suites = ( { name = \"s\"; assertions = ( { name = \"a\"; assert = "
                          "\"$x.start < 5s\"; } );\n"
                          " thresholds = ( { name = \"t\"; rule = \"count(fail) = 0\"; } ); } );",
                          &config, &problems),
                     0);
    assert_int_equal(problems.count, 0);
    const struct settings *settings = config_root(config);
    assert_int_equal(settings->completion.quiet_ns, 10 * NS_PER_S);
    assert_int_equal(settings->completion.deadline_ns, 60 * NS_PER_S);
    assert_int_equal(settings->completion.grace_ns, 5 * NS_PER_S);
    const struct suite_settings *suite =
        CONFIG_ITEM(settings->suites, const struct suite_settings, 0);
    assert_string_equal(suite->name.text, "s");
    assert_null(suite->traces.text);
    assert_int_equal(suite->evidence, EVIDENCE_STRICT);
    assert_false(suite->optional || suite->completion.set);
    assert_int_equal(suite->completion.deadline_ns, 0);
    const struct assertion_settings *assertion =
        CONFIG_ITEM(suite->assertions, const struct assertion_settings, 0);
    assert_int_equal(assertion->conditions.count, 1);
    assert_int_equal(assertion->severity, SEVERITY_ERROR);
    assert_true(assertion->tolerance == 0.0);
    const struct threshold_settings *threshold =
        CONFIG_ITEM(suite->thresholds, const struct threshold_settings, 0);
    assert_int_equal(threshold->min_samples, 0);
    assert_int_equal(threshold->rule.origin.line, 2);
    config_free(config);
    problems_deinit(&problems);
}

static void expressions_come_through_untouched(void **state)
{
    (void)state;
    struct config *config;
    struct problems problems;
    assert_int_equal(load("suites = ( { name = \"s\"; traces = \"span[a=~'^\\\\d+$' b='$$']\"; "
                          "spans = { x = \"span[a='${env:HOME}']\"; };\n"
                          " assertions = ( { name = \"a\"; assert = [ \"$injection.status = 200\", "
                          "\"$x.y = '$$'\" ]; } ); } );",
                          &config, &problems),
                     0);
    const struct settings *settings = config_root(config);
    const struct suite_settings *suite =
        CONFIG_ITEM(settings->suites, const struct suite_settings, 0);
    assert_string_equal(suite->traces.text, "span[a=~'^\\d+$' b='$$']");
    assert_string_equal(suite->spans.items[0].value.text, "span[a='${env:HOME}']");
    const struct assertion_settings *assertion =
        CONFIG_ITEM(suite->assertions, const struct assertion_settings, 0);
    assert_string_equal(assertion->conditions.items[0].text, "$injection.status = 200");
    assert_string_equal(assertion->conditions.items[1].text, "$x.y = '$$'");
    config_free(config);
    problems_deinit(&problems);
}

static void values_out_of_range_are_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "suites = ( { } );",
        "suites = ( { name = \"s\"; evidence = \"some\"; } );",
        "suites = ( { name = \"s\"; semconv_aliases = \"maybe\"; } );",
        "suites = ( { name = \"s\"; assertion = ( ); } );",
        "suites = ( { name = \"s\"; assertions = ( { name = \"a\"; } ); } );",
        "suites = ( { name = \"s\"; assertions = ( { name = \"a\"; assert = \"count = 1\"; "
        "tolerance = 1.5; } ); } );",
        "suites = ( { name = \"s\"; assertions = ( { name = \"a\"; assert = \"count = 1\"; "
        "severity = \"info\"; } ); } );",
        "suites = ( { name = \"s\"; assertions = ( { name = \"a\"; assert = 5; } ); } );",
        "suites = ( { name = \"s\"; thresholds = ( { name = \"t\"; } ); } );",
        "suites = ( { name = \"s\"; thresholds = ( { name = \"t\"; rule = \"x\"; min_samples = 0; "
        "} ); } );",
        "suites = ( { name = \"s\"; thresholds = ( { name = \"t\"; rule = \"x\"; over = \"10ms\"; "
        "} ); } );",
        "suites = ( { name = \"s\"; thresholds = ( { name = \"t\"; rule = \"x\"; over = 5; } ); } "
        ");",
        "suites = ( { name = \"s\"; thresholds = ( { name = \"t\"; rule = \"x\"; warmup = "
        "\"0s\"; } ); } );",
        "suites = ( { name = \"s\"; thresholds = ( { name = \"t\"; rule = \"x\"; by = 5; } ); } );",
        "suites = ( { name = \"s\"; thresholds = ( { name = \"t\"; rule = \"x\"; delay = 5; } ); } "
        ");",
        "suites = ( { name = \"s\"; thresholds = ( { name = \"t\"; rule = \"x\"; webhook = "
        "\"http://a\\nb\"; } ); } );",
        "suites = ( { name = \"s\"; stages = 5; } );",
        "suites = ( { name = \"s\"; baseline = 5; } );",
        "suites = ( { name = \"s\"; completion = { quiet = \"0s\"; }; } );",
        "completion = { deadline = \"0s\"; };",
        "completion = { grace = \"2h\"; };",
        "completion = { quiet = 5; };",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct config *config = NULL;
        struct problems problems;
        if (load(rows[i], &config, &problems) != 1 || problems.errors == 0) {
            fail_msg("accepted: %s", rows[i]);
        }
        problems_deinit(&problems);
    }
}

static const struct option_table *const tables[] = {&completion_table, &suite_table};

static void check_described(const struct option_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->options[i];
        assert_non_null(option->description);
        assert_int_equal(option->description[strlen(option->description) - 1], '.');
        assert_true(option->offset < table->struct_bytes);
        if (option->group != NULL) {
            check_described(option->group);
        }
    }
}

static void every_option_is_described_by_a_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        check_described(tables[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_suite_is_read_with_its_defaults),
        cmocka_unit_test(expressions_come_through_untouched),
        cmocka_unit_test(values_out_of_range_are_refused),
        cmocka_unit_test(every_option_is_described_by_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
