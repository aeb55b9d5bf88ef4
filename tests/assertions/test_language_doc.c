/* docs/language.md: every example of it compiles, every one that it calls refused is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assertions/expression.h"
#include "assertions/suite.h"
#include "config/config.h"
#include "daemon/core/buf.h"

#define DOC ASSERTD_SOURCE_DIR "/docs/language.md"

static char *doc;

static int read_doc(void **state)
{
    (void)state;
    FILE *file = fopen(DOC, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    rewind(file);
    doc = test_calloc((size_t)size + 1, 1);
    assert_int_equal(fread(doc, 1, (size_t)size, file), size);
    fclose(file);
    return 0;
}

static int free_doc(void **state)
{
    (void)state;
    test_free(doc);
    return 0;
}

/* The text of the next fenced block of `kind` at or after *at; moves *at behind it. */
static struct bytes next_block(const char **at, const char *kind)
{
    char open[64];
    snprintf(open, sizeof open, "\n```%s\n", kind);
    const char *start = strstr(*at, open);
    if (start == NULL) {
        return BYTES_NULL;
    }
    start += strlen(open);
    const char *end = strstr(start - 1, "\n```\n");
    assert_non_null(end);
    *at = end;
    return bytes_from(start, (size_t)(end + 1 - start));
}

static struct bytes next_line(struct bytes *rest)
{
    const uint8_t *end = memchr(rest->data, '\n', rest->len);
    assert_non_null(end);
    struct bytes line = bytes_from(rest->data, (size_t)(end - rest->data));
    *rest = bytes_from(end + 1, rest->len - line.len - 1);
    return line;
}

struct reader {
    struct arena arena;
    struct expression_store store;
    struct problems problems;
    struct span_name names[3];
    struct parse_context context;
};

static void reader_init(struct reader *reader)
{
    static const char *const names[] = {"request", "mail", "process"};
    *reader = (struct reader){.arena = ARENA_INIT(4096, 0), .store = EXPRESSION_STORE_INIT};
    problems_init(&reader->problems);
    for (uint32_t i = 0; i < 3; i++) {
        reader->names[i] = (struct span_name){.name = bytes_of(names[i]), .index = i};
    }
    reader->context = (struct parse_context){.arena = &reader->arena,
                                             .store = &reader->store,
                                             .problems = &reader->problems,
                                             .path = DOC,
                                             .names = reader->names,
                                             .name_count = 3};
}

static void reader_deinit(struct reader *reader)
{
    problems_deinit(&reader->problems);
    arena_deinit(&reader->arena);
}

static const void *parse_as(const struct parse_context *context, const char *kind,
                            struct bytes line)
{
    if (strcmp(kind, "assertd-selector") == 0) {
        return parse_selector(context, line);
    }
    if (strcmp(kind, "assertd-when") == 0) {
        return parse_when(context, line);
    }
    if (strcmp(kind, "assertd-rule") == 0) {
        return parse_rule(context, line);
    }
    return parse_condition(context, line, true, 0);
}

/* Each line of each block of the kind; at least `least` of them, so that a renamed fence is
 * noticed. */
static void check_lines(const char *kind, bool good, size_t least)
{
    struct reader reader;
    reader_init(&reader);
    const char *at = doc;
    size_t lines = 0;
    for (struct bytes block = next_block(&at, kind); block.data != NULL;
         block = next_block(&at, kind)) {
        while (block.len > 0) {
            struct bytes line = next_line(&block);
            lines++;
            if ((parse_as(&reader.context, kind, line) != NULL) != good) {
                fail_msg("%.*s: %s", (int)line.len, (const char *)line.data,
                         good ? reader.problems.items[reader.problems.count - 1].text : "accepted");
            }
        }
    }
    assert_true(lines >= least);
    reader_deinit(&reader);
}

static void its_selectors_compile(void **state)
{
    (void)state;
    check_lines("assertd-selector", true, 16);
}

static void its_conditions_compile(void **state)
{
    (void)state;
    check_lines("assertd-condition", true, 16);
}

static void its_conditions_for_when_compile(void **state)
{
    (void)state;
    check_lines("assertd-when", true, 3);
}

static void its_rules_compile(void **state)
{
    (void)state;
    check_lines("assertd-rule", true, 7);
}

static void what_it_calls_refused_is_refused(void **state)
{
    (void)state;
    check_lines("assertd-refused", false, 8);
}

struct settings {
    struct config_list suites;
};

static const struct option settings_options[] = {
    {.name = "suites",
     .type = OPTION_GROUPS,
     .offset = offsetof(struct settings, suites),
     .group = &suite_table,
     .description = "Suites."},
};
static const struct option_table settings_table = {.title = "settings",
                                                   .options = settings_options,
                                                   .count = 1,
                                                   .struct_bytes = sizeof(struct settings),
                                                   .origin_offset = SIZE_MAX,
                                                   .set_offset = SIZE_MAX};

static void check_file(const char *path, size_t suites)
{
    struct problems problems;
    problems_init(&problems);
    struct config *config = NULL;
    struct config_request request = {.file = path};
    struct suite_set *set = NULL;
    struct completion_settings completion = {.quiet_ns = 1, .deadline_ns = 2};
    int r = config_load(&config, &settings_table, &request, &problems);
    if (r == 0) {
        const struct settings *settings = config_root(config);
        r = suite_set_compile(&set, &settings->suites, &completion, &problems);
    }
    if (r != 0 || problems.count != 0) {
        struct buf text = BUF_NULL;
        problems_print(&problems, &text);
        fail_msg("%.*s", (int)text.len, (const char *)text.data);
    }
    assert_int_equal(set->suite_count, suites);
    suite_set_unref(set);
    config_free(config);
    problems_deinit(&problems);
}

static void its_suite_loads_and_compiles(void **state)
{
    (void)state;
    const char *at = doc;
    size_t blocks = 0;
    for (struct bytes block = next_block(&at, "assertd-suite"); block.data != NULL;
         block = next_block(&at, "assertd-suite")) {
        char path[] = "/tmp/assertd-doc-XXXXXX";
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, block.data, block.len), block.len);
        close(fd);
        check_file(path, 1);
        unlink(path);
        blocks++;
    }
    assert_true(blocks >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_selectors_compile),
        cmocka_unit_test(its_conditions_compile),
        cmocka_unit_test(its_conditions_for_when_compile),
        cmocka_unit_test(its_rules_compile),
        cmocka_unit_test(what_it_calls_refused_is_refused),
        cmocka_unit_test(its_suite_loads_and_compiles),
    };
    return cmocka_run_group_tests(tests, read_doc, free_doc);
}
