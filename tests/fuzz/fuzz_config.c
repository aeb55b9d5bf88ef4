/* Any bytes as a configuration: the reader refuses or takes them, what it takes libconfig takes,
 * and what is printed of it loads to the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/source.h"
#include "config/tree.h"
#include "tests/config/fixture.h"

/* Includes would make the run depend on the machine's files. */
static int names_an_include(struct bytes text)
{
    return bytes_contain(text, BYTES_LITERAL("@include"));
}

static void read_text(struct bytes text)
{
    struct arena arena = ARENA_INIT(4096, 0);
    struct problems problems;
    struct source source;
    problems_init(&problems);
    source_init(&source, &arena, &problems);
    struct tree *tree = tree_new(&arena);
    if (source_read_text(&source, "fuzz.conf", text) == 0 &&
        tree_fill(tree, &source, "fuzz.conf", &problems) != 0) {
        abort();
    }
    tree_free(tree);
    source_deinit(&source);
    problems_deinit(&problems);
    arena_deinit(&arena);
}

static struct config *load(struct bytes value)
{
    struct problems problems;
    struct config *config = NULL;
    struct buf text = BUF_NULL;
    struct buf lines = BUF_NULL;
    buf_append_bytes(&text, value);
    buf_append_char(&text, '\0');
    const struct config_override override = {"suites", (const char *)text.data};
    problems_init(&problems);
    config_load(&config, &settings_table,
                &(struct config_request){
                    .overrides = &override, .override_count = 1, .getenv = fixture_getenv},
                &problems);
    problems_print(&problems, &lines);
    problems_deinit(&problems);
    buf_deinit(&lines);
    buf_deinit(&text);
    return config;
}

/* The value of `suites` in a printed configuration. */
static struct bytes printed_suites(const struct config *config, struct buf *out)
{
    static const struct bytes start = {(const uint8_t *)"suites = ", 9};
    config_print(config, out);
    struct bytes text = buf_bytes(out);
    for (size_t at = 0; at + start.len < text.len; at++) {
        if ((at == 0 || text.data[at - 1] == '\n') &&
            memcmp(text.data + at, start.data, start.len) == 0) {
            at += start.len;
            return bytes_from(text.data + at, text.len - at - 2);
        }
    }
    return BYTES_NULL;
}

static void print_and_load_again(struct bytes text)
{
    struct buf first = BUF_NULL;
    struct buf second = BUF_NULL;
    struct config *config = load(text);
    if (config == NULL) {
        return;
    }
    struct bytes suites = printed_suites(config, &first);
    struct config *again = suites.len > 0 ? load(suites) : NULL;
    if (suites.len > 0 && (again == NULL || !bytes_equal(suites, printed_suites(again, &second)))) {
        abort();
    }
    config_free(config);
    config_free(again);
    buf_deinit(&first);
    buf_deinit(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = bytes_from(data, size);
    if (names_an_include(text) || size > 1 << 16) {
        return 0;
    }
    read_text(text);
    print_and_load_again(text);
    return 0;
}
