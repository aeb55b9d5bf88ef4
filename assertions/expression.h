/* Reading expressions: text in, ast.h out.
 *
 * A parser reports its problem with the byte in the expression and what to write instead, and
 * returns NULL. All memory comes from the arena of the context and lives as long. Thread rule:
 * confined to the loading thread.
 *
 *     struct expression_store store = EXPRESSION_STORE_INIT;
 *     struct parse_context context = { &arena, &store, &problems, origin, "suites[0].traces" };
 *     const struct selector *selector = parse_selector(&context, text); */
#ifndef ASSERTD_ASSERTIONS_EXPRESSION_H
#define ASSERTD_ASSERTIONS_EXPRESSION_H

#include "assertions/ast.h"
#include "config/options.h"
#include "config/problems.h"
#include "daemon/core/arena.h"
#include "daemon/model/keep.h"
#include "daemon/model/listed_keys.h"

/* Longest expression, and deepest nesting in one. */
#define EXPRESSION_BYTES_MAX 16384
#define EXPRESSION_DEPTH_MAX 50

/* What its expressions read of spans that have been stored (read_set.h). */
struct read_set {
    struct keep keep;
    struct listed_keys listed; /* which attributes of those that arrive */
    bool all;                  /* or perhaps anything */
};

/* What the expressions of a suite set share: the numbers of its distinct filters and selectors, and
 * of its conditions; what they read. Lives in the arena of its contexts; begin with
 * EXPRESSION_STORE_INIT. */
struct expression_store {
    const struct filter **filters; /* by index */
    uint32_t count, room;
    uint32_t *slots; /* open addressing: index + 1 */
    uint32_t slot_count;
    const struct selector **selectors; /* by number */
    uint32_t selector_count, selector_room;
    uint32_t *selector_slots; /* as for filters */
    uint32_t selector_slot_count;
    uint32_t condition_count;
    struct read_set reads;
    bool no_memory; /* some parser failed for lack of memory */
};

#define EXPRESSION_STORE_INIT ((struct expression_store){.filters = NULL})

struct output;

/* What parsers need. `names` may be NULL while names themselves are parsed. The parsed text is
 * copied. */
struct parse_context {
    struct arena *arena;
    struct expression_store *store;
    struct problems *problems;
    struct config_origin origin;
    const char *path; /* of the option, for problems */
    const struct span_name *names;
    uint32_t name_count;
    bool semconv_aliases;                 /* keys that were renamed count under either name */
    const struct config_pairs *variables; /* of the suite; NULL: none */
    const char *(*getenv)(const char *);  /* NULL: getenv(3) */
    const struct output *outputs;         /* of the suite, so far */
    uint32_t output_count;
};

/* Parsers: NULL after adding at least one problem (with the byte) to the context, else immutable
 * and in its arena. Everything that is known at load to be incomparable is a problem here
 * (SEMANTICS 2, "can't be compared"). */
const struct selector *parse_selector(const struct parse_context *context, struct bytes text);
const struct condition *parse_condition(const struct parse_context *context, struct bytes text,
                                        bool has_select, uint32_t index);
const struct when *parse_when(const struct parse_context *context, struct bytes text);
const struct rule *parse_rule(const struct parse_context *context, struct bytes text);

#endif
