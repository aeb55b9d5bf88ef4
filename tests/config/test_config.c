/* Loading a file by a table: values, defaults, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "config/table_check.h"
#include "tests/config/fixture.h"

static void the_fixture_table_is_sane(void **state)
{
    (void)state;
    struct buf flaws = BUF_NULL;
    assert_int_equal(0, table_check(&settings_table, &flaws));
    assert_int_equal(0, flaws.len);
    buf_deinit(&flaws);
}

static void a_table_with_flaws_is_told_all_of_them(void **state)
{
    (void)state;
    static const struct option options[] = {
        {"a.b", OPTION_INT, 0, .default_text = "x", .min = 2, .max = 1},
        {"c", OPTION_CHOICE, 4, .description = "d"},
        {"c", OPTION_BOOL, 80, .default_text = "true", .flags = OPTION_SECRET | OPTION_REQUIRED,
         .description = "d"},
        {"g", OPTION_GROUP, 8, .description = "d"},
        {"e", OPTION_ENDPOINT, 16, .default_text = "nowhere", .description = "d"},
    };
    static const struct option_table table = {"bad", options, 5, 64, SIZE_MAX, SIZE_MAX};
    struct buf flaws = BUF_NULL;
    size_t count = table_check(&table, &flaws);
    buf_append_char(&flaws, '\0');
    assert_string_equal("bad: a.b: libconfig cannot hold the name\n"
                        "bad: a.b: the description is missing\n"
                        "bad: a.b: the range is the wrong way round\n"
                        "bad: a.b: the default cannot be taken\n"
                        "bad: c: a choice has words, nothing else has\n"
                        "bad: c: the field overlaps another one\n"
                        "bad: c: only texts can be secret, an expression, one line\n"
                        "bad: c: the field lies outside the struct\n"
                        "bad: c: the name stands twice\n"
                        "bad: c: a required option has a default\n"
                        "bad: g: a group has a table, nothing else has\n"
                        "bad: e: the default cannot be taken\n",
                        (const char *)flaws.data);
    assert_int_equal(12, count);
    buf_deinit(&flaws);
}

static void an_empty_file_gives_the_defaults(void **state)
{
    struct outcome outcome = assert_loads(*state, "");
    const struct settings *settings = outcome.settings;
    assert_true(settings->enabled);
    assert_int_equal(1, settings->workers);
    assert_true(settings->factor == 1.5);
    assert_null(settings->name.text);
    assert_int_equal(1, settings->tags.count);
    assert_string_equal("none", settings->tags.items[0].text);
    assert_int_equal(5000000000, settings->timeout_ns);
    assert_int_equal(64 << 20, settings->memory_bytes);
    assert_int_equal(1, settings->level);
    assert_true(settings->share == 0.001);
    assert_string_equal("127.0.0.1:0", settings->endpoint.text);
    assert_null(settings->endpoint.origin.file);
    assert_string_equal("x", settings->server.header.text);
    assert_int_equal(10000000000, settings->server.idle_ns);
    assert_false(settings->sink.set);
    assert_int_equal(0, settings->labels.count);
    assert_int_equal(0, settings->suites.count);
    config_free(outcome.config);
}

static void every_type_is_read_with_its_origin(void **state)
{
    struct outcome outcome = assert_loads(
        *state,
        "enabled = false; workers = 0x10L; factor = 2\n"
        "name : \"a \\\"b\\\" \\d\";\n"
        "tags = [ \"x\",\n \"y\"\n ]; timeout = \"1.5ms\"; memory = \"2KiB\";\n"
        "level = \"warn\"; share = \"5%\"; endpoint = \"[::1]:4317\";\n"
        "server =\n{ header = \"h\"; };\n"
        "sink = { brokers = \"b\"; };\n"
        "labels = { release = \"1.4\"; build = 7; ratio = 2.0; on = true; big = 5000000000L; };\n"
        "suites = (\n { name = \"s\";\n rules = ( { name = \"r\"; assert = \"$a.b = ${env:X}\"; } "
        "); } );\n");
    const struct settings *settings = outcome.settings;
    assert_false(settings->enabled);
    assert_int_equal(16, settings->workers);
    assert_true(settings->factor == 2.0);
    assert_string_equal("a \"b\" \\d", settings->name.text);
    assert_int_equal(2, settings->name.origin.line);
    assert_int_equal(2, settings->tags.count);
    assert_int_equal(3, settings->tags.items[0].origin.line);
    assert_int_equal(4, settings->tags.items[1].origin.line);
    assert_int_equal(1500000, settings->timeout_ns);
    assert_int_equal(2048, settings->memory_bytes);
    assert_int_equal(2, settings->level);
    assert_true(settings->share == 0.05);
    assert_string_equal("[::1]:4317", settings->endpoint.text);
    assert_int_equal(7, settings->server.origin.line);
    assert_true(settings->sink.set);
    assert_int_equal(5, settings->labels.count);
    assert_string_equal("ratio", settings->labels.items[2].name);
    assert_string_equal("2", settings->labels.items[2].value.text);
    assert_int_equal(CONFIG_PAIR_NUMBER, settings->labels.items[2].type);
    assert_int_equal(CONFIG_PAIR_INT, settings->labels.items[1].type);
    assert_string_equal("true", settings->labels.items[3].value.text);
    const struct suite_settings *suite = CONFIG_ITEM(settings->suites, struct suite_settings, 0);
    assert_int_equal(12, suite->origin.line);
    assert_string_equal(folder_path(*state, "main.conf"), suite->origin.file);
    const struct rule_settings *rule = CONFIG_ITEM(suite->rules, struct rule_settings, 0);
    assert_string_equal("$a.b = ${env:X}", rule->conditions.items[0].text);
    assert_int_equal(13, rule->conditions.items[0].origin.line);
    config_free(outcome.config);
}

static void wrong_types_say_what_was_found_and_what_to_write(void **state)
{
    static const struct refusal refusals[] = {
        {"enabled = 1;", "main.conf:1: enabled: a whole number was found where there must be true "
                         "or false: write true\n"},
        {"workers = \"4\";", "main.conf:1: workers: a text was found where there must be a whole "
                             "number: write 4, without quotes\n"},
        {"workers = 1.5;", "main.conf:1: workers: a number with decimals was found where there "
                           "must be a whole number: write 4, without quotes\n"},
        {"factor = true;", "main.conf:1: factor: true or false was found where there must be a "
                           "number: write 1.5, without quotes\n"},
        {"name = 5;", "main.conf:1: name: a whole number was found where there must be a text: "
                      "write it in double quotes\n"},
        {"tags = { };", "main.conf:1: tags: a group was found where there must be a text or a list "
                        "of texts: write \"...\" or [ \"...\", \"...\" ]\n"},
        {"tags = [ 1 ];", "main.conf:1: tags[0]: a whole number was found where there must be a "
                          "text: write it in double quotes\n"},
        {"timeout = 10;", "main.conf:1: timeout: 10 has no unit: write \"10s\"\n"},
        {"timeout = 1.5;", "main.conf:1: timeout: a number with decimals was found where there "
                           "must be a duration: write \"10s\", with quotes and unit\n"},
        {"memory = 67108864;", "main.conf:1: memory: 67108864 has no unit: write \"64MiB\"\n"},
        {"memory = 1000;", "main.conf:1: memory: 1000 has no unit: write \"1000B\"\n"},
        {"level = 2;", "main.conf:1: level: a whole number was found where there must be a word: "
                       "write one of \"debug\", \"info\" or \"warn\"\n"},
        {"share = true;", "main.conf:1: share: true or false was found where there must be a "
                          "share: write \"0.1%\" or 0.001\n"},
        {"endpoint = 4317;", "main.conf:1: endpoint: a whole number was found where there must be "
                             "an endpoint: write \"HOST:PORT\"\n"},
        {"server = \"x\";",
         "main.conf:1: server: a text was found where there must be a group: write { ... }\n"},
        {"suites = { };", "main.conf:1: suites: a group was found where there must be a list of "
                          "groups: write ( { ... }, { ... } )\n"},
        {"suites = ( 1 );", "main.conf:1: suites[0]: a whole number was found where there must be "
                            "a group: write { ... }\n"},
        {"labels = \"x\";", "main.conf:1: labels: a text was found where there must be a group of "
                            "names and values: write { name = \"value\"; }\n"},
        {"labels = { a = ( ); };", "main.conf:1: labels.a: a list was found where there must be a "
                                   "text or a number: write \"...\"\n"},
    };
    CHECK_REFUSALS(state, refusals);
}

static void values_out_of_range_are_refused(void **state)
{
    static const struct refusal refusals[] = {
        {"workers = 65;", "main.conf:1: workers: 65 is out of range: write 0 to 64\n"},
        {"workers = -1;", "main.conf:1: workers: -1 is out of range: write 0 to 64\n"},
        {"factor = 0.5;", "main.conf:1: factor: 0.5 is out of range: write at least 1\n"},
        {"timeout = \"2h\";", "main.conf:1: timeout: 7200s is out of range: write 1ms to 1h\n"},
        {"timeout = \"-1s\";",
         "main.conf:1: timeout: \"-1s\" is negative: write \"10s\", for example\n"},
        {"timeout = \"10\";", "main.conf:1: timeout: \"10\" is no duration without a unit: write "
                              "\"10s\" (units ns us ms s m h)\n"},
        {"timeout = \"soon\";", "main.conf:1: timeout: \"soon\" is no duration: write \"10s\", for "
                                "example (units ns us ms s m h)\n"},
        {"timeout = \"999999999999h\";",
         "main.conf:1: timeout: \"999999999999h\" is longer than 292 years\n"},
        {"memory = \"1B\";", "main.conf:1: memory: 1 is out of range: write 1KiB to 1024GiB\n"},
        {"memory = \"lots\";", "main.conf:1: memory: \"lots\" is no size: write \"64MiB\", for "
                               "example (units B kB MB GB KiB MiB GiB)\n"},
        {"level = \"infos\";", "main.conf:1: level: \"infos\" is not known, did you mean \"info\"? "
                               "Write \"debug\", \"info\" or \"warn\"\n"},
        {"level = \"zzzzzz\";",
         "main.conf:1: level: \"zzzzzz\" is not known: write \"debug\", \"info\" or \"warn\"\n"},
        {"share = 1.5;", "main.conf:1: share: 1.5 is out of range: write 0 to 1\n"},
        {"share = \"150%\";", "main.conf:1: share: 1.5 is out of range: write 0 to 1\n"},
        {"share = \"most\";",
         "main.conf:1: share: \"most\" is no share: write \"0.1%\" or 0.001, for example\n"},
        {"endpoint = \"localhost\";", "main.conf:1: endpoint: \"localhost\" is no endpoint: write "
                                      "HOST:PORT, for example \"127.0.0.1:4317\"\n"},
        {"endpoint = \"http://a:1\";", "main.conf:1: endpoint: \"http://a:1\" is a URL: write "
                                       "HOST:PORT, for example \"127.0.0.1:4317\"\n"},
        {"endpoint = \":4317\";",
         "main.conf:1: endpoint: \":4317\" is no endpoint without a host: write "
         "\"127.0.0.1:4317\", or \"0.0.0.0:4317\" for all addresses\n"},
        {"endpoint = \"a:65536\";", "main.conf:1: endpoint: \"a:65536\" is no endpoint: the port "
                                    "behind the last : is a number of 0 to 65535\n"},
        {"endpoint = \"::1:4317\";", "main.conf:1: endpoint: \"::1:4317\" is no endpoint: an IPv6 "
                                     "address stands in brackets, for example \"[::1]:4317\"\n"},
        {"endpoint = \"a b:1\";", "main.conf:1: endpoint: \"a b:1\" is no endpoint: write "
                                  "HOST:PORT without blanks and slashes\n"},
        {"server = { header = \"a\\r\\nb\"; };",
         "main.conf:1: server.header: a line break or control character is not allowed here: "
         "remove it\n"},
    };
    CHECK_REFUSALS(state, refusals);
}

static void all_problems_are_told_in_one_run(void **state)
{
    assert_problems(
        *state,
        "worker = 2;\n"
        "timeout = 10;\n"
        "sink = {\n properties = 1; };\n"
        "suites = ( { rules = ( { name = \"r\"; asert = \"x\"; tolerance = 2; } ); } );\n"
        "qqqqqqqqq = 1;",
        "main.conf:1: worker: is not known, did you mean workers?\n"
        "main.conf:2: timeout: 10 has no unit: write \"10s\"\n"
        "main.conf:3: sink.brokers: is missing: it must be given\n"
        "main.conf:4: sink.properties: a whole number was found where there must be a text or a "
        "list of texts: write \"...\" or [ \"...\", \"...\" ]\n"
        "main.conf:5: suites[0].name: is missing: it must be given\n"
        "main.conf:5: suites[0].rules[0].tolerance: 2 is out of range: write 0 to 1\n"
        "main.conf:5: suites[0].rules[0].asert: is not known, did you mean assert?\n"
        "main.conf:6: qqqqqqqqq: is not known, this group has: enabled, workers, factor, name, "
        "tags, timeout, memory, level, share, endpoint, server, sink, labels, suites_dir, "
        "suites\n");
}

static struct config *load_usable(const struct folder *folder, const char *text)
{
    struct problems problems;
    struct config *config = NULL;
    char path[128];
    folder_write(folder, "usable.conf", text);
    snprintf(path, sizeof path, "%s/usable.conf", folder->path);
    problems_init(&problems);
    const struct config_request request = {.file = path, .keep_usable = true};
    assert_int_equal(1, config_load(&config, &settings_table, &request, &problems));
    problems_deinit(&problems);
    return config;
}

static void settings_with_harmless_problems_can_be_looked_at_further(void **state)
{
    struct config *config =
        load_usable(*state, "workers = 99; unknown = 1; level = \"loud\"; timeout = 10;\n"
                            "suites = ( { name = \"s\"; other = 2; } );");
    assert_non_null(config);
    const struct settings *settings = config_root(config);
    assert_int_equal(1, settings->workers);
    assert_int_equal(1, settings->level);
    assert_int_equal(5000000000, settings->timeout_ns);
    assert_string_equal("s", CONFIG_ITEM(settings->suites, struct suite_settings, 0)->name.text);
    config_free(config);
    static const char *const with_holes[] = {
        "name = 1;",
        "suites = ( { } );",
        "tags = [ 1 ];",
        "labels = { a = ( ); };",
        "suites = ( 1 );",
        "suites = { };",
        "server = 1;",
        "name = \"${env:NO_SUCH_X}\";",
        "suites = ( { name = \"x\"; rules = 1; } );",
        "name = \"x;",
    };
    for (size_t i = 0; i < sizeof with_holes / sizeof with_holes[0]; i++) {
        assert_null(load_usable(*state, with_holes[i]));
    }
}

/* The n-th allocation and all later ones fail. */
static size_t allocations_left;

static void *failing_malloc(size_t bytes)
{
    return allocations_left > 0 && allocations_left-- > 0 ? malloc(bytes) : NULL;
}

static void loading_survives_every_allocation_that_fails(void **state)
{
    folder_write(*state, "suites.d/a.conf",
                 "name = \"a\"; rules = ( { name = \"r\"; assert = [ \"x\", \"y\" ]; } );");
    const char *text =
        "suites_dir = \"suites.d\"; workers = 3; name = \"${env:HOST}\"; labels = { a = 1; };\n"
        "sink = { brokers = \"b\"; properties = [ \"p\" ]; };";
    const struct config_override overrides[] = {
        {"tags", "[ \"x\" ]"}, {"suites[0].name", "n"}, {NULL, NULL}};
    size_t n = 0;
    for (;; n++) {
        allocations_left = n;
        arena_set_malloc_for_tests(failing_malloc);
        struct outcome outcome = load_with(*state, text, overrides, NULL);
        arena_set_malloc_for_tests(NULL);
        config_free(outcome.config);
        if (outcome.rc == 0) {
            break;
        }
        assert_true(n < 1000);
    }
    assert_true(n > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fixture_table_is_sane),
        cmocka_unit_test(a_table_with_flaws_is_told_all_of_them),
        IN_FOLDER(an_empty_file_gives_the_defaults),
        IN_FOLDER(every_type_is_read_with_its_origin),
        IN_FOLDER(wrong_types_say_what_was_found_and_what_to_write),
        IN_FOLDER(values_out_of_range_are_refused),
        IN_FOLDER(all_problems_are_told_in_one_run),
        IN_FOLDER(settings_with_harmless_problems_can_be_looked_at_further),
        IN_FOLDER(loading_survives_every_allocation_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
