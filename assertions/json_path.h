/* JSON paths (RFC 9535): `$.items[0].id`, `$['a b', 'c']`, `$.items[*].id`,
 * `$..id`, `$.items[1:3]`, `$.items[?@.sku == 'a' && @.n > 1].n`. Compiled once; immutable; lives
 * in the arena of its suite set. */
#ifndef ASSERTD_ASSERTIONS_JSON_PATH_H
#define ASSERTD_ASSERTIONS_JSON_PATH_H

#include "assertions/evaluate.h"
#include "daemon/model/value.h"

#define JSON_PATH_PARTS_MAX 256u /* segments, what stands between brackets, parts of filters */
#define JSON_PATH_DEPTH_MAX 16u  /* of filters, parentheses and `!` */
#define JSON_PATH_HITS_MAX  10000u

struct json_path;

enum json_path_outcome { JSON_PATH_BAD = 1 };

/* Compiles. 0; JSON_PATH_BAD with the byte (from 0) and what is wrong there; -ENOMEM. */
int json_path_compile(struct arena *arena, struct bytes text, const struct json_path **ret,
                      size_t *ret_byte, const char **ret_error);

/* What the path leads to: nothing (MISSING), one value, or an array of several in their order. */
enum trouble json_path_find(struct evaluation *evaluation, const struct json_path *path,
                            const struct value *root, struct operand *ret);

#endif
