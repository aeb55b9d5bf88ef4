/* Reading a key on a span, and judging one filter or one condition on it (SEMANTICS 2). Pure. */
#ifndef ASSERTD_ASSERTIONS_LOOKUP_H
#define ASSERTD_ASSERTIONS_LOOKUP_H

#include "assertions/ast.h"
#include "daemon/core/arena.h"
#include "daemon/model/injection.h"
#include "daemon/model/span.h"

/* The value of a key that has one value (all spaces but KEY_EVENT and KEY_LINK); OPERAND_NONE:
 * missing. FIELD_DURATION is end - start, perhaps negative. */
struct operand lookup_key(const struct key *key, const struct span *span);

/* The same, with texts that must be made (span:id, span:parent_id, defects) in `arena`, for which
 * lookup_key gives OPERAND_NONE; without memory they are missing. */
struct operand lookup_value(const struct key *key, const struct span *span, struct arena *arena);

/* Whether the key counts under other names too. */
static inline bool lookup_has_other_names(const struct key *key)
{
    return key->aliased && key->alias_count != 0;
}

/* Whether attributes with these hints may have one of the key's other names. */
bool lookup_may_have_other(const struct attr_hints *hints, const struct key *key);

/* Whether they may have the key, whose own name has this hint, under any name that counts. */
static inline bool lookup_may_have(const struct attr_hints *hints, const struct key *key,
                                   uint8_t hint)
{
    return attr_hints_may_have_hint(hints, hint) ||
           (key->aliased && lookup_may_have_other(hints, key));
}

/* The name under which a span has the key that it lacks as written, where that does not count
 * already; BYTES_NULL: none. */
struct bytes lookup_other_name(const struct key *key, const struct span *span);

/* The value of $injection.KEY; OPERAND_NONE where the record does not have it. `injection` is not
 * NULL. */
struct operand lookup_injection(struct bytes key, const struct injection *injection);

/* The same for a TERM_INJECTION, which tells a back-quoted key (always an attribute) from a field's
 * name. */
struct operand lookup_injection_term(const struct term *term, const struct injection *injection);

/* What besides its truth must be known of a filter or a condition's comparison on one span. */
enum lookup_flag {
    LOOKUP_DROPPED =
        1, /* reads a key that is missing on a span that dropped attributes (events, links) */
    LOOKUP_CLOCK = 2, /* reads duration, start or end of a span that ends before it starts */
    LOOKUP_MISSED =
        4, /* reads a key that is missing (so a later copy's dropped count could matter) */
    LOOKUP_NO_MEMORY = 8,  /* the scratch arena is exhausted: the truth is not to be used */
    LOOKUP_SKEW = 16,      /* reads what the clocks of several processes leave open */
    LOOKUP_UNSETTLED = 32, /* further spans could change it: it hangs on the rest of the trace. The
                              highest flag, as `and` and `or` compare them */
};

/* What keeps a truth from being known. */
#define LOOKUP_UNKNOWN ((unsigned)(LOOKUP_CLOCK | LOOKUP_DROPPED | LOOKUP_SKEW))

/* The value of a bare or an `attr:` key with the flags that reading it raises, found in one go. */
struct operand lookup_attr(const struct key *key, const struct span *span, unsigned *ret_flags);

/* The last attribute of a name; NULL: it is missing. */
const struct value *lookup_named(const struct attr *attrs, uint32_t count, struct bytes name);

/* The truth of KEY OP LITERAL on a span, events and links included (true if true for one of them),
 * with lookup flags. `scratch` holds decoded events or links until return. */
enum truth lookup_compare(const struct key *key, enum compare_op op, const struct operand *literal,
                          const struct regex *regex, const struct span *span, struct arena *scratch,
                          unsigned *ret_flags);

/* Of what looks up one value (no KEY_EVENT, KEY_LINK): the flags that reading it for `op` raises.
 */
unsigned lookup_flags(const struct key *key, enum compare_op op, const struct span *span);

#endif
