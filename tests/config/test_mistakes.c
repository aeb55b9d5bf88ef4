/* What people get wrong in a file, and the exact words that tell them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/config/fixture.h"

struct mistake {
    const char *text, *lines;
};

static int files_setup(void **state)
{
    folder_setup(state);
    folder_write(*state, "x.conf", "a = 1;\n");
    folder_write(*state, "loop.conf", "@include \"loop.conf\"\n");
    folder_write(*state, "half.conf", "server");
    return 0;
}

static void check_all(void **state, const struct mistake *mistakes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_problems(*state, mistakes[i].text, mistakes[i].lines);
    }
}

#define CHECK_ALL(state, table) check_all((state), (table), sizeof(table) / sizeof(table)[0])

static void quotes_are_explained(void **state)
{
    static const struct mistake mistakes[] = {
        {"name = \"x;\nworkers = 1;\nlevel = \"info\";\n",
         "main.conf:1: name: the quote that opens here is not closed in this line: write \" at the "
         "end of the text\n"},
        {"workers = 1;\nname = \"x;\n", "main.conf:2: name: the quote that opens here is not "
                                        "closed in this line: write \" at the end of the text\n"},
        {"name = \"span[name=\"x\"]\";", "main.conf:1: the text ends at the quote before x: for a "
                                         "quote inside a text write ' or \\\"\n"},
        {"name = \"count = \"1\"\";", "main.conf:1: the text ends at the quote before 1: for a "
                                      "quote inside a text write ' or \\\"\n"},
        {"name = 'x';",
         "main.conf:1: name: a text stands in double quotes, not in single ones: write \"...\"\n"},
        {"tags = [ \"a\n, \"b\" ];", "main.conf:1: tags: the quote that opens here is not closed "
                                     "in this line: write \" at the end of the text\n"},
    };
    CHECK_ALL(state, mistakes);
}

static void brackets_commas_and_comments_are_explained(void **state)
{
    static const struct mistake mistakes[] = {
        {"workers = 1 /* one\n",
         "main.conf:1: the comment that begins here has no end: write */ behind it\n"},
        {"server = { idle = \"1s\";\n",
         "main.conf:1: server: the { that opens here is never closed: write }\n"},
        {"suites = (\n{ name = \"a\"; }\n",
         "main.conf:1: suites[0]: the ( that opens here is never closed: write )\n"},
        {"suites = ( { name = \"a\"; )\n",
         "main.conf:1: suites[0]: ) closes the { of line 1: write }\n"},
        {"tags = [ \"a\", \"b\" );", "main.conf:1: tags[1]: ) closes the [ of line 1: write ]\n"},
        {"server = { idle = \"1s\"; ];",
         "main.conf:1: server: ] closes the { of line 1: write }\n"},
        {"tags = [ \"a\", \"b\", ];",
         "main.conf:1: tags[2]: a comma behind the last item: remove it\n"},
        {"suites = ( { name = \"a\"; }, );",
         "main.conf:1: suites[1]: a comma behind the last item: remove it\n"},
        {"suites = ( { name = \"a\"; } { name = \"b\"; } );",
         "main.conf:1: suites[0]: a comma is missing before {\n"},
        {"tags = [ \"a\"; \"b\" ];",
         "main.conf:1: tags[0]: items of a list are parted by commas: write , instead of ;\n"},
    };
    CHECK_ALL(state, mistakes);
}

static void signs_and_names_are_explained(void **state)
{
    static const struct mistake mistakes[] = {
        {"workers == 1;", "main.conf:1: workers: write one = only\n"},
        {"workers := 1;", "main.conf:1: workers: write one = only\n"},
        {"workers => 1;", "main.conf:1: workers: write = instead of =>\n"},
        {"workers 1;", "main.conf:1: workers: = is missing behind workers\n"},
        {"server { idle = \"1s\"; };", "main.conf:1: server: = is missing behind server\n"},
        {"\"workers\" = 1;",
         "main.conf:1: a setting's name stands without quotes: write name = value\n"},
        {"{ workers = 1; }",
         "main.conf:1: a file's settings stand without braces around them: remove { and }\n"},
    };
    CHECK_ALL(state, mistakes);
}

static void values_without_quotes_are_explained(void **state)
{
    static const struct mistake mistakes[] = {
        {"server.idle = \"1s\";",
         "main.conf:1: server: a name has no dots: write server = { ... } around it\n"},
        {"level = info;", "main.conf:1: level: a text stands in double quotes: write \"info\"\n"},
        {"timeout = 10s;", "main.conf:1: timeout: a text stands in double quotes: write \"10s\"\n"},
        {"memory = 64MiB;",
         "main.conf:1: memory: a text stands in double quotes: write \"64MiB\"\n"},
        {"share = 0.1%;", "main.conf:1: share: a text stands in double quotes: write \"0.1%\"\n"},
        {"endpoint = 127.0.0.1:4317;",
         "main.conf:1: endpoint: a text stands in double quotes: write \"127.0.0.1:4317\"\n"},
        {"enabled = yes;", "main.conf:1: enabled: write true instead of yes\n"},
        {"enabled = off;", "main.conf:1: enabled: write false instead of off\n"},
        {"name = null;", "main.conf:1: name: there is no null: leave the setting out\n"},
        {"name = ${env:X};",
         "main.conf:1: name: a text stands in double quotes: write \"${env:NAME}\"\n"},
        {"name = ;", "main.conf:1: name: a value is missing behind =\n"},
    };
    CHECK_ALL(state, mistakes);
}

static void separators_and_includes_are_explained(void **state)
{
    static const struct mistake mistakes[] = {
        {"name =", "main.conf:1: name: a value is missing behind =\n"},
        {"workers = 1;;", "main.conf:1: one ; too many: remove it\n"},
        {"include \"x\"",
         "main.conf:1: include: an include stands alone in its line: write @include \"FILE\"\n"},
        {"workers = 1; @include \"x.conf\"",
         "main.conf:1: an include stands alone in its line: write @include \"FILE\"\n"},
        {"@include x.conf",
         "main.conf:1: an include stands alone in its line: write @include \"FILE\"\n"},
        {"}", "main.conf:1: this } closes nothing: remove it\n"},
        {"workers = 1; }", "main.conf:1: this } closes nothing: remove it\n"},
    };
    CHECK_ALL(state, mistakes);
}

static void lists_are_explained(void **state)
{
    static const struct mistake mistakes[] = {
        {"tags = [ (1) ];",
         "main.conf:1: tags[0]: [ ] holds plain values only: write ( ) around groups and lists\n"},
        {"tags = [ \"a\", 1 ];", "main.conf:1: tags[1]: 1 is of another type than the item before: "
                                 "[ ] holds one type, ( ) any\n"},
        {"tags = [ , ];", "main.conf:1: tags[0]: an item is missing before the comma\n"},
        {"suites = ( a = 1 );", "main.conf:1: suites[0]: an item of the list is expected: write "
                                "\"a\" for a text, { a = ... } for a group\n"},
        {"suites = ( name );", "main.conf:1: suites[0]: an item of the list is expected: write "
                               "\"name\" for a text, { name = ... } for a group\n"},
    };
    CHECK_ALL(state, mistakes);
}

static void integers_that_do_not_fit_are_refused(void **state)
{
    static const struct mistake mistakes[] = {
        {"workers = 99999999999;", "main.conf:1: workers: 99999999999 does not fit 32 bits and "
                                   "would silently become another number: write 99999999999L\n"},
        {"workers = 2147483648; factor = -2147483649;",
         "main.conf:1: workers: 2147483648 does not fit 32 bits and would silently become another "
         "number: write 2147483648L\n"
         "main.conf:1: factor: -2147483649 does not fit 32 bits and would silently become another "
         "number: write -2147483649L\n"},
        {"workers = 0xFFFFFFFF;", "main.conf:1: workers: 0xFFFFFFFF does not fit 32 bits and would "
                                  "silently become another number: write 0xFFFFFFFFL\n"},
        {"workers = 99999999999999999999L;",
         "main.conf:1: workers: 99999999999999999999L does not fit 64 bits\n"},
    };
    CHECK_ALL(state, mistakes);
}

static void other_mistakes_are_explained(void **state)
{
    static const struct mistake mistakes[] = {
        {"workers = 1;\nworkers = 2;",
         "main.conf:2: workers: is written twice, first in line 1: keep one\n"},
        {"name = \"a\\x00b\";", "main.conf:1: name: a text cannot hold a NUL byte: remove \\x00\n"},
        {"1a = 2;",
         "main.conf:1: the name of a setting is expected, not 1a: a name begins with a letter\n"},
        {"_x = 1;",
         "main.conf:1: the name of a setting is expected, not _x: a name begins with a letter\n"},
        {"@include \"nope.conf\"",
         "main.conf:1: nope.conf cannot be read: No such file or directory\n"},
        {"@include \"loop.conf\"", "loop.conf:1: loop.conf includes itself\n"},
        {"@include \"half.conf\"\n;", "half.conf:1: server: = is missing behind server\n"},
        {"workers = 1;\n# \xff\n", "main.conf:2: is not UTF-8: save the file with that encoding\n"},
        {"name = \"a\"b;", "main.conf:1: the text ends at the quote before b: for a quote inside a "
                           "text write ' or \\\"\n"},
        {"=1;",
         "main.conf:1: the name of a setting is expected, not =: a name begins with a letter\n"},
        {"true = 1;",
         "main.conf:1: the name of a setting is expected, not true: a name begins with a letter\n"},
        {"tags = [ 1 2 ];", "main.conf:1: tags[0]: a comma is missing before 2\n"},
        {"workers = 0x;", "main.conf:1: workers: a text stands in double quotes: write \"0x\"\n"},
        {"workers = -;", "main.conf:1: workers: a text stands in double quotes: write \"-\"\n"},
        {"\f", "main.conf:1: the name of a setting is expected, not \\x0c: a name begins with a "
               "letter\n"},
    };
    CHECK_ALL(state, mistakes);
}

static void neighbouring_texts_are_taken_with_advice(void **state)
{
    struct outcome touching = load_text(*state, "name = \"a\"\"b\";");
    assert_string_equal("main.conf:1: warning: name: two texts that touch become one: for a quote "
                        "inside a text write "
                        "' or \\\"\n",
                        touching.text);
    assert_string_equal("ab", touching.settings->name.text);
    config_free(touching.config);
    struct outcome listed = load_text(*state, "tags = [ \"a\"\n\"b\" ];");
    assert_string_equal(
        "main.conf:1: warning: tags[0]: two texts without a comma between them become one: write a "
        "comma for two\n",
        listed.text);
    config_free(listed.config);
}

static void includes_nested_too_deep_are_refused(void **state)
{
    char name[16], text[40];
    for (int i = 0; i < 12; i++) {
        snprintf(name, sizeof name, "i%d.conf", i);
        snprintf(text, sizeof text, "@include \"i%d.conf\"\n", i + 1);
        folder_write(*state, name, text);
    }
    assert_problems(*state, "@include \"i0.conf\"",
                    "i9.conf:1: i10.conf is included too deep: 10 levels are allowed\n");
}

static void nesting_too_deep_is_refused(void **state)
{
    char text[400] = "suites = ";
    memset(text + strlen(text), '(', 100);
    struct outcome outcome = load_text(*state, text);
    assert_int_equal(1, outcome.rc);
    assert_non_null(strstr(outcome.text, "( is nested too deep: 64 levels are allowed\n"));
}

static void binary_and_huge_files_are_refused(void **state)
{
    char path[256];
    struct config *config = NULL;
    struct problems problems;
    struct buf lines = BUF_NULL;
    problems_init(&problems);
    folder_write_bytes(*state, "nul.conf", "a = 1;\n\0", 8);
    snprintf(path, sizeof path, "%s", folder_path(*state, "nul.conf"));
    assert_int_equal(1, config_load(&config, &settings_table,
                                    &(struct config_request){.file = path}, &problems));
    snprintf(path, sizeof path, "%s", folder_path(*state, "huge.conf"));
    char *huge = test_calloc(1, 9 << 20);
    memset(huge, ' ', 9 << 20);
    folder_write_bytes(*state, "huge.conf", huge, 9 << 20);
    assert_int_equal(1, config_load(&config, &settings_table,
                                    &(struct config_request){.file = path}, &problems));
    test_free(huge);
    assert_int_equal(
        1, config_load(&config, &settings_table, &(struct config_request){.file = "/"}, &problems));
    assert_int_equal(1, config_load(&config, &settings_table,
                                    &(struct config_request){.file = "/no/such"}, &problems));
    problems_print(&problems, &lines);
    buf_append_char(&lines, 0);
    assert_non_null(
        strstr((char *)lines.data, "nul.conf:2: holds a NUL byte: this is no text file\n"));
    assert_non_null(strstr((char *)lines.data, "huge.conf: cannot be read: is larger than 8 MiB"));
    assert_non_null(strstr((char *)lines.data, "/: cannot be read: Is a directory\n"));
    assert_non_null(
        strstr((char *)lines.data, "/no/such: cannot be read: No such file or directory\n"));
    buf_deinit(&lines);
    problems_deinit(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(quotes_are_explained, files_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(brackets_commas_and_comments_are_explained, files_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(signs_and_names_are_explained, files_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(values_without_quotes_are_explained, files_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(separators_and_includes_are_explained, files_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(lists_are_explained, files_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(integers_that_do_not_fit_are_refused, files_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(other_mistakes_are_explained, files_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(neighbouring_texts_are_taken_with_advice, files_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(includes_nested_too_deep_are_refused, files_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(nesting_too_deep_is_refused, files_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(binary_and_huge_files_are_refused, files_setup,
                                        folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
