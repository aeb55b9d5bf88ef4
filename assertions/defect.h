/* The analyzer's rules of trace quality: what of one span breaks a rule (key `defect:RULE`).
 *
 * Rules know the semantic conventions as they are now and as they were before 2024: a span is held
 * to those whose names it uses. A rule that does not concern a span is kept by it. Pure; the answer
 * is a view of the span, static, or made in an arena. */
#ifndef ASSERTD_ASSERTIONS_DEFECT_H
#define ASSERTD_ASSERTIONS_DEFECT_H

#include "assertions/span_type.h"

enum defect_rule {
    DEFECT_SPAN_NAMING,
    DEFECT_REQUIRED_ATTRIBUTES,
    DEFECT_ATTRIBUTE_NAMING,
    DEFECT_EMPTY_ATTRIBUTES,
    DEFECT_PREFER_DNS,
    DEFECT_SECURE_HTTPS,
    DEFECT_API_KEY_LEAK,
    DEFECT_RULES
};

/* "span-naming", "no-api-key-leak". */
const char *defect_rule_name(enum defect_rule rule);

/* 0; 1: there is none of this name. */
int defect_rule_find(struct bytes name, enum defect_rule *ret);

/* What breaks the rule: the key of an attribute that is there, or is missing, or "name"; the first
 * one in the order of the rule. An attribute of the resource, the scope, an event or a link has
 * that before its key: "event:exception.type". 0; DEFECT_NONE: the span keeps the rule; -ENOMEM. */
#define DEFECT_NONE 1
int defect_find(enum defect_rule rule, const struct span *span, struct arena *arena,
                struct bytes *ret);

/* Whether what an event says can break or keep the rule. */
bool defect_reads_events(enum defect_rule rule);

/* --- for the files of the rules only --- */

/* An attribute's value; VALUE_MISSING: none. The first that is there of two keys (the present and
 * the old one). */
struct value defect_attr(const struct span *span, const char *key);
struct value defect_attr_of(const struct span *span, const char *key, const char *old);
/* The type of a span (span:type); SPAN_TYPE_GENERAL of kind internal, which the conventions leave
 * alone. */
enum span_type defect_type(const struct span *span);

/* The single rules; BYTES_NULL, or *ret untouched: the span keeps the rule. 0; -ENOMEM. */
struct bytes defect_naming(const struct span *span);
int defect_required(const struct span *span, struct arena *arena, struct bytes *ret);
int defect_attributes(enum defect_rule rule, const struct span *span, struct arena *arena,
                      struct bytes *ret);

#endif
