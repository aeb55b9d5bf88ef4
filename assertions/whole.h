/* Conditions across spans and over the whole trace, as they are written: over sets of spans (what
 * the assertion selects, what a name of the suite binds) and over all spans of the trace. Each is
 * decided when the trace closes (whole_ruling.h); docs/language.md says what each means.
 *
 * A whole condition is a term (`trace:spans`, `sum(x)`, `gap($a, $b)`) that is compared with a
 * literal, or a statement (`$a before $b`). Immutable; lives in the arena of its suite set. */
#ifndef ASSERTD_ASSERTIONS_WHOLE_H
#define ASSERTD_ASSERTIONS_WHOLE_H

#include "assertions/ast.h"

enum whole_type {
    /* terms over the trace */
    WHOLE_DURATION,
    WHOLE_SPANS,
    WHOLE_ERRORS,
    WHOLE_SERVICES,
    WHOLE_DEPTH,
    WHOLE_ROOTS,
    WHOLE_FAN_OUT,
    WHOLE_REPEATS,
    WHOLE_RETRIES,
    WHOLE_CRITICAL, /* critical(SERVICE) */
    /* terms over sets */
    WHOLE_SELF_TIME, /* of each selected span */
    WHOLE_SUM,
    WHOLE_AVG,
    WHOLE_MIN,
    WHOLE_MAX,
    WHOLE_PERCENTILE,
    WHOLE_DISTINCT,
    WHOLE_GAP,
    WHOLE_CONCURRENCY,
    WHOLE_LAG,
    /* statements */
    WHOLE_QUANTIFIED, /* exactly 2: CONDITION */
    WHOLE_EDGES,
    WHOLE_BEFORE,
    WHOLE_STARTS_BEFORE,
    WHOLE_OVERLAPS,
    WHOLE_APART,
    WHOLE_FOLLOWED,
    WHOLE_NONE_AFTER,
    WHOLE_HAS,
    WHOLE_SAME,
    WHOLE_UNIQUE,
    WHOLE_STATES,
};

/* How many there must be. */
enum whole_times { TIMES_EXACTLY, TIMES_AT_LEAST, TIMES_AT_MOST };

/* In place of a name's index: the spans that the assertion selects. */
#define WHOLE_SELECTED UINT32_MAX

/* Greatest number of sets, of states and services, and of arrows in one condition. */
#define WHOLE_SETS_MAX   16u
#define WHOLE_NODES_MAX  64u
#define WHOLE_ARROWS_MAX 256u

/* The attributes that tell what a repeated child asks for: the first of them that is a text. */
#define WHOLE_TEXT_KEYS "db.query.text", "db.statement", "url.full", "http.url"

/* A transition of states, an edge between services. */
struct whole_arrow {
    uint32_t from, to; /* nodes */
    bool never;
};

/* Who is the producer of a consumer. */
enum whole_lag { LAG_PARENT_OR_LINK, LAG_PARENT, LAG_LINK, LAG_KEY };

/* What is read of each span: a key, or an expression over its keys. */
struct whole_value {
    struct key key;
    const struct expr *expr; /* NULL: the key */
    struct bytes text;       /* as written */
};

struct whole {
    enum whole_type type;
    uint32_t sets[WHOLE_SETS_MAX]; /* indexes of names, or WHOLE_SELECTED */
    uint32_t set_count;
    bool self_time;           /* the value is span:self_time */
    struct whole_value value; /* what is aggregated, compared, or tells the state */
    bool has_by;
    struct whole_value by; /* what belongs together */
    enum whole_times times;
    uint64_t number;             /* of times */
    struct bytes amount;         /* QUANTIFIED: the number as it is written */
    bool percent;                /* QUANTIFIED: `number` is of per cent ... */
    uint64_t percent_den;        /* ... in so many parts; PERCENTILE: number / percent_den */
    const struct condition *one; /* QUANTIFIED: judged on each selected span */
    bool has_within;
    int64_t within_ns;
    enum whole_lag lag;
    const struct bytes *nodes; /* states, services */
    uint32_t node_count;
    const struct whole_arrow *arrows;
    uint32_t arrow_count;
    bool only;      /* EDGES: no other edges; STATES: the arrows are all that is allowed */
    bool any_start; /* STATES */
};

/* Whether it is a statement, true or false by itself. */
static inline bool whole_is_statement(const struct whole *whole)
{
    return whole->type >= WHOLE_QUANTIFIED;
}

/* Whether it reads the spans that its assertion selects. */
bool whole_reads_selected(const struct whole *whole);

/* Whether it hangs on spans that no selector finds. */
bool whole_reads_trace(const struct whole *whole);

#endif
