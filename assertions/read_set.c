/* Switches and lists name what is known: what is added to the language is either listed, or reads
 * everything. */
#include "assertions/read_set.h"

#include "assertions/suite.h"

void read_set_note_all(struct read_set *reads)
{
    reads->all = true;
}

/* Own fields are in the record, resource and scope are shared by many spans: these stay. */
static void note_field(struct read_set *reads, const struct key *key)
{
    struct keep *keep = &reads->keep;
    switch (key->field) {
    case FIELD_NAME:
    case FIELD_KIND:
    case FIELD_STATUS:
    case FIELD_SERVICE:
    case FIELD_DURATION:
    case FIELD_START:
    case FIELD_END:
    case FIELD_ID:
    case FIELD_PARENT_ID:
        break;
    case FIELD_STATUS_MESSAGE:
        keep->status_message = true;
        break;
    case FIELD_TRACE_STATE:
        keep->trace_state = true;
        break;
    case FIELD_EVENT_COUNT:
    case FIELD_LINK_COUNT:
        keep->part_counts = true;
        break;
    default: /* a type is told by keys that are not known here */
        read_set_note_all(reads);
    }
}

static bool is_own(const struct key *key, const char *name)
{
    return !key->quoted && bytes_is(key->name, name);
}

/* The other names also where they do not count: explanations point to them. */
static bool keep_names(struct keep *keep, const struct key *key, struct arena *arena)
{
    bool noted = keep_keys_add(&keep->attrs, key->name, arena);
    for (uint32_t i = 0; noted && i < key->alias_count; i++) {
        noted = keep_keys_add(&keep->attrs, key->aliases[i].name, arena);
    }
    return noted;
}

static void list_names(struct attr_hints *listed, const struct key *key)
{
    (void)attr_hints_add(listed, key->name);
    for (uint32_t i = 0; i < key->alias_count; i++) {
        (void)attr_hints_add(listed, key->aliases[i].name);
    }
}

/* A bare key is looked for in the resource, too. */
static void note_listed(struct listed_keys *listed, const struct key *key)
{
    if (key->space == KEY_ANY || key->space == KEY_ATTR) {
        list_names(&listed->span, key);
    }
    if (key->space == KEY_ANY || key->space == KEY_RESOURCE) {
        list_names(&listed->resource, key);
    }
    if (key->space == KEY_SCOPE) {
        list_names(&listed->scope, key);
    }
}

bool read_set_note(struct read_set *reads, const struct key *key, struct arena *arena)
{
    struct keep *keep = &reads->keep;
    note_listed(&reads->listed, key);
    switch (key->space) {
    case KEY_FIELD:
        note_field(reads, key);
        return true;
    case KEY_ANY:
    case KEY_ATTR:
        return keep_names(keep, key, arena);
    case KEY_RESOURCE:
    case KEY_SCOPE:
        return true;
    case KEY_EVENT:
        keep->event_names |= is_own(key, "name");
        return is_own(key, "name") || keep_keys_add(&keep->event_attrs, key->name, arena);
    case KEY_LINK:
        keep->link_ids |= is_own(key, "trace_id") || is_own(key, "span_id");
        return is_own(key, "trace_id") || is_own(key, "span_id") ||
               keep_keys_add(&keep->link_attrs, key->name, arena);
    default:
        read_set_note_all(reads);
        return true;
    }
}

/* --- what reads spans without a key --- */

static bool filters_known(const struct filter *filters, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        bool known = filters[i].type == FILTER_COMPARE || filters[i].type == FILTER_EXPR ||
                     (filters[i].type == FILTER_NOT &&
                      filters_known(filters[i].inner, filters[i].inner_count));
        if (!known) {
            return false;
        }
    }
    return true;
}

/* Parents are in the record; what a link reads, the parser has noted. */
static bool relation_known(enum relation relation)
{
    return relation <= RELATION_LINK;
}

static bool pseudo_known(enum pseudo pseudo)
{
    return pseudo == PSEUDO_NONE || pseudo == PSEUDO_FIRST || pseudo == PSEUDO_LAST ||
           pseudo == PSEUDO_NTH;
}

static bool chains_known(const struct selector_chain *chains, uint32_t count);

static bool part_known(const struct selector_part *part)
{
    bool known = relation_known(part->relation) && pseudo_known(part->pseudo) &&
                 filters_known(part->filters, part->filter_count);
    for (uint32_t i = 0; known && i < part->test_count; i++) {
        const struct place_test *test = &part->tests[i];
        known = test->type <= PLACE_LEAF && chains_known(test->chains, test->chain_count);
    }
    return known;
}

/* As deep as :has(...) is nested. */
static bool chains_known(const struct selector_chain *chains, uint32_t count)
{
    bool known = true;
    for (uint32_t c = 0; known && c < count; c++) {
        for (uint32_t p = 0; known && p < chains[c].part_count; p++) {
            known = part_known(&chains[c].parts[p]);
        }
    }
    return known;
}

static bool selector_known(const struct selector *selector)
{
    return selector == NULL || chains_known(selector->chains, selector->chain_count);
}

static bool left_known(const struct term *term)
{
    switch (term->type) {
    case TERM_KEY:
    case TERM_NAME_KEY:
    case TERM_COUNT:
    case TERM_NAME_COUNT:
    case TERM_INJECTION:
    case TERM_WHOLE:      /* what it reads without a key is noted as it is parsed */
    case TERM_EXPRESSION: /* its keys are noted where they are read */
        return true;
    case TERM_DIFFERENCE:
        return left_known(term->left) && left_known(term->right);
    default: /* a literal never stands on the left */
        return false;
    }
}

static bool quantifier_known(enum quantifier quantifier)
{
    return quantifier == QUANTIFIER_ALL || quantifier == QUANTIFIER_ANY ||
           quantifier == QUANTIFIER_NONE;
}

static bool condition_known(const struct condition *condition)
{
    return quantifier_known(condition->quantifier) && left_known(&condition->left) &&
           condition->right.type == TERM_LITERAL;
}

static bool when_known(const struct when *when)
{
    return when == NULL || (when->condition != NULL && condition_known(when->condition)) ||
           (when->selector != NULL && selector_known(when->selector));
}

static bool assertion_known(const struct assertion *assertion)
{
    bool known = selector_known(assertion->select) && when_known(assertion->when);
    for (uint32_t i = 0; known && i < assertion->condition_count; i++) {
        known = condition_known(assertion->conditions[i]);
    }
    return known;
}

static bool rule_known(const struct rule *rule)
{
    switch (rule->aggregate) {
    case AGGREGATE_PERCENTILE:
    case AGGREGATE_AVG:
    case AGGREGATE_MIN:
    case AGGREGATE_MAX:
        return left_known(&rule->sample);
    case AGGREGATE_COUNT:
    case AGGREGATE_RATIO:
        return true;
    default:
        return false;
    }
}

static bool suite_known(const struct suite *suite)
{
    bool known = selector_known(suite->traces);
    for (uint32_t i = 0; known && i < suite->name_count; i++) {
        known = selector_known(suite->names[i].selector);
    }
    for (uint32_t i = 0; known && i < suite->assertion_count; i++) {
        known = assertion_known(&suite->assertions[i]);
    }
    for (uint32_t i = 0; known && i < suite->threshold_count; i++) {
        known = rule_known(suite->thresholds[i].rule);
    }
    return known;
}

struct read_set read_set_make(const struct read_set *noted, const struct suite *suites,
                              uint32_t suite_count)
{
    struct read_set reads = *noted;
    for (uint32_t i = 0; !reads.all && i < suite_count; i++) {
        reads.all = !suite_known(&suites[i]);
    }
    reads.listed.span.made = reads.listed.resource.made = reads.listed.scope.made = !reads.all;
    return reads;
}
