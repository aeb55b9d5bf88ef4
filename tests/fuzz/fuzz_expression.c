/*
 * Arbitrary text as an expression: the first byte says of which kind, the rest is the text. What
 * compiles is judged on two spans and two records, and must keep what a filter and its not()
 * promise.
 */
#include <stdint.h>
#include <stdlib.h>

#include "assertions/evaluate.h"
#include "assertions/expression.h"
#include "assertions/filter_match.h"
#include "tests/assertions/language_spans.h"

struct bench {
    struct arena arena;
    struct expression_store store;
    struct problems problems;
    struct span_name names[2];
    struct parse_context context;
    struct span spans[2];
    struct injection injections[2];
};

static void must(bool promise)
{
    if (!promise) {
        abort();
    }
}

static void bench_init(struct bench *bench)
{
    *bench = (struct bench){.arena = ARENA_INIT(16384, 0), .store = EXPRESSION_STORE_INIT};
    problems_init(&bench->problems);
    bench->names[0].name = BYTES_LITERAL("a");
    bench->names[1].name = BYTES_LITERAL("mail");
    bench->context = (struct parse_context){.arena = &bench->arena,
                                            .store = &bench->store,
                                            .problems = &bench->problems,
                                            .path = "fuzz",
                                            .names = bench->names,
                                            .name_count = 2};
    bench->spans[0] = language_span_whole(&bench->arena);
    bench->spans[1] = language_span_broken(&bench->arena);
    bench->injections[0] = language_injection_full();
    bench->injections[1] = language_injection_bare();
}

static void judge_filter(struct bench *bench, const struct filter *filter)
{
    struct filter negated = {.type = FILTER_NOT, .inner = filter, .inner_count = 1};
    for (int i = 0; i < 2; i++) {
        unsigned flags;
        unsigned negated_flags;
        bool match = filters_match(filter, 1, &bench->spans[i], &bench->arena, &flags);
        bool opposite = filters_match(&negated, 1, &bench->spans[i], &bench->arena, &negated_flags);
        must(!(match && opposite));
        must(flags == negated_flags);
    }
}

static void judge_chains(struct bench *bench, const struct selector *selector,
                         const struct selector_chain *chains, uint32_t count);

static void judge_part(struct bench *bench, const struct selector *selector,
                       const struct selector_part *part)
{
    must(part->place < selector->part_count);
    for (uint32_t k = 0; k < part->filter_count; k++) {
        must(part->filters[k].index < bench->store.count);
        judge_filter(bench, &part->filters[k]);
    }
    for (uint32_t k = 0; k < part->test_count; k++) {
        judge_chains(bench, selector, part->tests[k].chains, part->tests[k].chain_count);
    }
}

static void judge_chains(struct bench *bench, const struct selector *selector,
                         const struct selector_chain *chains, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        must(chains[i].part_count > 0);
        for (uint32_t j = 0; j < chains[i].part_count; j++) {
            judge_part(bench, selector, &chains[i].parts[j]);
        }
    }
}

static void judge_selector(struct bench *bench, const struct selector *selector)
{
    must(selector->chain_count > 0);
    judge_chains(bench, selector, selector->chains, selector->chain_count);
}

/* Whatever is read: a truth comes out, the same twice. */
static void judge_test(struct bench *bench, const struct expr *test)
{
    const struct span *names[] = {&bench->spans[1], &bench->spans[0]};
    const uint32_t counts[] = {1, 3};
    must(test->types == 0 && test->depth <= EXPRESSION_DEPTH_MAX &&
         test->nodes <= EXPRESSION_NODES_MAX);
    for (int i = 0; i < 4; i++) {
        struct evaluation evaluation = {.span = &bench->spans[i % 2],
                                        .names = i < 2 ? names : NULL,
                                        .counts = counts,
                                        .selected = 2,
                                        .injection = i < 3 ? &bench->injections[i % 2] : NULL,
                                        .scratch = &bench->arena};
        struct evaluation again = evaluation;
        struct judged one = evaluate_truth(&evaluation, test);
        struct judged other = evaluate_truth(&again, test);
        must(one.truth == other.truth && one.flags == other.flags && one.culprit == other.culprit);
        must(one.culprit != NULL);
        must(evaluation.work <= EXPRESSION_WORK_MAX);
    }
    must(expr_equal(test, test));
}

static void judge_condition(struct bench *bench, const struct condition *condition)
{
    if (condition->test != NULL) {
        judge_test(bench, condition->test);
        return;
    }
    must(condition->right.type == TERM_LITERAL);
    for (int i = 0; i < 2; i++) {
        unsigned flags;
        if (condition->reads_span) {
            lookup_compare(&condition->left.key, condition->op, &condition->right.literal,
                           condition->regex, &bench->spans[i], &bench->arena, &flags);
        }
        if (condition->left.type == TERM_INJECTION) {
            struct operand value = lookup_injection_term(&condition->left, &bench->injections[i]);
            compare(condition->op, &value, &condition->right.literal, condition->regex);
        }
    }
}

/* Whether the text was accepted. */
static bool judge(struct bench *bench, uint8_t kind, struct bytes text)
{
    const struct selector *selector = NULL;
    const struct condition *condition = NULL;
    const struct when *when = NULL;
    switch (kind % 5) {
    case 0:
        selector = parse_selector(&bench->context, text);
        break;
    case 1:
    case 2:
        condition = parse_condition(&bench->context, text, kind % 5 == 1, 0);
        break;
    case 3:
        when = parse_when(&bench->context, text);
        selector = when != NULL ? when->selector : NULL;
        condition = when != NULL ? when->condition : NULL;
        break;
    default:
        return parse_rule(&bench->context, text) != NULL;
    }
    if (selector != NULL) {
        judge_selector(bench, selector);
    }
    if (condition != NULL) {
        judge_condition(bench, condition);
    }
    return selector != NULL || condition != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct bench bench;
    bench_init(&bench);
    bool accepted = judge(&bench, data[0], bytes_from(data + 1, size - 1));
    must(accepted == (bench.problems.errors == 0));
    must(!accepted || bytes_trim(bytes_from(data + 1, size - 1)).len > 0);
    problems_deinit(&bench.problems);
    arena_deinit(&bench.arena);
    return 0;
}
