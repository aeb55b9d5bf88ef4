/* Loading a file by a table: values, defaults, refusals, overrides, suite files, printing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "config/secret_name.h"
#include "config/table_check.h"
#include "tests/config/fixture.h"

struct refusal {
    const char *text, *lines;
};

static void check_refusals(void **state, const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_problems(*state, refusals[i].text, refusals[i].lines);
    }
}

#define CHECK_REFUSALS(state, table)                                                               \
    check_refusals((state), (table), sizeof(table) / sizeof(table)[0])

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

static void variables_expand_in_texts_and_are_checked_by_type(void **state)
{
    struct outcome outcome =
        assert_loads(*state, "workers = \"${env:WORKERS}\"; name = "
                             "\"a-${env:HOST}-$$-$x-${env:NOPE:-d}${env:EMPTY:-e}\";\n"
                             "tags = [ \"${env:NASTY}\" ]; labels = { host = \"${env:HOST}\"; };\n"
                             "enabled = \"${env:NOPE:-false}\";");
    assert_int_equal(3, outcome.settings->workers);
    assert_false(outcome.settings->enabled);
    assert_string_equal("a-example-$-$x-de", outcome.settings->name.text);
    assert_string_equal("\"; a = 1", outcome.settings->tags.items[0].text);
    assert_string_equal("example", outcome.settings->labels.items[0].value.text);
    config_free(outcome.config);
    static const struct refusal refusals[] = {
        {"name = \"${env:NOPE}\";", "main.conf:1: name: the environment variable NOPE is not set: "
                                    "set it, or write ${env:NOPE:-default}\n"},
        {"name = \"${HOST}\";", "main.conf:1: name: ${HOST} names no variable: write ${env:NAME}, "
                                "${env:NAME:-default}, or $${ for the characters themselves\n"},
        {"name = \"${env:HOST\";", "main.conf:1: name: ${ has no }: write ${env:NAME}, or $${ for "
                                   "the characters themselves\n"},
        {"workers = \"${env:HOST}\";",
         "main.conf:1: workers: \"example\" is no whole number: write 4, for example\n"},
        {"timeout = \"${env:WORKERS}\";", "main.conf:1: timeout: \"3\" is no duration without a "
                                          "unit: write \"3s\" (units ns us ms s m h)\n"},
    };
    CHECK_REFUSALS(state, refusals);
}

static void overrides_are_checked_like_the_file(void **state)
{
    const struct config_override good[] = {
        {"workers", "8"},
        {"enabled", "false"},
        {"server.idle", "3s"},
        {"sink.brokers", "b"},
        {"labels.release", "2"},
        {"tags", "[ \"p\", \"q\" ]"},
        {"suites[0].name", "new"},
        {"suites[1].name", "second"},
        {"suites[0].rules[0].assert", "count = 1"},
        {"factor", "2.5"},
        {NULL, NULL},
    };
    struct outcome outcome = load_with(
        *state, "workers = 2; suites = ( { name = \"old\"; rules = ( { name = \"r\"; } ); } );",
        good, NULL);
    assert_string_equal("", outcome.text);
    assert_int_equal(8, outcome.settings->workers);
    assert_false(outcome.settings->enabled);
    assert_int_equal(3000000000, outcome.settings->server.idle_ns);
    assert_true(outcome.settings->sink.set);
    assert_string_equal("2", outcome.settings->labels.items[0].value.text);
    assert_int_equal(2, outcome.settings->tags.count);
    assert_string_equal("q", outcome.settings->tags.items[1].text);
    assert_true(outcome.settings->factor == 2.5);
    assert_int_equal(2, outcome.settings->suites.count);
    assert_string_equal("new",
                        CONFIG_ITEM(outcome.settings->suites, struct suite_settings, 0)->name.text);
    assert_string_equal(
        "--set", CONFIG_ITEM(outcome.settings->suites, struct suite_settings, 0)->name.origin.file);
    assert_string_equal("second",
                        CONFIG_ITEM(outcome.settings->suites, struct suite_settings, 1)->name.text);
    config_free(outcome.config);
}

static void wrong_overrides_are_told(void **state)
{
    static const struct {
        struct config_override overrides[2];
        const char *lines;
    } refusals[] = {
        {{{"workers", "x"}}, "--set: workers: \"x\" is no whole number: write 4, for example\n"},
        {{{"workers", "99"}}, "--set: workers: 99 is out of range: write 0 to 64\n"},
        {{{"worker", "1"}}, "--set: worker: worker is not known, did you mean workers?\n"},
        {{{"server.idl", "1s"}}, "--set: server.idl: idl is not known, did you mean idle?\n"},
        {{{"server", "1"}}, "--set: server: is a group: name one of its settings behind a dot\n"},
        {{{"workers.x", "1"}},
         "--set: workers.x: goes too deep: this option has nothing below it\n"},
        {{{"suites[2].name", "1"}},
         "--set: suites[2].name: the list has 0 items: the next one is [0]\n"},
        {{{"suites[x].name", "1"}}, "--set: suites[x].name: names a list: write NAME[0].SETTING\n"},
        {{{"labels.1", "1"}},
         "--set: labels.1: is no path: a name begins with a letter and holds letters, digits, - "
         "and _\n"},
        {{{"tags", "[ 1"}}, "--set:1: tags[0]: the [ that opens here is never closed: write ]\n"},
        {{{"", "1"}}, "--set:  is not known\n"},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct outcome outcome = load_with(*state, "", refusals[i].overrides, NULL);
        assert_string_equal(refusals[i].lines, outcome.text);
        assert_int_equal(1, outcome.rc);
    }
}

static void suites_come_from_the_file_the_folder_and_the_command_line(void **state)
{
    folder_write(*state, "suites.d/b.conf", "name = \"b\"; rules = ( );");
    folder_write(*state, "suites.d/a.conf",
                 "suites = ( { name = \"a1\"; },\n { name = \"a2\"; } );");
    folder_write(*state, "suites.d/.hidden.conf", "nonsense");
    folder_write(*state, "suites.d/readme.txt", "nonsense");
    folder_write(*state, "sub/inc.conf", "name = \"included\";");
    folder_write(*state, "sub/c.conf", "@include \"inc.conf\"\n");
    char path[256];
    snprintf(path, sizeof path, "%s", folder_path(*state, "sub/c.conf"));
    struct outcome outcome =
        load_with(*state, "suites_dir = \"suites.d\"; suites = ( { name = \"own\"; } );", NULL,
                  (const char *const[]){path, NULL});
    assert_string_equal("", outcome.text);
    static const char *const names[] = {"own", "a1", "a2", "b", "included"};
    assert_int_equal(5, outcome.settings->suites.count);
    for (size_t i = 0; i < 5; i++) {
        const struct suite_settings *suite =
            CONFIG_ITEM(outcome.settings->suites, struct suite_settings, i);
        assert_string_equal(names[i], suite->name.text);
    }
    const struct suite_settings *second =
        CONFIG_ITEM(outcome.settings->suites, struct suite_settings, 2);
    assert_int_equal(2, second->origin.line);
    assert_string_equal(folder_path(*state, "suites.d/a.conf"), second->origin.file);
    const struct suite_settings *included =
        CONFIG_ITEM(outcome.settings->suites, struct suite_settings, 4);
    assert_string_equal(folder_path(*state, "sub/inc.conf"), included->name.origin.file);
    config_free(outcome.config);
}

static void wrong_suite_files_are_told_together(void **state)
{
    folder_write(*state, "suites.d/a.conf", "name = \"a;");
    folder_write(*state, "suites.d/b.conf", "suites = ( { name = \"b\"; } );\nname = \"x\";");
    folder_write(*state, "suites.d/c.conf", "");
    folder_write(*state, "suites.d/d.conf", "suites = 5;");
    folder_write(*state, "suites.d/e.conf", "nam = \"e\";");
    assert_problems(
        *state, "suites_dir = \"suites.d\";",
        "suites.d/a.conf:1: name: the quote that opens here is not closed in this line: write \" "
        "at the end of the text\n"
        "suites.d/b.conf:2: name: stands beside a list of suites: move it into one of them\n"
        "suites.d/c.conf:1: holds no suite: write name = \"...\"; assertions = ( ... );\n"
        "suites.d/d.conf:1: suites: must be a list of groups: write ( { ... }, { ... } )\n"
        "suites.d/e.conf:1: suites[1].name: is missing: it must be given\n"
        "suites.d/e.conf:1: suites[1].nam: is not known, did you mean name?\n");
    assert_problems(*state, "\nsuites_dir = \"none.d\";",
                    "main.conf:2: suites_dir: none.d cannot be read: No such file or directory\n");
    assert_problems(*state, "suites_dir = \"${env:NOPE}\";",
                    "main.conf:1: suites_dir: the environment variable NOPE is not set: set it, or "
                    "write ${env:NOPE:-default}\n");
}

static char *printed(const struct config *config)
{
    struct buf out = BUF_NULL;
    config_print(config, &out);
    assert_false(out.failed);
    buf_append_char(&out, '\0');
    return (char *)buf_take(&out, &(size_t){0});
}

static void printing_gives_a_text_that_loads_to_the_same(void **state)
{
    struct outcome first = assert_loads(
        *state, "name = \"q\\\" \\x82 b\\\\ \\x01 \\n $$ $${env:X} \\\\d\"; tags = [ ]; factor = "
                "1e30; workers = 7;\n"
                "timeout = \"1234567ns\"; memory = \"1000000B\"; share = 5e-8; level = \"debug\";\n"
                "labels = { a = \"$$\"; b = 5000000000L; c = 2.0; d = true; e = -7; };\n"
                "sink = { brokers = \"b\"; }; endpoint = \"\";\n"
                "suites = ( { name = \"s\"; rules = ( { name = \"r\"; assert = \"$a$$ = '\\\"'\"; "
                "tolerance = \"1%\"; }, { name = \"q\"; } ); }, { name = \"t\"; } );");
    char *text = printed(first.config);
    struct outcome second = assert_loads(*state, text);
    char *again = printed(second.config);
    assert_string_equal(text, again);
    assert_string_equal(first.settings->name.text, second.settings->name.text);
    assert_int_equal(0, second.settings->tags.count);
    assert_true(second.settings->factor == 1e30);
    assert_int_equal(CONFIG_PAIR_NUMBER, second.settings->labels.items[2].type);
    assert_string_equal(
        "$a$$ = '\"'",
        CONFIG_ITEM(CONFIG_ITEM(second.settings->suites, struct suite_settings, 0)->rules,
                    struct rule_settings, 0)
            ->conditions.items[0]
            .text);
    free(text);
    free(again);
    config_free(first.config);
    config_free(second.config);
}

static void the_defaults_are_printed_too(void **state)
{
    struct outcome outcome = assert_loads(*state, "");
    char *text = printed(outcome.config);
    assert_string_equal("enabled = true;\n"
                        "workers = 1;\n"
                        "factor = 1.5;\n"
                        "tags = [ \"none\" ];\n"
                        "timeout = \"5s\";\n"
                        "memory = \"64MiB\";\n"
                        "level = \"info\";\n"
                        "share = 0.001;\n"
                        "endpoint = \"127.0.0.1:0\";\n"
                        "server = {\n"
                        "    header = \"x\";\n"
                        "    idle = \"10s\";\n"
                        "};\n",
                        text);
    free(text);
    config_free(outcome.config);
}

static void secrets_are_never_printed(void **state)
{
    struct outcome outcome = assert_loads(
        *state, "name = \"http://user:hunter2@host:1/x\"; sink = { brokers = \"b\"; password = "
                "\"${env:SECRET}\"; properties = [ \"sasl.password=s3cret\", \"s3cret\", "
                "\"compression.type=lz4\", \"ssl.key.location=/k.pem\", "
                "\"proxy=http://u:hunter2@h\" ]; };");
    char *text = printed(outcome.config);
    assert_null(strstr(text, "s3cret"));
    assert_null(strstr(text, "hunter2"));
    assert_non_null(strstr(text, "name = \"http://user:********@host:1/x\";\n"));
    assert_non_null(strstr(text, "    password = \"********\";\n    properties = [ "
                                 "\"sasl.password=********\", \"********\", "
                                 "\"compression.type=lz4\", \"ssl.key.location=/k.pem\", "
                                 "\"proxy=http://u:********@h\" ];\n"));
    free(text);
    config_free(outcome.config);
}

static void names_tell_of_secrets(void **state)
{
    static const char *const secret[] = {"sasl.password",
                                         "ssl.key.password",
                                         "ssl.keystore.password",
                                         "SASL.OAUTHBEARER.CLIENT.SECRET",
                                         "ssl.key.pem",
                                         "api_key",
                                         "bearer-token",
                                         "sasl.jaas.config",
                                         "aws.credentials",
                                         "authorization",
                                         "pwd"};
    static const char *const plain[] = {"compression.type",  "client.id",       "ssl.key.location",
                                        "sasl.username",     "sasl.mechanism",  "acks",
                                        "security.protocol", "ssl.ca.location", ""};
    char long_name[300];
    (void)state;
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++) {
        assert_true(secret_name(bytes_of(secret[i])));
    }
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        assert_false(secret_name(bytes_of(plain[i])));
    }
    memset(long_name, 'a', sizeof long_name);
    assert_true(secret_name(bytes_from(long_name, sizeof long_name)));
}

static void the_reference_is_made_of_the_table(void **state)
{
    (void)state;
    struct buf out = BUF_NULL;
    config_print_reference(&settings_table, &out);
    buf_append_char(&out, '\0');
    const char *text = (const char *)out.data;
    assert_non_null(
        strstr(text, "## assertd\n\n| option | type | default | range | description |\n"));
    assert_non_null(strstr(text, "| `name` | text |  |  | A \\| name. |\n"));
    assert_non_null(strstr(text, "| `timeout` | duration | `5s` | 1ms to 1h | How long. |\n"));
    assert_non_null(strstr(
        text, "| `level` | choice | `info` | \"debug\", \"info\" or \"warn\" | How loud. |\n"));
    assert_non_null(strstr(
        text,
        "| `password` | text |  |  | The password. Secret: masked wherever it is printed. |\n"));
    assert_non_null(strstr(text, "## `suites[].rules[]`: a rule\n"));
    assert_non_null(strstr(text, "| `brokers` | text | required |  | Where to. |\n"));
    buf_deinit(&out);
}

static void a_secret_is_the_first_line_of_its_file(void **state)
{
    struct problems problems;
    struct buf secret = BUF_NULL;
    struct buf lines = BUF_NULL;
    const struct config_origin origin = {"f.conf", 3};
    problems_init(&problems);
    folder_write(*state, "secret", "s3cret\r\nmore\n");
    assert_int_equal(0, chmod(folder_path(*state, "secret"), 0640));
    assert_int_equal(0, config_read_secret(folder_path(*state, "secret"), origin, "token_file",
                                           &problems, &secret));
    assert_true(bytes_is(buf_bytes(&secret), "s3cret"));
    folder_write(*state, "open", "s3cret\n");
    assert_int_equal(0, chmod(folder_path(*state, "open"), 0644));
    buf_reset(&secret);
    assert_int_equal(0, config_read_secret(folder_path(*state, "open"), origin, "token_file",
                                           &problems, &secret));
    assert_int_equal(0, problems.errors);
    folder_write(*state, "empty", "\n");
    assert_int_equal(1, config_read_secret(folder_path(*state, "empty"), origin, "token_file",
                                           &problems, &secret));
    assert_int_equal(1, config_read_secret("/no/such", origin, "token_file", &problems, &secret));
    problems_print(&problems, &lines);
    buf_append_char(&lines, '\0');
    assert_non_null(strstr(
        (char *)lines.data,
        "f.conf:3: token_file: the file /no/such cannot be read: No such file or directory\n"));
    assert_non_null(strstr((char *)lines.data, "empty holds no secret in its first line\n"));
    assert_non_null(strstr((char *)lines.data, "open: chmod o-r\n"));
    assert_null(strstr((char *)lines.data, "secret: chmod o-r\n"));
    buf_deinit(&secret);
    buf_deinit(&lines);
    problems_deinit(&problems);
}

static void problems_are_printed_in_order_escaped_and_as_json(void **state)
{
    (void)state;
    struct problems problems;
    struct buf out = BUF_NULL;
    problems_init(&problems);
    problems_add(&problems, (struct config_origin){"b.conf", 2}, "x", "second");
    problems_add_at(&problems, (struct config_origin){"a.conf", 9}, "s[0].assert", 7, "no \"%s\"",
                    "a\033b");
    problems_advise(&problems, (struct config_origin){"a.conf", 2}, "", "advice");
    problems_add(&problems, CONFIG_ORIGIN_NONE, "y", "from nowhere");
    assert_int_equal(3, problems.errors);
    problems_print(&problems, &out);
    assert_true(bytes_is(buf_bytes(&out), "y: from nowhere\n"
                                          "a.conf:2: warning: advice\n"
                                          "a.conf:9: s[0].assert: byte 7: no \"a\\x1bb\"\n"
                                          "b.conf:2: x: second\n"));
    buf_reset(&out);
    problems_print_json(&problems, &out);
    assert_true(bytes_start_with(
        buf_bytes(&out),
        BYTES_LITERAL("[{\"file\":null,\"line\":0,\"path\":\"y\",\"byte\":0,\"severity\":\"error\","
                      "\"text\":\"from nowhere\"},{\"file\":\"a.conf\",\"line\":2,")));
    assert_true(bytes_contain(
        buf_bytes(&out),
        BYTES_LITERAL("\"byte\":7,\"severity\":\"error\",\"text\":\"no \\\"a\\u001bb\\\"\"")));
    buf_deinit(&out);
    problems_deinit(&problems);
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
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fixture_table_is_sane),
        cmocka_unit_test(a_table_with_flaws_is_told_all_of_them),
        IN_FOLDER(an_empty_file_gives_the_defaults),
        IN_FOLDER(every_type_is_read_with_its_origin),
        IN_FOLDER(wrong_types_say_what_was_found_and_what_to_write),
        IN_FOLDER(values_out_of_range_are_refused),
        IN_FOLDER(all_problems_are_told_in_one_run),
        IN_FOLDER(settings_with_harmless_problems_can_be_looked_at_further),
        IN_FOLDER(variables_expand_in_texts_and_are_checked_by_type),
        IN_FOLDER(overrides_are_checked_like_the_file),
        IN_FOLDER(wrong_overrides_are_told),
        IN_FOLDER(suites_come_from_the_file_the_folder_and_the_command_line),
        IN_FOLDER(wrong_suite_files_are_told_together),
        IN_FOLDER(printing_gives_a_text_that_loads_to_the_same),
        IN_FOLDER(the_defaults_are_printed_too),
        cmocka_unit_test(names_tell_of_secrets),
        IN_FOLDER(secrets_are_never_printed),
        cmocka_unit_test(the_reference_is_made_of_the_table),
        IN_FOLDER(a_secret_is_the_first_line_of_its_file),
        cmocka_unit_test(problems_are_printed_in_order_escaped_and_as_json),
        IN_FOLDER(loading_survives_every_allocation_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
