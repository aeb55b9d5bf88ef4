/* Expressions beyond KEY OP LITERAL: arithmetic, functions, groups of conditions; a tree after
 * parsing. Immutable; lives in the arena of its suite set. docs/language.md, "Expressions", says
 * what it means.
 *
 * A tree has at most EXPRESSION_DEPTH_MAX levels and EXPRESSION_NODES_MAX nodes (what an output
 * stands for included), so that walking it by recursion is bounded. */
#ifndef ASSERTD_ASSERTIONS_EXPR_H
#define ASSERTD_ASSERTIONS_EXPR_H

#include "assertions/ast.h"

#define EXPRESSION_NODES_MAX 4096

enum expr_type {
    /* values */
    EXPR_LITERAL,
    EXPR_KEY,        /* of the selected span */
    EXPR_NAME_KEY,   /* $x.KEY */
    EXPR_COUNT,      /* count: of the selected spans */
    EXPR_NAME_COUNT, /* count($x) */
    EXPR_INJECTION,  /* $injection.KEY */
    EXPR_OUTPUT,     /* output:NAME; its expression is the one argument */
    EXPR_ACROSS,     /* a term over sets of spans or the trace, such as trace:spans */
    EXPR_NEGATE,
    EXPR_ADD,
    EXPR_SUBTRACT,
    EXPR_MULTIPLY,
    EXPR_DIVIDE,
    EXPR_REMAINDER,
    EXPR_CALL,
    EXPR_JOIN, /* f'...': the texts of its arguments, one after another */
    /* truths */
    EXPR_COMPARE, /* args: left, and right but for exists and missing */
    EXPR_IN,      /* args: left, then what it may be */
    EXPR_TEST,    /* an event: or link: key against a literal; args: key, literal */
    EXPR_NOT,
    EXPR_AND,
    EXPR_OR,
    EXPR_ACROSS_TRUTH, /* a condition across spans: `trace:spans < 5`, `$a before $b` */
};

struct function;

struct expr {
    enum expr_type type;
    unsigned types;         /* set of type_bit(): what its value may be; 0: it is a truth */
    uint32_t depth, nodes;  /* levels and nodes of the tree below it, with itself */
    struct operand literal; /* LITERAL */
    struct key key;         /* KEY, NAME_KEY */
    uint32_t name;          /* NAME_KEY, NAME_COUNT: index of the span_name */
    struct term injection;  /* INJECTION */
    enum compare_op op;     /* COMPARE, TEST */
    bool negated;           /* IN: not in; COMPARE with json-contains: not */
    const struct function *function; /* CALL */
    const struct regex *regex;       /* CALL of a pattern; COMPARE, TEST with =~ */
    const struct json_path *path;    /* CALL of json_path */
    const struct condition *across;  /* ACROSS, ACROSS_TRUTH: a TERM_WHOLE; without a value to
                                        compare with it is OP_EXISTS */
    uint32_t place;                  /* ACROSS, ACROSS_TRUTH: among those of its condition */
    const struct expr *const *args;
    uint32_t arg_count;
    struct bytes text; /* as written; of an output its name */
};

static inline unsigned type_bit(enum operand_type type)
{
    return 1u << type;
}

/* Sets of types. */
#define TYPES_TEXT     (1u << OPERAND_TEXT)
#define TYPES_NUMBER   (1u << OPERAND_INT | 1u << OPERAND_DOUBLE)
#define TYPES_INT      (1u << OPERAND_INT)
#define TYPES_DURATION (1u << OPERAND_DURATION)
#define TYPES_TIME     (1u << OPERAND_TIME)
#define TYPES_NS       (TYPES_DURATION | TYPES_TIME)
#define TYPES_ARRAY    (1u << OPERAND_ARRAY)
#define TYPES_OPAQUE   (1u << OPERAND_BYTES | 1u << OPERAND_ARRAY | 1u << OPERAND_MAP)
#define TYPES_ATTR     (TYPES_TEXT | TYPES_NUMBER | 1u << OPERAND_BOOL | TYPES_OPAQUE)
#define TYPES_ALL      (TYPES_ATTR | TYPES_NS)
/* What has a canonical text. */
#define TYPES_PRINTED (TYPES_TEXT | TYPES_NUMBER | 1u << OPERAND_BOOL | TYPES_DURATION)

/* What an expression reads. */
struct expr_reads {
    bool span;     /* keys of the selected span, or of the one at hand */
    bool selected; /* count */
    bool injection;
    const uint32_t *names; /* in rising order, each once */
    const bool *counted;   /* of each: only its number is read (count($x)) */
    const bool *timed;     /* of each: its start or end is read */
    uint32_t name_count;
    bool numbers;                          /* count($x) of any */
    bool span_timed, injection_timed;      /* the same of the selected span, of the record's time */
    bool self_time;                        /* span:self_time of any */
    const struct condition *const *across; /* conditions across spans, by place */
    uint32_t across_count;
};

/* Works it out; the lists live in `arena`. 0; -ENOMEM. */
int expr_reads(const struct expr *expr, struct arena *arena, struct expr_reads *ret);

/* Whether something is read that is known at close only: conditions across spans, own times. */
static inline bool expr_reads_across(const struct expr_reads *reads)
{
    return reads->across_count != 0 || reads->self_time;
}

/* Calls `visit` for each node, a node after its arguments; false ends it. */
typedef bool (*expr_visit)(void *self, const struct expr *expr);
bool expr_each(const struct expr *expr, expr_visit visit, void *self);

/* The same tree with its conditions across spans placed from *next on, which is moved behind them:
 * what an output stands for has a place in each expression that reads it. What has none is shared.
 * NULL: no memory. */
const struct expr *expr_placed(const struct expr *expr, struct arena *arena, uint32_t *next);

/* Whether both ask the same. */
bool expr_equal(const struct expr *a, const struct expr *b);

#endif
