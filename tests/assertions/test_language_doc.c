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
#include "assertions/functions.h"
#include "assertions/parse_expr.h"
#include "assertions/suite.h"
#include "config/config.h"
#include "daemon/core/buf.h"
#include "tests/support/span_builder.h"

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

static const char *doc_environment(const char *name)
{
    return strcmp(name, "ASSERTD_DOC_LIMIT") == 0  ? "50ms"
           : strcmp(name, "ASSERTD_DOC_PATH") == 0 ? "/orders"
                                                   : NULL;
}

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
                                             .name_count = 3,
                                             .getenv = doc_environment};
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

/* --- examples with their results --- */

/* The span of the section on expressions. */
static struct span example_span(struct arena *arena)
{
    static const struct attr_build tags[] = {ATTR_TEXT("", "new"), ATTR_TEXT("", "gift")};
    static const struct span_build build = {
        .id = 1,
        .name = "POST /orders",
        .service = "shop",
        .kind = KIND_SERVER,
        .status = STATUS_OK,
        .start_ns = UINT64_C(1000000000),
        .end_ns = UINT64_C(1050000000),
        .attrs = {ATTR_TEXT("order.id", "o-42"), ATTR_INT("n", 3), ATTR_DOUBLE("price", 2.5),
                  ATTR_TEXT("code", "200"), ATTR_BOOL("paid", 1), ATTR_ARRAY("tags", tags),
                  ATTR_TEXT("body",
                            "{\"user\": {\"id\": 7, \"name\": \"Ann\"}, \"items\": [{\"sku\": "
                            "\"a\", \"n\": 2}, {\"sku\": \"b\", \"n\": 1}]}")},
    };
    return *span_build(&build, arena);
}

/* `EXPRESSION => RESULT`. */
static void split_example(struct bytes line, struct bytes *ret_expression, struct bytes *ret_result)
{
    size_t at = line.len;
    while (at > 4 && memcmp(line.data + at - 4, " => ", 4) != 0) {
        at--;
    }
    assert_true(at > 4);
    *ret_expression = bytes_from(line.data, at - 4);
    *ret_result = bytes_from(line.data + at, line.len - at);
}

static struct evaluated value_of(struct reader *reader, const struct span *span, struct bytes text)
{
    const struct expr *expr = parse_alone(&reader->context, text, PARSE_CONDITION);
    if (expr == NULL) {
        fail_msg("%.*s: %s", (int)text.len, (const char *)text.data,
                 reader->problems.items[reader->problems.count - 1].text);
    }
    struct evaluation evaluation = {.span = span, .scratch = &reader->arena};
    return evaluate_value(&evaluation, expr);
}

static bool gives(struct reader *reader, const struct span *span, struct bytes expression,
                  struct bytes result)
{
    struct evaluated value = value_of(reader, span, expression);
    if (bytes_is(result, "error")) {
        return value.trouble != TROUBLE_NONE;
    }
    if (bytes_is(result, "missing") || value.trouble != TROUBLE_NONE) {
        return value.trouble == TROUBLE_NONE && value.operand.type == OPERAND_MISSING;
    }
    struct operand wanted = value_of(reader, span, result).operand;
    return compare(OP_EQUAL, &value.operand, &wanted, NULL) == TRUTH_TRUE;
}

static bool holds(struct reader *reader, const struct span *span, struct bytes text,
                  struct bytes result)
{
    static const char *const truths[] = {[TRUTH_FALSE] = "false",
                                         [TRUTH_TRUE] = "true",
                                         [TRUTH_ABSENT] = "missing",
                                         [TRUTH_INCOMPARABLE] = "error"};
    const struct condition *condition = parse_condition(&reader->context, text, true, 0);
    if (condition == NULL || condition->test == NULL) {
        fail_msg("%.*s: %s", (int)text.len, (const char *)text.data,
                 condition != NULL ? "plain"
                                   : reader->problems.items[reader->problems.count - 1].text);
        return false;
    }
    struct evaluation evaluation = {.span = span, .scratch = &reader->arena};
    return bytes_is(result, truths[evaluate_truth(&evaluation, condition->test).truth]);
}

static void check_examples(const char *kind, size_t least,
                           bool (*good)(struct reader *, const struct span *, struct bytes,
                                        struct bytes))
{
    struct reader reader;
    reader_init(&reader);
    struct span span = example_span(&reader.arena);
    const char *at = doc;
    size_t lines = 0;
    for (struct bytes block = next_block(&at, kind); block.data != NULL;
         block = next_block(&at, kind)) {
        while (block.len > 0) {
            struct bytes line = next_line(&block);
            struct bytes expression;
            struct bytes result;
            split_example(line, &expression, &result);
            if (!good(&reader, &span, expression, result)) {
                fail_msg("%.*s: it gives something else", (int)line.len, (const char *)line.data);
            }
            lines++;
        }
    }
    assert_true(lines >= least);
    reader_deinit(&reader);
}

static void its_values_come_out(void **state)
{
    (void)state;
    check_examples("assertd-value", 25, gives);
}

static void its_truths_come_out(void **state)
{
    (void)state;
    check_examples("assertd-truth", 15, holds);
}

static void print_cell(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|') {
            buf_append_char(out, '\\');
        }
        buf_append_char(out, *text);
    }
}

static void its_functions_are_those_of_the_program(void **state)
{
    (void)state;
    struct buf table = BUF_NULL;
    buf_append_text(&table, "| function | gives | example |\n|---|---|---|\n");
    for (uint32_t i = 0; i < function_count; i++) {
        buf_append_text(&table, "| `");
        print_cell(&table, functions[i].written);
        buf_append_text(&table, "` | ");
        print_cell(&table, functions[i].description);
        buf_append_text(&table, " | `");
        print_cell(&table, functions[i].example);
        buf_append_text(&table, "` => `");
        print_cell(&table, functions[i].value);
        buf_append_text(&table, "` |\n");
    }
    buf_append_char(&table, '\0');
    bool there = strstr(doc, (const char *)table.data) != NULL;
    if (!there) {
        fputs((const char *)table.data, stderr); /* too long for print_error */
    }
    buf_deinit(&table);
    assert_true(there);
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
        cmocka_unit_test(its_values_come_out),
        cmocka_unit_test(its_truths_come_out),
        cmocka_unit_test(its_functions_are_those_of_the_program),
        cmocka_unit_test(its_suite_loads_and_compiles),
    };
    return cmocka_run_group_tests(tests, read_doc, free_doc);
}
