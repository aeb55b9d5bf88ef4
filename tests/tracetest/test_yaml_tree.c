/* YAML as trees: shapes, lines, refusals, bounds; what happens without memory. */
#include "tracetest/yaml_tree.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/core/buf.h"
#include "tests/support/failing_malloc.h"

struct reading {
    struct arena arena;
    const struct yaml_document *first;
    struct yaml_flaw flaw;
    int outcome;
};

static void read_text(struct reading *reading, struct bytes text)
{
    *reading = (struct reading){.arena = ARENA_INIT(4096, 0)};
    /* a copy of exactly its length, so that reading beyond it is seen */
    uint8_t *copy = malloc(text.len > 0 ? text.len : 1);
    memcpy(copy, text.data, text.len);
    reading->outcome = yaml_tree_read(&reading->first, bytes_from(copy, text.len), &reading->arena,
                                      &reading->flaw);
    free(copy);
}

static void end(struct reading *reading)
{
    arena_deinit(&reading->arena);
}

static void values_are_found_by_their_keys_with_their_lines(void **state)
{
    struct reading reading;
    (void)state;
    read_text(&reading, BYTES_LITERAL("a: 1\nb:\n  - x\n  - 'y'\nc: {d: \"two\\nlines\"}\n"
                                      "---\n# nothing\n---\ne: |\n  block\n  text\nf: ~\n"));
    assert_int_equal(0, reading.outcome);
    const struct yaml_node *root = reading.first->root;
    const struct yaml_node *list = yaml_node_get(root, "b");
    assert_true(bytes_is(yaml_node_get(root, "a")->text, "1"));
    assert_int_equal(2, list->count);
    assert_int_equal(4, list->items->next->value->line);
    assert_false(list->items->next->value->plain);
    assert_true(bytes_is(yaml_node_get(yaml_node_get(root, "c"), "d")->text, "two\nlines"));
    assert_null(yaml_node_get(root, "z"));
    assert_null(yaml_node_get(list, "a"));
    assert_false(yaml_node_is_given(reading.first->next->root));
    const struct yaml_node *third = reading.first->next->next->root;
    assert_true(bytes_is(yaml_node_get(third, "e")->text, "block\ntext\n"));
    assert_false(yaml_node_is_given(yaml_node_get(third, "f")));
    end(&reading);
}

static void aliases_and_merged_maps_are_followed(void **state)
{
    struct reading reading;
    (void)state;
    read_text(&reading, BYTES_LITERAL("base: &b {x: 1, y: 2}\n"
                                      "one: *b\n"
                                      "two: {<<: *b, y: 3}\n"
                                      "three: {<<: [*b, {z: 4}]}\n"));
    assert_int_equal(0, reading.outcome);
    const struct yaml_node *root = reading.first->root;
    assert_true(bytes_is(yaml_node_get(yaml_node_get(root, "one"), "y")->text, "2"));
    assert_true(bytes_is(yaml_node_get(yaml_node_get(root, "two"), "x")->text, "1"));
    assert_true(bytes_is(yaml_node_get(yaml_node_get(root, "two"), "y")->text, "3"));
    assert_true(bytes_is(yaml_node_get(yaml_node_get(root, "three"), "z")->text, "4"));
    end(&reading);
}

static void what_is_no_such_text_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
        const char *flaw;
    } bad[] = {
        {"a: [1, 2\n", 2, "no YAML: "},
        {"a: 1\n b: 2\n", 2, "no YAML: "},
        {"\ta: 1\n", 1, "no YAML: found character that cannot start any token: indent with blanks"},
        {"- \"a\" = 1\n", 1,
         "no YAML: did not find expected '-' indicator: a text with quotes inside wants quotes"},
        {"a: b: c\n", 1,
         "no YAML: mapping values are not allowed in this context: a text with a colon and a "
         "blank"},
        {"a: 1\na: 2\n", 2, "the key 'a' is given twice"},
        {"? [x]\n: 1\n", 1, "a key must be a text"},
        {"a: *x\n", 1, "an alias without its anchor"},
        {"a: &x\n  b: *x\n", 2, "an alias inside its own anchor"},
        {"a: &x [1]\n---\nb: *x\n", 3, "an alias without its anchor"},
        {"a: \"x\\0y\"\n", 1, "a text with a NUL character"},
        {"a: \"x", 1, "no YAML: "},
        {"a: %x\n", 1, "no YAML: "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct reading reading;
        read_text(&reading, bytes_of(bad[i].text));
        assert_int_equal(1, reading.outcome);
        assert_int_equal(bad[i].line, reading.flaw.line);
        assert_memory_equal(bad[i].flaw, reading.flaw.text, strlen(bad[i].flaw));
        end(&reading);
    }
}

static void assert_refused(const struct buf *text, const char *flaw)
{
    struct reading reading;
    assert_false(text->failed);
    read_text(&reading, buf_bytes(text));
    assert_int_equal(1, reading.outcome);
    assert_string_equal(flaw, reading.flaw.text);
    assert_true(arena_held(&reading.arena) < 32u << 20);
    end(&reading);
}

static void nested_aliases_cost_what_they_stand_for(void **state)
{
    struct buf text = BUF_NULL;
    (void)state;
    buf_append_text(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
        buf_printf(&text, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++) {
            buf_printf(&text, "%s*a%d", k > 0 ? ", " : "", i - 1);
        }
        buf_append_text(&text, "]\n");
    }
    assert_refused(&text, "too many values, with every alias written out");
    buf_deinit(&text);
}

static void repeat(struct buf *text, const char *piece, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        buf_printf(text, "%s", piece);
    }
}

static void depth_keys_anchors_documents_and_bytes_are_bounded(void **state)
{
    struct buf text = BUF_NULL;
    (void)state;
    repeat(&text, "[", YAML_TREE_DEPTH_MAX + 1);
    assert_refused(&text, "nested too deeply");
    buf_reset(&text);
    buf_append_text(&text, "a: &a [[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]\nb: ");
    repeat(&text, "[", 20);
    buf_append_text(&text, "*a");
    repeat(&text, "]", 20);
    assert_refused(&text, "nested too deeply");
    buf_reset(&text);
    for (unsigned i = 0; i <= YAML_TREE_KEYS_MAX; i++) {
        buf_printf(&text, "k%u: 1\n", i);
    }
    assert_refused(&text, "too many keys in one map");
    buf_reset(&text);
    for (unsigned i = 0; i <= YAML_TREE_ANCHORS_MAX; i++) {
        buf_printf(&text, "- &a%u x\n", i);
    }
    assert_refused(&text, "too many anchors");
    buf_reset(&text);
    repeat(&text, "--- a\n", YAML_TREE_DOCUMENTS_MAX + 1);
    assert_refused(&text, "too many documents");
    buf_reset(&text);
    repeat(&text, "#", YAML_TREE_BYTES_MAX + 1);
    assert_refused(&text, "longer than 1 MiB");
    buf_deinit(&text);
}

static const char sample[] = "type: Test\nspec: &s\n  name: \"a\\tb\"\n  list: [1, {x: *no}]\n"
                             "  text: >-\n    folded\n    text\n---\n<<: {a: 1}\n'q': !!str y\n";

static void every_prefix_and_every_changed_byte_has_an_outcome(void **state)
{
    char text[sizeof sample];
    (void)state;
    for (size_t i = 0; i + 1 < sizeof sample; i++) {
        struct reading reading;
        read_text(&reading, bytes_from(sample, i));
        assert_true(reading.outcome == 0 || reading.flaw.text != NULL);
        end(&reading);
        for (int change = 0; change < 256; change += 5) {
            memcpy(text, sample, sizeof text);
            text[i] = (char)change;
            read_text(&reading, bytes_from(text, sizeof sample - 1));
            assert_true(reading.outcome == 0 || reading.flaw.text != NULL);
            end(&reading);
        }
    }
}

static void without_memory_it_says_so(void **state)
{
    static const char text[] = "a: &x [1, {b: c}]\nd: *x\n---\ne: 1\ne: 2\n";
    (void)state;
    for (size_t good = 0;; good++) {
        struct reading reading;
        failing_malloc_begin(good);
        read_text(&reading, bytes_of(text));
        failing_malloc_end();
        int outcome = reading.outcome;
        end(&reading);
        if (outcome == 1) {
            break;
        }
        assert_int_equal(-ENOMEM, outcome);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_found_by_their_keys_with_their_lines),
        cmocka_unit_test(aliases_and_merged_maps_are_followed),
        cmocka_unit_test(what_is_no_such_text_is_refused_with_its_line),
        cmocka_unit_test(nested_aliases_cost_what_they_stand_for),
        cmocka_unit_test(depth_keys_anchors_documents_and_bytes_are_bounded),
        cmocka_unit_test(every_prefix_and_every_changed_byte_has_an_outcome),
        cmocka_unit_test(without_memory_it_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
