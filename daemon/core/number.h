/* Numbers as text, exactly: SEMANTICS' canonical forms and strict parsing. Pure functions. */
#ifndef ASSERTD_CORE_NUMBER_H
#define ASSERTD_CORE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/buf.h"
#include "daemon/core/bytes.h"

/* Longest canonical text of a double, with its NUL. */
#define NUMBER_TEXT_MAX 40

/* Canonical text of a double: shortest decimal that reads back, no exponent from 1e-7 to below
 * 1e21, no ".0", exponents with sign and no leading zero ("1e+21", "5e-8"), -0 is "0"; "NaN",
 * "Infinity", "-Infinity". Writes a NUL-terminated text, returns its length. */
size_t number_print_double(char out[NUMBER_TEXT_MAX], double number);

/* Whether `text` is a canonical number: -?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?, not "-0". */
bool number_is_canonical(struct bytes text);

/* A whole int64: -?digits. 0 good; 1 no integer; 2 out of range. */
int number_parse_i64(struct bytes text, int64_t *ret);

/* A whole uint64: digits. 0 good; 1 no integer; 2 out of range. */
int number_parse_u64(struct bytes text, uint64_t *ret);

/* A finite decimal: -?digits[.digits][e[+-]digits], correctly rounded, independent of the locale.
 * 0 good; 1 no number; 2 overflows to infinity. */
int number_parse_double(struct bytes text, double *ret);

/* Exact order of two decimal texts in canonical form (see number_is_canonical), however long: < 0,
 * 0, > 0. */
int number_compare_canonical(struct bytes a, struct bytes b);

/* Exact order of an int64 and a double: < 0, 0, > 0, or 2 when the double is NaN. */
int number_compare_i64_double(int64_t a, double b);

#endif
