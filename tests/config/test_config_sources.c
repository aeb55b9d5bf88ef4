/* What settings come from beside the file: variables, overrides, suite files, secret files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/config/fixture.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(variables_expand_in_texts_and_are_checked_by_type),
        IN_FOLDER(overrides_are_checked_like_the_file),
        IN_FOLDER(wrong_overrides_are_told),
        IN_FOLDER(suites_come_from_the_file_the_folder_and_the_command_line),
        IN_FOLDER(wrong_suite_files_are_told_together),
        IN_FOLDER(a_secret_is_the_first_line_of_its_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
