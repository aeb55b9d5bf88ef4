/* The left side of a rule: the aggregate and what it is taken of. Internal to the parsers; confined
 * to the loading thread. */
#ifndef ASSERTD_ASSERTIONS_PARSE_MEASURE_H
#define ASSERTD_ASSERTIONS_PARSE_MEASURE_H

#include "assertions/parse.h"

/* AGGREGATE(WHAT). *ret_subject: where what is measured begins, with its parenthesis; *ret_tested:
 * it says its limit itself (`unique`). False: a problem was added. */
bool parse_measure(struct parser *parser, struct rule *rule, size_t *ret_subject, bool *ret_tested);

#endif
