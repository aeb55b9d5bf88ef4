#include "assertions/exact_sum.h"

#include <math.h>

#define DIGIT_BITS      32
#define LOWEST_EXPONENT (-1074)
#define CARRY_AFTER     (UINT32_C(1) << 30)

static void carry(struct exact_sum *sum)
{
    for (int i = 0; i + 1 < EXACT_SUM_DIGITS; i++) {
        int64_t over = sum->digits[i] >> DIGIT_BITS;
        sum->digits[i] -= over * (INT64_C(1) << DIGIT_BITS);
        sum->digits[i + 1] += over;
    }
    sum->pending = 0;
}

void exact_sum_add(struct exact_sum *sum, double number)
{
    int exponent;
    uint64_t mantissa = (uint64_t)ldexp(fabs(frexp(number, &exponent)), 53);
    int64_t sign = number < 0 ? -1 : 1;
    int shift = exponent - 53 - LOWEST_EXPONENT;
    if (shift < 0) {
        mantissa >>= -shift; /* a denormal: the bits shifted out are zero */
        shift = 0;
    }
    unsigned __int128 wide = (unsigned __int128)mantissa << (shift % DIGIT_BITS);
    for (int i = shift / DIGIT_BITS; wide != 0; i++) {
        sum->digits[i] += sign * (int64_t)(wide & 0xffffffff);
        wide >>= DIGIT_BITS;
    }
    if (++sum->pending >= CARRY_AFTER) {
        carry(sum);
    }
}

void exact_sum_merge(struct exact_sum *into, const struct exact_sum *from)
{
    struct exact_sum other = *from;
    carry(into);
    carry(&other);
    for (int i = 0; i < EXACT_SUM_DIGITS; i++) {
        into->digits[i] += other.digits[i];
    }
    carry(into);
}

/* The sum divided by 2^down. */
static double value_scaled(const struct exact_sum *sum, int down)
{
    struct exact_sum whole = *sum;
    carry(&whole);
    double sign = whole.digits[EXACT_SUM_DIGITS - 1] < 0 ? -1 : 1;
    for (int i = 0; sign < 0 && i < EXACT_SUM_DIGITS; i++) {
        whole.digits[i] = -whole.digits[i];
    }
    carry(&whole);
    double value = 0;
    for (int i = EXACT_SUM_DIGITS - 1; i >= 0; i--) {
        value += ldexp((double)whole.digits[i], i * DIGIT_BITS + LOWEST_EXPONENT - down);
    }
    return sign * value;
}

double exact_sum_value(const struct exact_sum *sum)
{
    return value_scaled(sum, 0);
}

double exact_sum_mean(const struct exact_sum *sum, uint64_t count)
{
    double value = value_scaled(sum, 0);
    return isinf(value) ? ldexp(value_scaled(sum, 64) / (double)count, 64) : value / (double)count;
}
