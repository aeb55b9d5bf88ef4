/* Expressions after parsing: what selectors, conditions, `when` and rules mean. Immutable; lives in
 * the arena of its suite set. The grammar is SEMANTICS 2-4 and 6; docs/language.md explains it to
 * users.
 *
 * Built by the parsers of assertions/expression.h, and by nothing else. */
#ifndef ASSERTD_ASSERTIONS_AST_H
#define ASSERTD_ASSERTIONS_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "assertions/compare.h"
#include "assertions/operand.h"
#include "assertions/semconv.h"
#include "daemon/core/bytes.h"

/* Where a key looks. */
enum key_space {
    KEY_FIELD,    /* an own field, bare or by span: */
    KEY_ANY,      /* bare: the span's attribute, else the resource's */
    KEY_ATTR,     /* attr: */
    KEY_RESOURCE, /* resource: */
    KEY_SCOPE,    /* scope: (scope:name, scope:version are fields) */
    KEY_EVENT,    /* event: each event's name or attribute */
    KEY_LINK,     /* link: each link's trace_id, span_id or attribute */
    KEY_DEFECT,   /* defect: what breaks a rule of the analyzer; missing: nothing does */
};
enum span_field {
    FIELD_NAME,
    FIELD_KIND,
    FIELD_STATUS,
    FIELD_SERVICE,
    FIELD_DURATION,
    FIELD_START,
    FIELD_END, /* those below need the prefix span: */
    FIELD_TYPE,
    FIELD_STATUS_MESSAGE,
    FIELD_ID,
    FIELD_PARENT_ID,
    FIELD_TRACE_STATE,
    FIELD_EVENT_COUNT,
    FIELD_LINK_COUNT,
    FIELD_SELF_TIME, /* what hangs on its children; in expressions of conditions only */
};

struct key {
    enum key_space space;
    enum span_field field; /* KEY_FIELD */
    struct bytes name;     /* the others, without prefix and back quotes */
    uint8_t rule;          /* KEY_DEFECT: enum defect_rule, called `name` */
    bool quoted;  /* in back quotes: never a field (of the span, a scope, an event, a link) */
    bool aliased; /* the other names count too (a suite with semconv_aliases) */
    const struct semconv_alias *aliases; /* of KEY_ANY, KEY_ATTR, KEY_RESOURCE, aliased or not */
    uint32_t alias_count;
};

struct expr;
struct expr_reads;

/* One test of one span: KEY OP LITERAL, not (...) around filters that do not all hold, or an
 * expression. */
struct filter {
    enum { FILTER_COMPARE, FILTER_NOT, FILTER_EXPR } type;
    struct key key;
    enum compare_op op;
    struct operand literal;
    const struct regex *regex;
    const struct expr *test;    /* FILTER_EXPR: a truth */
    const struct filter *inner; /* FILTER_NOT: a conjunction of `inner_count`, at least one */
    uint32_t inner_count;
    struct bytes text; /* as written */
    uint32_t index; /* number among all distinct filters of the suite set (dispatch); equal filters
                       share it. A filter inside not() has none (UINT32_MAX) */
};

/* What the spans of a part are to those of the part before it. */
enum relation {
    RELATION_NONE,
    RELATION_DESCENDANT, /* a b */
    RELATION_CHILD,      /* a > b */
    RELATION_PARENT,     /* a < b: b is the parent of an a */
    RELATION_ANCESTOR,   /* a << b */
    RELATION_SIBLING,    /* a ~ b */
    RELATION_LINK,       /* a -> b: b has a link to an a */
};
enum pseudo { PSEUDO_NONE, PSEUDO_FIRST, PSEUDO_LAST, PSEUDO_NTH };

/* What must hold of the place of a span in its trace. */
struct place_test {
    enum {
        PLACE_HAS,  /* :has(...): some span that one of the chains selects, whose first parts stand
                       in their relation to the span */
        PLACE_ROOT, /* :root */
        PLACE_LEAF, /* :leaf */
    } type;
    const struct selector_chain *chains; /* PLACE_HAS */
    uint32_t chain_count;
};

/* span[FILTER FILTER, FILTER]:has(...):first, one link of a chain. */
struct selector_part {
    enum relation relation; /* to the part before it; of the first part in :has(...) to its span */
    uint32_t place;         /* among all parts of its selector, those in :has(...) included */
    const struct filter *filters;
    uint32_t filter_count;
    const struct place_test *tests; /* they hold before the pseudo-class picks */
    uint32_t test_count;
    enum pseudo pseudo;
    uint32_t nth; /* from 1 */
};

struct selector_chain {
    const struct selector_part *parts;
    uint32_t part_count;
};

struct selector {
    const struct selector_chain *chains; /* any of them */
    uint32_t chain_count;
    struct bytes text;
    uint32_t part_count;
    bool has_relation; /* some chain has more than one part, or a part asks for its place */
    bool
        has_pseudo; /* a further span can take a span away from what it selects: :first, :root .. */
    uint32_t number; /* among all distinct selectors of the suite set; equal ones share it */
};

/* A name of the suite's `spans`. */
struct span_name {
    struct bytes name; /* without $ */
    const struct selector *selector;
    uint32_t index; /* in the suite */
};

/* One side of a condition or rule. */
enum term_type {
    TERM_LITERAL,
    TERM_KEY,        /* of the selected span */
    TERM_NAME_KEY,   /* $x.KEY */
    TERM_COUNT,      /* count: of the selected spans */
    TERM_NAME_COUNT, /* count($x) */
    TERM_INJECTION,  /* $injection.KEY */
    TERM_DIFFERENCE, /* left - right, of two times (a duration) */
    TERM_WHOLE,      /* over the trace or sets of spans, or a statement (whole.h) */
    TERM_EXPRESSION, /* the condition's `test` reads more than the keys of one span */
};

struct whole;

struct term {
    enum term_type type;
    struct operand literal;
    struct key key;
    uint32_t name;              /* index of the span_name; TERM_NAME_KEY, TERM_NAME_COUNT */
    struct bytes injection_key; /* TERM_INJECTION: "time", "duration", "outcome", "status", a label,
                                   else an attribute's key */
    bool injection_quoted; /* TERM_INJECTION: in back quotes, so an attribute whatever its name */
    const struct term *left,
        *right; /* TERM_DIFFERENCE: each TERM_NAME_KEY or TERM_INJECTION giving a time */
    const struct whole *whole; /* TERM_WHOLE */
};

enum quantifier { QUANTIFIER_ALL, QUANTIFIER_ANY, QUANTIFIER_NONE };

/* Plain: the right side is a literal, the left is none; `not (...)` around it is counted in
 * `negations`: what the comparison gives goes through truth_negate. With a `test` that is what is
 * judged, and of left, op and right only left.type counts: TERM_KEY (it reads keys of the selected
 * span and nothing else), TERM_NAME_KEY (of the one name left.name), or TERM_EXPRESSION. `any:` and
 * `none:` only where reads_span. */
struct condition {
    enum quantifier quantifier;
    uint32_t negations;
    struct term left;
    enum compare_op op;
    struct term right;
    const struct regex *regex;
    const struct expr *test;        /* NULL: plain */
    const struct expr_reads *reads; /* of the test */
    bool reads_span; /* some term is TERM_KEY (judged per selected span); else it is judged once */
    struct bytes text;
    uint32_t index;  /* in its assertion */
    uint32_t number; /* among all of the suite set */
};

/* `when`: a condition over names or the injection, or a selector that must select a span. */
struct when {
    const struct condition *condition; /* one of both */
    const struct selector *selector;
};

/* A threshold's rule: AGGREGATE(EXPRESSION) OP LITERAL. */
enum aggregate {
    AGGREGATE_PERCENTILE,
    AGGREGATE_AVG,
    AGGREGATE_MIN,
    AGGREGATE_MAX,
    AGGREGATE_COUNT,
    AGGREGATE_RATIO,
    AGGREGATE_DUPLICATES, /* samples beyond the first of their value */
    AGGREGATE_DISTINCT,   /* different values */
    AGGREGATE_MOST,       /* how often the most frequent value comes */
    AGGREGATE_RATE,       /* spans of a name by seconds */
    AGGREGATE_SLOPE,      /* by how much a backlog grows in a second */
    AGGREGATE_BACKLOG,    /* the greatest backlog */
};
enum rule_state { /* what count and ratio may count */
                  STATE_MISSING,
                  STATE_UNEXPECTED,
                  STATE_LATE,
                  STATE_DUPLICATE, /* injections */
                  STATE_PASS,
                  STATE_FAIL,
                  STATE_ERROR,
                  STATE_INCONCLUSIVE, /* judged traces by verdict */
};
enum rule_test {
    RULE_COMPARES,    /* op, literal */
    RULE_BETWEEN,     /* literal .. upper, both within */
    RULE_NOT_BETWEEN, /* below literal or above upper */
    RULE_NO_WORSE,    /* than the baseline, by worse_by */
};
/* Greatest share by which something may be worse than its baseline. */
#define RULE_WORSE_MAX 100

/* {KEY:VALUE}: a label of the injection, or its stage, by its canonical text. */
struct rule_tag {
    struct bytes key, value;
};

struct rule {
    enum aggregate aggregate;
    double percent; /* AGGREGATE_PERCENTILE */
    uint64_t percent_num,
        percent_den;    /* the same exactly: num / den, den a power of ten up to 10^9 */
    struct term sample; /* TERM_DIFFERENCE, or TERM_NAME_KEY (duration or an attribute); for AVG ..
                           PERCENTILE; TERM_NAME_COUNT for RATE, SLOPE, BACKLOG (what is produced);
                           TERM_EXPRESSION: `value` */
    const struct expr *value;       /* TERM_EXPRESSION: over names and the record */
    const struct expr_reads *reads; /* of the value */
    bool each;                      /* a sample of each span of the name, not of its only one */
    uint32_t consumed;              /* SLOPE, BACKLOG: the second name */
    enum rule_state state;          /* COUNT, RATIO */
    struct bytes of; /* COUNT, RATIO: of an assertion by its name; data NULL: of the suite */
    size_t of_at;    /* where the name stands */
    const struct rule_tag *tags; /* all of them match */
    uint32_t tag_count;
    enum rule_test test;
    enum compare_op op;
    struct operand literal; /* duration, int, double (a fraction for ratio) */
    struct operand upper;   /* BETWEEN, NOT_BETWEEN: of the same type */
    double worse_by;        /* NO_WORSE: 0.1 for 10% */
    struct bytes subject;   /* what is measured, with its tags: "($x.duration){zone:eu}" */
    bool sample_is_duration;
    struct bytes text;
};

#endif
