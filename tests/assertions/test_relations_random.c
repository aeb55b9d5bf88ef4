/* Relations, places and pseudo-classes of selectors: against a plain reading of docs/language.md on
 * random traces in any order of arrival. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/marks.h"
#include "assertions/selection.h"
#include "tests/assertions/random_suites.h"

#ifdef __SANITIZE_THREAD__
#define RUNS 1000
#else
#define RUNS 10000
#endif
#define SPANS_MAX ARRIVALS_MAX

/* A trace in which everybody knows everybody: stands[r][a][b] says to what degree `a r b` holds. */
struct plain {
    const struct trace *trace;
    enum look_mode mode;
    struct span *spans[SPANS_MAX];
    uint8_t stands[RELATION_LINK + 1][SPANS_MAX][SPANS_MAX];
    uint32_t count;
    struct arena arena;
};

static bool names_span(const struct link *link, const struct span *span)
{
    uint8_t id[8];
    for (int i = 0; i < 8; i++) {
        id[i] = (uint8_t)(span->id >> (56 - 8 * i));
    }
    return link->trace_id.len == 16 && link->span_id.len == 8 &&
           memcmp(link->trace_id.data, span->trace_id.bytes, 16) == 0 &&
           memcmp(link->span_id.data, id, 8) == 0;
}

static enum member links_to(struct plain *plain, const struct span *from, const struct span *to)
{
    struct wire_reader reader = wire_reader_of(from->raw);
    struct link link;
    while (span_next_link(&reader, &plain->arena, &link) == 0) {
        if (names_span(&link, to)) {
            return MEMBER_YES;
        }
    }
    return from->dropped_links != 0 && plain->mode != LOOK_RECEIVED ? MEMBER_MAYBE : MEMBER_NO;
}

static void plain_relations(struct plain *plain)
{
    bool below[SPANS_MAX][SPANS_MAX] = {{false}}; /* [a][b]: b has a above it */
    for (uint32_t a = 0; a < plain->count; a++) {
        for (uint32_t b = 0; b < plain->count; b++) {
            const struct span *left = plain->spans[a];
            const struct span *right = plain->spans[b];
            below[a][b] = a != b && right->parent != 0 && right->parent == left->id;
            plain->stands[RELATION_CHILD][a][b] = below[a][b] ? MEMBER_YES : MEMBER_NO;
            plain->stands[RELATION_PARENT][b][a] = below[a][b] ? MEMBER_YES : MEMBER_NO;
            bool sibling = a != b && left->parent != 0 && left->parent == right->parent;
            plain->stands[RELATION_SIBLING][a][b] = sibling ? MEMBER_YES : MEMBER_NO;
            plain->stands[RELATION_LINK][a][b] =
                a != b ? (uint8_t)links_to(plain, right, left) : (uint8_t)MEMBER_NO;
        }
    }
    for (uint32_t k = 0; k < plain->count; k++) {
        for (uint32_t a = 0; a < plain->count; a++) {
            for (uint32_t b = 0; b < plain->count; b++) {
                below[a][b] |= below[a][k] && below[k][b];
            }
        }
    }
    for (uint32_t a = 0; a < plain->count; a++) {
        for (uint32_t b = 0; b < plain->count; b++) {
            uint8_t degree = a != b && below[a][b] ? MEMBER_YES : MEMBER_NO;
            plain->stands[RELATION_DESCENDANT][a][b] = degree;
            plain->stands[RELATION_ANCESTOR][b][a] = degree;
        }
    }
}

static void plain_init(struct plain *plain, const struct trace *trace, enum look_mode mode)
{
    memset(plain, 0, sizeof *plain);
    *plain = (struct plain){.trace = trace, .mode = mode, .count = trace->count};
    plain->arena = ARENA_INIT(4096, 0);
    for (uint32_t i = 0; i < trace->count; i++) {
        plain->spans[i] = arena_alloc(&plain->arena, sizeof *plain->spans[i]);
        assert_int_equal(trace_span_decode(trace, i, &plain->arena, plain->spans[i]), 0);
    }
    plain_relations(plain);
}

static enum member weaker(enum member a, enum member b)
{
    return a < b ? a : b;
}

static enum member stronger(enum member a, enum member b)
{
    return a > b ? a : b;
}

static enum member plain_fits(struct plain *plain, const struct selector_part *part, uint32_t span);

/* Whether the span has, in its relation to it, something that the chain from `p` on selects. */
static enum member plain_has(struct plain *plain, const struct selector_chain *chain, uint32_t p,
                             uint32_t span)
{
    const struct selector_part *part = &chain->parts[p];
    enum member best = MEMBER_NO;
    for (uint32_t i = 0; i < plain->count; i++) {
        enum member here =
            weaker((enum member)plain->stands[part->relation][span][i], plain_fits(plain, part, i));
        if (here != MEMBER_NO && p + 1 < chain->part_count) {
            here = weaker(here, plain_has(plain, chain, p + 1, i));
        }
        best = stronger(best, here);
    }
    return best;
}

static bool plain_is_root(const struct plain *plain, uint32_t span)
{
    bool root = true;
    for (uint32_t i = 0; i < plain->count; i++) {
        root &=
            plain->spans[span]->parent == 0 || plain->spans[i]->id != plain->spans[span]->parent;
    }
    return root;
}

static enum member plain_test(struct plain *plain, const struct place_test *test, uint32_t span)
{
    enum member best = MEMBER_NO;
    if (test->type == PLACE_ROOT) {
        return plain_is_root(plain, span) ? MEMBER_YES : MEMBER_NO;
    }
    if (test->type == PLACE_LEAF) {
        for (uint32_t i = 0; i < plain->count; i++) {
            best = stronger(best, (enum member)plain->stands[RELATION_CHILD][span][i]);
        }
        return best == MEMBER_NO ? MEMBER_YES : MEMBER_NO;
    }
    for (uint32_t c = 0; c < test->chain_count; c++) {
        best = stronger(best, plain_has(plain, &test->chains[c], 0, span));
    }
    return best;
}

/* By its filters and its place, whatever stands before. */
static enum member plain_fits(struct plain *plain, const struct selector_part *part, uint32_t span)
{
    unsigned holds =
        filters_hold(part->filters, part->filter_count, plain->spans[span], &plain->arena);
    bool yes = plain->mode == LOOK_OPEN     ? (holds & HOLDS_OPEN) != 0
               : plain->mode == LOOK_CLOSED ? (holds & HOLDS_CLOSED) != 0
                                            : (holds & HOLDS_RECEIVED) != 0;
    bool maybe = plain->mode == LOOK_OPEN     ? holds != 0
                 : plain->mode == LOOK_CLOSED ? (holds & HOLDS_PERHAPS) != 0
                                              : false;
    enum member degree = yes ? MEMBER_YES : maybe ? MEMBER_MAYBE : MEMBER_NO;
    for (uint32_t i = 0; i < part->test_count && degree != MEMBER_NO; i++) {
        degree = weaker(degree, plain_test(plain, &part->tests[i], span));
    }
    return degree;
}

/* The span that is picked in the world in which exactly these uncertain ones are there. */
static uint32_t picked_in_world(const struct plain *plain, const struct selector_part *part,
                                const uint8_t *members, uint32_t world)
{
    uint32_t here[SPANS_MAX];
    uint32_t count = 0;
    uint32_t uncertain = 0;
    for (uint32_t i = 0; i < plain->count; i++) {
        bool in = members[i] == MEMBER_YES;
        if (members[i] == MEMBER_MAYBE) {
            in = (world >> uncertain++ & 1) != 0;
        }
        if (!in) {
            continue;
        }
        uint32_t at = count++;
        for (; at > 0 && trace_span_compare(plain->trace, i, here[at - 1]) < 0; at--) {
            here[at] = here[at - 1];
        }
        here[at] = i;
    }
    uint32_t nth = part->pseudo == PSEUDO_NTH    ? part->nth - 1
                   : part->pseudo == PSEUDO_LAST ? count - 1
                                                 : 0;
    return nth < count ? here[nth] : UINT32_MAX;
}

/* In all worlds: yes; in some: maybe. */
static void plain_pick(const struct plain *plain, const struct selector_part *part,
                       uint8_t *members)
{
    uint32_t picked[SPANS_MAX] = {0};
    uint32_t uncertain = 0;
    for (uint32_t i = 0; i < plain->count; i++) {
        uncertain += members[i] == MEMBER_MAYBE;
    }
    uint32_t worlds = UINT32_C(1) << uncertain;
    for (uint32_t world = 0; world < worlds; world++) {
        uint32_t span = picked_in_world(plain, part, members, world);
        if (span != UINT32_MAX) {
            picked[span]++;
        }
    }
    for (uint32_t i = 0; i < plain->count; i++) {
        members[i] = picked[i] == worlds ? MEMBER_YES : picked[i] != 0 ? MEMBER_MAYBE : MEMBER_NO;
    }
}

static void plain_chain(struct plain *plain, const struct selector_chain *chain, uint8_t *ret)
{
    uint8_t upper[SPANS_MAX];
    uint8_t members[SPANS_MAX];
    for (uint32_t p = 0; p < chain->part_count; p++) {
        const struct selector_part *part = &chain->parts[p];
        for (uint32_t i = 0; i < plain->count; i++) {
            enum member related = p == 0 ? MEMBER_YES : MEMBER_NO;
            for (uint32_t a = 0; p > 0 && a < plain->count; a++) {
                related =
                    stronger(related, weaker((enum member)upper[a],
                                             (enum member)plain->stands[part->relation][a][i]));
            }
            members[i] = (uint8_t)weaker(related, plain_fits(plain, part, i));
        }
        if (part->pseudo != PSEUDO_NONE) {
            plain_pick(plain, part, members);
        }
        memcpy(upper, members, sizeof upper);
    }
    for (uint32_t i = 0; i < plain->count; i++) {
        ret[i] = (uint8_t)stronger((enum member)ret[i], (enum member)members[i]);
    }
}

static void check_selection(struct engine *engine, const struct selector *selector,
                            enum look_mode mode, uint64_t seed)
{
    static struct plain plain;
    uint8_t wanted[SPANS_MAX] = {0};
    struct look look;
    struct selection selected;
    plain_init(&plain, &engine->trace, mode);
    for (uint32_t c = 0; c < selector->chain_count; c++) {
        plain_chain(&plain, &selector->chains[c], wanted);
    }
    look_init(&look, &engine->judge, mode, &engine->scratch);
    selection_make(&selected, selector, &look);
    assert_false(look.failed);
    for (uint32_t i = 0; i < engine->trace.count; i++) {
        uint8_t got = selected.sighting != NULL && selected.members != NULL ? selected.members[i]
                                                                            : (uint8_t)MEMBER_NO;
        if (got != wanted[i]) {
            fail_msg("seed %llu, mode %d, span %u of %u: %d, wanted %d: %.*s",
                     (unsigned long long)seed, mode, i, engine->trace.count, got, wanted[i],
                     (int)selector->text.len, (const char *)selector->text.data);
        }
    }
    look_deinit(&look);
    arena_deinit(&plain.arena);
    arena_reset(&engine->scratch);
}

/* A copy brings other evidence, which an open trace does not use. */
static void check_run(uint64_t seed, uint32_t *ret_walked)
{
    static const enum look_mode modes[] = {LOOK_CLOSED, LOOK_RECEIVED};
    struct random random = random_seed(seed);
    struct arena arena = ARENA_INIT(4096, 0);
    struct test_suite suite = {.name = "s",
                               .assertions = {{.name = "a", .conditions = {"count($x) = 1"}}}};
    struct arrivals arrivals;
    struct engine engine;
    suite.spans[0] = (struct test_name){"x", random_selector(&random, &arena)};
    struct suite_set *set = test_suites_compile(&suite, 1);
    const struct selector *selector = set->suites[0].names[0].selector;
    random_arrivals(&random, &arrivals);
    bool walks = selector->has_relation || selector->has_pseudo;
    for (uint32_t order = 0; walks && order < 3; order++) {
        engine_init(&engine, set);
        for (uint32_t i = 0; i < arrivals.count; i++) {
            engine_add(&engine, &arrivals.spans[i]);
        }
        if (engine.trace.duplicates == 0) {
            check_selection(&engine, selector, LOOK_OPEN, seed);
        }
        engine_close(&engine, 0);
        for (size_t m = 0; m < sizeof modes / sizeof modes[0]; m++) {
            check_selection(&engine, selector, modes[m], seed);
        }
        engine_deinit(&engine);
        random_shuffle(&random, &arrivals);
        ++*ret_walked;
    }
    suite_set_unref(set);
    arena_deinit(&arena);
}

static void random_selectors_select_what_a_plain_reading_selects(void **state)
{
    (void)state;
    uint32_t walked = 0;
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        check_run(seed, &walked);
    }
    assert_true(walked > RUNS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_selectors_select_what_a_plain_reading_selects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
