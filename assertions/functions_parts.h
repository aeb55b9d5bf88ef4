/* What the functions of the table do. Each gets values of the types that its row allows. Internal
 * to the table. */
#ifndef ASSERTD_ASSERTIONS_FUNCTIONS_PARTS_H
#define ASSERTD_ASSERTIONS_FUNCTIONS_PARTS_H

#include "assertions/functions.h"

/* Numbers and durations. */
enum trouble function_abs(const struct call *call, struct operand *ret);
enum trouble function_ceil(const struct call *call, struct operand *ret);
enum trouble function_floor(const struct call *call, struct operand *ret);
enum trouble function_round(const struct call *call, struct operand *ret);
enum trouble function_min(const struct call *call, struct operand *ret);
enum trouble function_max(const struct call *call, struct operand *ret);
enum trouble function_int(const struct call *call, struct operand *ret);
enum trouble function_number(const struct call *call, struct operand *ret);
enum trouble function_duration(const struct call *call, struct operand *ret);

/* Texts. */
enum trouble function_concat(const struct call *call, struct operand *ret);
enum trouble function_lower(const struct call *call, struct operand *ret);
enum trouble function_upper(const struct call *call, struct operand *ret);
enum trouble function_trim(const struct call *call, struct operand *ret);
enum trouble function_replace(const struct call *call, struct operand *ret);
enum trouble function_split(const struct call *call, struct operand *ret);
enum trouble function_substring(const struct call *call, struct operand *ret);
enum trouble function_regex(const struct call *call, struct operand *ret);
enum trouble function_regex_group(const struct call *call, struct operand *ret);

/* Values of any type. */
enum trouble function_get_index(const struct call *call, struct operand *ret);
enum trouble function_json(const struct call *call, struct operand *ret);
enum trouble function_json_path(const struct call *call, struct operand *ret);
enum trouble function_length(const struct call *call, struct operand *ret);
enum trouble function_type(const struct call *call, struct operand *ret);

/* The number of characters; false: no valid UTF-8. */
bool function_characters(struct bytes text, int64_t *ret);

#endif
