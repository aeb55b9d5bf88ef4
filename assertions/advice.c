#include "assertions/advice.h"

#include <stdio.h>

#include "assertions/never.h"
#include "assertions/slips.h"

#define PATH_BYTES_MAX 160
#define TEXT_SHOWN_MAX 80
#define PAIRS_MAX      1000000u /* of conditions, for each suite */

struct adviser {
    const struct suite *suite;
    const struct suite_settings *settings;
    size_t index;
    struct problems *problems;
    uint64_t pairs; /* of conditions that have been compared */
};

static int shown(struct bytes text)
{
    return (int)(text.len < TEXT_SHOWN_MAX ? text.len : TEXT_SHOWN_MAX);
}

/* --- what looks as if something else were meant --- */

static void advise_slip(const struct adviser *adviser, const struct config_text *text,
                        const char *path)
{
    struct slip slip;
    if (text->text != NULL && slip_find(bytes_of(text->text), &slip)) {
        problems_advise(adviser->problems, text->origin, path, "'%.*s' %s", shown(slip.what),
                        (const char *)slip.what.data, slip.instead);
    }
}

static void advise_slips_of(const struct adviser *adviser, const struct config_pairs *pairs,
                            const char *what)
{
    char path[PATH_BYTES_MAX];
    for (size_t i = 0; i < pairs->count; i++) {
        snprintf(path, sizeof path, "suites[%zu].%s.%.80s", adviser->index, what,
                 pairs->items[i].name);
        advise_slip(adviser, &pairs->items[i].value, path);
    }
}

static void advise_slips(const struct adviser *adviser)
{
    const struct suite_settings *settings = adviser->settings;
    char path[PATH_BYTES_MAX];
    snprintf(path, sizeof path, "suites[%zu].traces", adviser->index);
    advise_slip(adviser, &settings->traces, path);
    advise_slips_of(adviser, &settings->spans, "spans");
    advise_slips_of(adviser, &settings->outputs, "outputs");
    for (size_t i = 0; i < settings->thresholds.count; i++) {
        const struct threshold_settings *threshold =
            CONFIG_ITEM(settings->thresholds, const struct threshold_settings, i);
        snprintf(path, sizeof path, "suites[%zu].thresholds[%zu].rule", adviser->index, i);
        advise_slip(adviser, &threshold->rule, path);
    }
}

/* --- selectors --- */

static void advise_selector(const struct adviser *adviser, const struct selector *selector,
                            struct config_origin origin, const char *path)
{
    struct never never;
    if (selector == NULL || !never_selects(selector, &never)) {
        return;
    }
    if (never.other.len == 0) {
        problems_advise(adviser->problems, origin, path, "the selector never matches: %.*s never",
                        shown(never.one), (const char *)never.one.data);
        return;
    }
    problems_advise(adviser->problems, origin, path,
                    "the selector never matches: no span has both %.*s and %.*s", shown(never.one),
                    (const char *)never.one.data, shown(never.other),
                    (const char *)never.other.data);
}

static void advise_selectors(const struct adviser *adviser)
{
    const struct suite *suite = adviser->suite;
    const struct suite_settings *settings = adviser->settings;
    char path[PATH_BYTES_MAX];
    snprintf(path, sizeof path, "suites[%zu].traces", adviser->index);
    advise_selector(adviser, suite->traces, settings->traces.origin, path);
    for (uint32_t i = 0; i < suite->name_count; i++) {
        const struct config_pair *pair = &settings->spans.items[i];
        snprintf(path, sizeof path, "suites[%zu].spans.%.80s", adviser->index, pair->name);
        advise_selector(adviser, suite->names[i].selector, pair->value.origin, path);
    }
}

/* --- conditions on all spans --- */

static bool is_all_spans(const struct selector *selector)
{
    for (uint32_t c = 0; c < selector->chain_count; c++) {
        const struct selector_part *part = &selector->chains[c].parts[0];
        if (selector->chains[c].part_count == 1 && part->filter_count == 0 &&
            part->test_count == 0 && part->pseudo == PSEUDO_NONE) {
            return true;
        }
    }
    return false;
}

/* Bare keys that every span has by its resource, as likely as not. */
static bool is_of_resource(struct bytes name)
{
    static const char *const spaces[] = {"service.", "telemetry.", "host.",      "k8s.",
                                         "process.", "os.",        "container.", "cloud.",
                                         "device.",  "faas.",      "deployment."};
    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
        if (bytes_start_with(name, bytes_of(spaces[i]))) {
            return true;
        }
    }
    return false;
}

/* Whether a condition fails on a span that lacks its key, and many do. */
static bool wants_a_rare_key(const struct condition *condition)
{
    const struct key *key = &condition->left.key;
    bool plain = condition->left.type == TERM_KEY && condition->test == NULL &&
                 condition->negations == 0 && condition->op != OP_MISSING &&
                 condition->quantifier == QUANTIFIER_ALL;
    bool rare = key->space == KEY_ATTR || key->space == KEY_EVENT || key->space == KEY_LINK ||
                (key->space == KEY_ANY && !is_of_resource(key->name));
    return plain && rare;
}

static void advise_all(const struct adviser *adviser, const struct assertion *assertion,
                       const struct condition *condition, struct config_origin origin,
                       const char *path)
{
    if (assertion->select != NULL && is_all_spans(assertion->select) &&
        wants_a_rare_key(condition)) {
        problems_advise(adviser->problems, origin, path,
                        "the condition fails on every span without the key, and span[] selects all "
                        "spans; select those that have it (span[KEY exists]), or write any: or "
                        "none:");
    }
}

/* --- conditions that others say --- */

/* One condition of an assertion. */
struct said {
    const struct assertion *assertion;
    const struct condition *condition;
};

/* The next byte of a text without the blanks outside of quotes; -1: the end. */
static int next_byte(struct bytes text, size_t *at, uint8_t *quote)
{
    while (*at < text.len) {
        uint8_t c = text.data[(*at)++];
        bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (blank && *quote == 0) {
            continue;
        }
        if (*quote != 0 ? c == *quote : c == '\'' || c == '"' || c == '`') {
            *quote = *quote != 0 ? 0 : c;
        }
        return c;
    }
    return -1;
}

static bool is_same_text(struct bytes a, struct bytes b)
{
    size_t at_a = 0;
    size_t at_b = 0;
    uint8_t quote_a = 0;
    uint8_t quote_b = 0;
    int c;
    do {
        c = next_byte(a, &at_a, &quote_a);
        if (c != next_byte(b, &at_b, &quote_b)) {
            return false;
        }
    } while (c >= 0);
    return true;
}

static bool is_same_selector(const struct selector *a, const struct selector *b)
{
    return a == b || (a != NULL && b != NULL && a->number == b->number);
}

/* Whether both assertions ask in the same traces, with the same weight. */
static bool ask_alike(const struct assertion *a, const struct assertion *b)
{
    return is_same_selector(a->select, b->select) && a->when == NULL && b->when == NULL &&
           a->optional == b->optional && a->severity == b->severity && a->tolerance == b->tolerance;
}

/* Both are about the number of the same spans, the first names it. */
static bool count_the_same(const struct condition *a, const struct condition *b)
{
    bool counts = a->left.type == TERM_COUNT ||
                  (a->left.type == TERM_NAME_COUNT && a->left.name == b->left.name);
    return counts && a->left.type == b->left.type && a->test == NULL && b->test == NULL &&
           a->negations == 0 && a->op == OP_EQUAL &&
           (a->right.literal.type == OPERAND_INT || a->right.literal.type == OPERAND_DOUBLE);
}

/* What the first says of the second: TRUTH_ABSENT: nothing. */
static enum truth said_of(const struct condition *first, const struct condition *second)
{
    if (!count_the_same(first, second)) {
        return TRUTH_ABSENT;
    }
    enum truth truth =
        compare(second->op, &first->right.literal, &second->right.literal, second->regex);
    return truth_negate(truth, second->negations);
}

static void advise_pair(const struct adviser *adviser, const struct said *earlier,
                        const struct said *later, struct config_origin origin, const char *path)
{
    struct bytes name = earlier->assertion->name;
    struct bytes text = earlier->condition->text;
    enum truth forth = said_of(earlier->condition, later->condition);
    enum truth back = said_of(later->condition, earlier->condition);
    if (is_same_text(text, later->condition->text)) {
        problems_advise(adviser->problems, origin, path,
                        "'%.*s' asks the same of the same spans already", shown(name),
                        (const char *)name.data);
    } else if (forth == TRUTH_FALSE || back == TRUTH_FALSE) {
        problems_advise(adviser->problems, origin, path,
                        "never holds together with '%.*s' of '%.*s'", shown(text),
                        (const char *)text.data, shown(name), (const char *)name.data);
    } else if (forth == TRUTH_TRUE) {
        problems_advise(adviser->problems, origin, path, "adds nothing to '%.*s' of '%.*s'",
                        shown(text), (const char *)text.data, shown(name), (const char *)name.data);
    } else if (back == TRUTH_TRUE) {
        problems_advise(adviser->problems, origin, path, "makes '%.*s' of '%.*s' needless",
                        shown(text), (const char *)text.data, shown(name), (const char *)name.data);
    }
}

/* Looks for one that says something of it before `index` of assertion `number`. */
static void advise_said(struct adviser *adviser, uint32_t number, uint32_t index,
                        struct config_origin origin, const char *path)
{
    const struct assertion *assertions = adviser->suite->assertions;
    const struct said later = {&assertions[number], assertions[number].conditions[index]};
    size_t before = adviser->problems->count;
    for (uint32_t a = 0; a <= number && adviser->problems->count == before; a++) {
        uint32_t count = a < number ? assertions[a].condition_count : index;
        adviser->pairs += count;
        if (adviser->pairs > PAIRS_MAX) {
            return;
        }
        for (uint32_t i = 0; ask_alike(&assertions[a], later.assertion) && i < count; i++) {
            const struct said earlier = {&assertions[a], assertions[a].conditions[i]};
            advise_pair(adviser, &earlier, &later, origin, path);
        }
    }
}

/* --- all --- */

static void advise_assertion(struct adviser *adviser, uint32_t number)
{
    const struct assertion *assertion = &adviser->suite->assertions[number];
    const struct assertion_settings *settings =
        CONFIG_ITEM(adviser->settings->assertions, const struct assertion_settings, number);
    char path[PATH_BYTES_MAX];
    snprintf(path, sizeof path, "suites[%zu].assertions[%u].select", adviser->index, number);
    advise_selector(adviser, assertion->select, settings->select.origin, path);
    advise_slip(adviser, &settings->select, path);
    if (assertion->when != NULL) {
        snprintf(path, sizeof path, "suites[%zu].assertions[%u].when", adviser->index, number);
        advise_selector(adviser, assertion->when->selector, settings->when.origin, path);
        advise_slip(adviser, &settings->when, path);
    }
    for (uint32_t i = 0; i < assertion->condition_count; i++) {
        struct config_origin origin = settings->conditions.items[i].origin;
        int len = snprintf(path, sizeof path, "suites[%zu].assertions[%u].assert", adviser->index,
                           number);
        if (assertion->condition_count > 1) {
            snprintf(path + len, sizeof path - (size_t)len, "[%u]", i);
        }
        advise_slip(adviser, &settings->conditions.items[i], path);
        advise_all(adviser, assertion, assertion->conditions[i], origin, path);
        advise_said(adviser, number, i, origin, path);
    }
}

void advice_give(const struct suite *suite, const struct suite_settings *settings, size_t index,
                 struct problems *problems)
{
    struct adviser adviser = {suite, settings, index, problems, 0};
    advise_selectors(&adviser);
    advise_slips(&adviser);
    for (uint32_t i = 0; i < settings->assertions.count && i < suite->assertion_count; i++) {
        advise_assertion(&adviser, i);
    }
}
