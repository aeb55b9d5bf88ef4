/* Durations and sizes as people write them, and times as machines exchange them. Pure functions. */
#ifndef ASSERTD_CORE_UNITS_H
#define ASSERTD_CORE_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/buf.h"
#include "daemon/core/bytes.h"

/* "10s", "1.5ms", "2h": whole nanoseconds, units ns us ms s m h, decimals if they give whole
 * nanoseconds, optional leading '-'. 0 good; 1 not a duration; 2 out of the range of int64. */
int units_parse_duration(struct bytes text, int64_t *ret_ns);

/* "64MiB", "10kB", "512": bytes; units B kB MB GB KiB MiB GiB. 0 good; 1 not a size; 2 too large.
 */
int units_parse_size(struct bytes text, uint64_t *ret_bytes);

/* Canonical text of a duration: an integer and the largest of ns us ms s that leaves one
 * ("1500ms"). */
void units_print_duration(struct buf *out, __int128 ns);

/* For people: at most three digits that matter ("1.53s", "241ms"). Reports only, never compared. */
void units_print_duration_short(struct buf *out, __int128 ns);

/* "64MiB" where it is a whole number of a binary unit, else plain bytes. */
void units_print_size(struct buf *out, uint64_t bytes);

/* RFC 3339 in UTC with as many decimals (0, 3, 6, 9) as needed: "2026-11-21T08:00:00.125Z". */
void units_print_time(struct buf *out, uint64_t unix_ns);

/* Decimal text of a 128-bit integer. */
void units_print_i128(struct buf *out, __int128 number);

#endif
