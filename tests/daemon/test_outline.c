/* One tree in two forms; what peers wrote breaks neither. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/outline.h"

static void write_tree(struct outline *outline)
{
    outline_number(outline, "open", 3);
    outline_list(outline, "items");
    outline_group(outline, NULL);
    outline_string(outline, "name", "a");
    outline_list(outline, "words");
    outline_string(outline, NULL, "x");
    outline_string(outline, NULL, "y");
    outline_list_end(outline);
    outline_group_end(outline);
    outline_group(outline, NULL);
    outline_bool(outline, "done", true);
    outline_seconds(outline, "age", UINT64_C(12034567890));
    outline_group_end(outline);
    outline_list_end(outline);
    outline_group(outline, "sum");
    outline_bool(outline, "balanced", false);
    outline_group_end(outline);
}

static void assert_tree(enum outline_form form, void (*write)(struct outline *outline),
                        const char *expected)
{
    struct buf out = BUF_NULL;
    struct outline outline;
    outline_begin(&outline, form, &out);
    write(&outline);
    outline_end(&outline);
    buf_append_char(&out, '\0');
    assert_string_equal(expected, (const char *)out.data);
    buf_deinit(&out);
}

static void text_is_indented(void **state)
{
    (void)state;
    assert_tree(OUTLINE_TEXT, write_tree,
                "open: 3\n"
                "items:\n"
                "  - name: a\n"
                "    words:\n"
                "      - x\n"
                "      - y\n"
                "  - done: yes\n"
                "    age: 12.034 s\n"
                "sum:\n"
                "  balanced: no\n");
}

static void json_says_the_same(void **state)
{
    (void)state;
    assert_tree(OUTLINE_JSON, write_tree,
                "{\"open\":3,\"items\":[{\"name\":\"a\",\"words\":[\"x\",\"y\"]},"
                "{\"done\":true,\"age\":12.034}],\"sum\":{\"balanced\":false}}\n");
}

static void write_hostile(struct outline *outline)
{
    outline_text(outline, "name", BYTES_LITERAL("a\nopen: 0\x1b[2J\x7f\xc2\x9b\xc2\xa0\xff\0z"));
}

static void hostile_text_stays_on_its_line(void **state)
{
    (void)state;
    assert_tree(OUTLINE_TEXT, write_hostile,
                "name: a\\nopen: 0\\u001b[2J\\u007f\\u009b\xc2\xa0\xef\xbf\xbd\\u0000z\n");
    assert_tree(
        OUTLINE_JSON, write_hostile,
        "{\"name\":\"a\\nopen: 0\\u001b[2J\\u007f\xc2\x9b\xc2\xa0\xef\xbf\xbd\\u0000z\"}\n");
}

static void write_nothing(struct outline *outline)
{
    outline_list(outline, "none");
    outline_list_end(outline);
}

static void an_empty_list_is_its_name(void **state)
{
    (void)state;
    assert_tree(OUTLINE_TEXT, write_nothing, "none:\n");
    assert_tree(OUTLINE_JSON, write_nothing, "{\"none\":[]}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_indented),
        cmocka_unit_test(json_says_the_same),
        cmocka_unit_test(hostile_text_stays_on_its_line),
        cmocka_unit_test(an_empty_list_is_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
