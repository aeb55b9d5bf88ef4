/* Is an option table sane? For tests: each module with a table asks once. Pure. */
#ifndef ASSERTD_CONFIG_TABLE_CHECK_H
#define ASSERTD_CONFIG_TABLE_CHECK_H

#include "config/options.h"
#include "daemon/core/buf.h"

/* Checks the table and those below it: names libconfig can hold, no name twice, descriptions,
 * defaults that parse and lie in range, ranges the right way round, choices and groups where they
 * belong, fields inside the struct that do not overlap. Appends a line for each flaw; returns
 * their number. */
size_t table_check(const struct option_table *table, struct buf *ret_flaws);

#endif
