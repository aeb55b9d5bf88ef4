/* Whether a JSON value holds another: `json-contains` (docs/language.md). Pure. */
#ifndef ASSERTD_ASSERTIONS_JSON_MATCH_H
#define ASSERTD_ASSERTIONS_JSON_MATCH_H

#include "assertions/evaluate.h"

/* Each member of an object on the right must be there on the left and hold; each item of an array
 * on the right must be held by some item on the left; other values must be equal and of one type
 * (numbers by value). Texts are read as JSON. */
enum trouble json_match(struct evaluation *evaluation, const struct operand *left,
                        const struct operand *right, enum truth *ret);

#endif
