/* Values told apart, and how often each came: exact up to VALUE_SET_MAX different ones, an estimate
 * with a stated error beyond.
 *
 * A value is known by a 64-bit hash of its text: that two of a million are taken for one has a
 * chance below 1e-7. Beyond the limit only values whose hash begins with `level` zero bits are
 * kept, each with its full count: every value has the same chance of 1 / 2^level, however often it
 * comes. What is kept depends on the values alone, not on the order of adding and merging. Thread
 * rule: confined to its owner. */
#ifndef ASSERTD_ASSERTIONS_VALUE_SET_H
#define ASSERTD_ASSERTIONS_VALUE_SET_H

#include <stddef.h>

#include "daemon/core/bytes.h"

#define VALUE_SET_MAX (UINT32_C(1) << 20)

struct counted_value {
    uint64_t hash;
    uint32_t count; /* 0: the slot is free; stays at its greatest */
};

struct value_set {
    struct counted_value *slots; /* open addressing */
    uint32_t room, kept;
    uint32_t level;
    uint32_t max;     /* VALUE_SET_MAX; smaller ones for tests */
    uint64_t samples; /* all that were added */
};

/* Empty; holds no memory until the first value. Deinit leaves it empty again. */
void value_set_init(struct value_set *set);
void value_set_deinit(struct value_set *set);

/* Bytes held beside the struct itself. */
size_t value_set_held(const struct value_set *set);

/* Adds one value by its text. 0, or -ENOMEM (it is then not counted). */
int value_set_add(struct value_set *set, struct bytes text);

/* Adds another's. 0, or -ENOMEM (then part of it was). */
int value_set_merge(struct value_set *into, const struct value_set *from);

/* A number and how far off it may be: exact where both ends are the number. */
struct estimate {
    uint64_t number, low, high;
};

/* How many different values there are; how many samples come beyond the first of their value; how
 * often the most frequent one comes. Beyond the limit the number of different values has a standard
 * error of 1 / sqrt(kept), and the ends are three of these away. */
struct estimate value_set_distinct(const struct value_set *set);
struct estimate value_set_duplicates(const struct value_set *set);
struct estimate value_set_most(const struct value_set *set);

#endif
