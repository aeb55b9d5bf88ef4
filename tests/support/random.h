/* A small generator of random numbers that gives the same row for the same seed everywhere
 * (splitmix64). Plain data. */
#ifndef ASSERTD_TESTS_SUPPORT_RANDOM_H
#define ASSERTD_TESTS_SUPPORT_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

/* A row of numbers. */
static inline struct random random_seed(uint64_t seed)
{
    return (struct random){seed * UINT64_C(0x9e3779b97f4a7c15) + 1};
}

/* The next number of 64 bits. */
static inline uint64_t random_next(struct random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* 0 .. limit - 1; 0 where limit is 0. */
static inline uint32_t random_below(struct random *random, uint32_t limit)
{
    return limit != 0 ? (uint32_t)(random_next(random) % limit) : 0;
}

/* True once in `n`. */
static inline bool random_one_in(struct random *random, uint32_t n)
{
    return random_below(random, n) == 0;
}

#endif
