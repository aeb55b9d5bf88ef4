/* Whole imports: what is refused as a definition, what is said, what happens without memory. What
 * the suites mean is held by test_corpus.py. */
#include "tracetest/import.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/failing_malloc.h"

#define HEAD "type: Test\nspec:\n  name: t\n"

static int import_one(const char *text, struct buf *ret_suites, struct buf *ret_said)
{
    struct import import;
    import_init(&import);
    int bad = import_add(&import, "t.yaml", bytes_of(text));
    bad = bad ? bad : import_write(&import, ret_suites);
    buf_append_bytes(ret_said, messages_end(&import.messages));
    import_deinit(&import);
    return bad;
}

static void what_is_no_definition_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *said;
    } bad[] = {
        {"", "t.yaml: no definition of Tracetest: the file is empty\n"},
        {"# nothing\n", "t.yaml: no definition of Tracetest: the file is empty\n"},
        {"just text\n", "t.yaml:1: no definition of Tracetest: it must begin with 'type:'\n"},
        {"- 1\n", "t.yaml:1: no definition of Tracetest: it must begin with 'type:'\n"},
        {"a: 1\n", "t.yaml:1: no definition of Tracetest: 'type' must be Test, TestSuite, "
                   "VariableSet or Analyzer\n"},
        {"type: Deployment\nspec: {}\n",
         "t.yaml:1: no definition of Tracetest: 'type' must be Test, TestSuite, "
         "VariableSet or Analyzer\n"},
        {"\ntype: Test\n", "t.yaml:2: no definition of Tracetest: it has no 'spec'\n"},
        {"type: TestSuite\nspec: 5\n", "t.yaml:1: no definition of Tracetest: it has no 'spec'\n"},
        {"type: VariableSet\nspec: []\n",
         "t.yaml:1: no definition of Tracetest: it has no 'spec'\n"},
        {HEAD "---\ntype: 5\n",
         "t.yaml:5: no definition of Tracetest: 'type' must be Test, TestSuite, "
         "VariableSet or Analyzer\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct buf suites = BUF_NULL;
        struct buf said = BUF_NULL;
        assert_int_equal(1, import_one(bad[i].text, &suites, &said));
        buf_append_char(&said, '\0');
        assert_string_equal(bad[i].said, (const char *)said.data);
        buf_deinit(&suites);
        buf_deinit(&said);
    }
}

static void parts_that_mean_nothing_are_told(void **state)
{
    static const struct {
        const char *text, *said;
    } odd[] = {
        {HEAD "  specs: 5\n", "t.yaml:4: not carried over: 'specs' must be a list\n"},
        {HEAD "  specs:\n  - x\n",
         "t.yaml:5: not carried over: a spec must have 'selector' and 'assertions'\n"},
        {HEAD "  specs:\n  - assertions: {a: b}\n",
         "t.yaml:5: not carried over: 'assertions' must be a list\n"},
        {HEAD "  specs:\n  - assertions:\n    - {a: b}\n",
         "t.yaml:6: not carried over: an assertion must be a text: a colon and a blank in it want "
         "quotes around all of it\n"},
        {HEAD "  specs:\n  - assertions:\n    - [a]\n",
         "t.yaml:6: not carried over: an assertion must be a text\n"},
        {HEAD "  outputs:\n  - name: x\n",
         "t.yaml:5: not carried over: an output must have 'name' and 'value'\n"},
        {"type: PollingProfile\nspec: {}\n",
         "t.yaml:1: not carried over: PollingProfile sets up Tracetest itself\n"},
        {"type: Analyzer\nspec:\n  plugins: 5\n",
         "t.yaml:3: not carried over: the analyzer's plugins '5': they are a list\n"},
        {"type: Analyzer\nspec:\n  plugins:\n  - x\n",
         "t.yaml:4: not carried over: the analyzer's plugin '': there are standards, common and "
         "security\n"},
        {"type: Analyzer\nspec:\n  plugins:\n  - id: common\n    rules:\n    - [x]\n",
         "t.yaml:6: not carried over: the analyzer's rule '': there is none of that name"},
        {"type: Analyzer\nspec:\n  plugins:\n  - id: common\n    rules: {a: b}\n",
         "t.yaml:5: not carried over: the analyzer's rules '': they are a list\n"},
        {"type: Analyzer\nspec:\n  minimumScore: -1\n",
         "t.yaml:3: not carried over: the analyzer's minimumScore '-1': it is a whole number"},
        {"type: Analyzer\nspec: {}\n---\ntype: Analyzer\nspec: {}\n",
         "t.yaml:4: not carried over: this Analyzer: there is one already\n"},
        {"type: VariableSet\nspec:\n  values:\n  - value: 5\n",
         "t.yaml:4: not carried over: a variable must have 'key' and 'value'\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        struct buf suites = BUF_NULL;
        struct buf said = BUF_NULL;
        assert_int_equal(0, import_one(odd[i].text, &suites, &said));
        assert_memory_equal(odd[i].said, said.data, strlen(odd[i].said));
        buf_deinit(&suites);
        buf_deinit(&said);
    }
}

static void messages_are_bounded_and_clean(void **state)
{
    struct messages messages = MESSAGES_NULL;
    (void)state;
    for (unsigned i = 0; i < MESSAGES_MAX + 5; i++) {
        messages_add(&messages, "a\nb", 0, "%s", i == 0 ? "esc \x1b[31m" : "x");
    }
    struct bytes text = messages_end(&messages);
    static const char begin[] = "a?b: esc ?[31m\na?b: x\n";
    static const char end[] = "\n5 more messages are left out\n";
    assert_memory_equal(begin, text.data, sizeof begin - 1);
    assert_memory_equal(end, text.data + text.len - (sizeof end - 1), sizeof end - 1);
    messages_deinit(&messages);
}

static const char sample[] =
    "type: Test\nspec:\n  id: a\n  name: a\n  description: d\n  trigger:\n    type: http\n"
    "    httpRequest: {url: http://x, method: GET}\n  specs:\n"
    "  - selector: span[tracetest.span.type=\"http\" name=\"${var:v}\"]:first\n    assertions:\n"
    "    - attr:tracetest.selected_spans.count = 1\n    - attr:a | json_path '$.b' = var:v\n"
    "    - attr:a = \"x${var:w}y\"\n    - attr:tracetest.span.duration != 2s\n"
    "    - attr:tracetest.response.status = 200\n    - '[1, 2] contains attr:c'\n"
    "  outputs:\n  - {name: o, selector: 'span[a=1]', value: attr:b}\n---\n"
    "type: TestSuite\nspec: {name: s, steps: [a, x.yaml, y]}\n---\n"
    "type: VariableSet\nspec:\n  values:\n  - {key: v, value: 5}\n  - {key: w, value: q r}\n"
    "  - {key: p, value: z, type: secret}\n---\n"
    "type: Analyzer\nspec:\n  minimumScore: 5\n  plugins:\n  - id: common\n    rules:\n"
    "    - {id: prefer-dns, weight: 5, errorLevel: warning}\n";

static void check_outcome(const char *text)
{
    struct buf suites = BUF_NULL;
    struct buf said = BUF_NULL;
    int outcome = import_one(text, &suites, &said);
    assert_true(outcome == 0 || (outcome == 1 && said.len > 0));
    buf_deinit(&suites);
    buf_deinit(&said);
}

static void every_prefix_and_every_changed_byte_has_an_outcome(void **state)
{
    static const char changes[] = "\x01 \"'\\$[]{}|:=-*&#\x80";
    char text[sizeof sample];
    (void)state;
    for (size_t i = 0; i + 1 < sizeof sample; i++) {
        memcpy(text, sample, sizeof text);
        text[i] = '\0';
        check_outcome(text);
        for (size_t c = i % 3; c + 1 < sizeof changes; c += 3) {
            memcpy(text, sample, sizeof text);
            text[i] = changes[c];
            check_outcome(text);
        }
    }
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    for (size_t good = 0;; good++) {
        struct buf suites = BUF_NULL;
        struct buf said = BUF_NULL;
        failing_malloc_begin(good);
        int outcome = import_one(sample, &suites, &said);
        failing_malloc_end();
        bool complete = !said.failed;
        buf_deinit(&suites);
        buf_deinit(&said);
        if (outcome == 0 && complete) {
            break;
        }
        assert_true(outcome == -ENOMEM || !complete);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_definition_is_refused_with_its_line),
        cmocka_unit_test(parts_that_mean_nothing_are_told),
        cmocka_unit_test(messages_are_bounded_and_clean),
        cmocka_unit_test(every_prefix_and_every_changed_byte_has_an_outcome),
        cmocka_unit_test(without_memory_it_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
