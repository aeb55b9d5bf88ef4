/* No detour over a double: 2^53 + 1 must survive, however it is written. */
#include "receivers/json_number.h"

#include <stdlib.h>

#include "daemon/core/number.h"

#define EXPONENT_MAX INT64_C(1000000000000)
#define SMALL_TEXT   64
/* As many digits never overflow 64 bits. */
#define PLAIN_DIGITS_MAX 19

struct decimal {
    bool negative;
    struct bytes whole, decimals;
    int64_t exponent;
};

static struct bytes take_digits(struct bytes *text)
{
    struct bytes digits = {text->data, 0};
    while (text->len > 0 && text->data[0] >= '0' && text->data[0] <= '9') {
        text->data++;
        text->len--;
        digits.len++;
    }
    return digits;
}

static bool take(struct bytes *text, char c)
{
    if (text->len == 0 || text->data[0] != (uint8_t)c) {
        return false;
    }
    text->data++;
    text->len--;
    return true;
}

static bool take_exponent(struct bytes *text, int64_t *ret)
{
    bool negative = take(text, '-');
    if (!negative) {
        take(text, '+');
    }
    struct bytes digits = take_digits(text);
    int64_t exponent = 0;
    for (size_t i = 0; i < digits.len && exponent < EXPONENT_MAX; i++) {
        exponent = exponent * 10 + (digits.data[i] - '0');
    }
    *ret = negative ? -exponent : exponent;
    return digits.len > 0;
}

static bool split(struct bytes text, struct decimal *ret)
{
    *ret = (struct decimal){.negative = take(&text, '-')};
    ret->whole = take_digits(&text);
    if (ret->whole.len == 0 || (ret->whole.len > 1 && ret->whole.data[0] == '0')) {
        return false;
    }
    if (take(&text, '.') && (ret->decimals = take_digits(&text)).len == 0) {
        return false;
    }
    if ((take(&text, 'e') || take(&text, 'E')) && !take_exponent(&text, &ret->exponent)) {
        return false;
    }
    return text.len == 0;
}

static uint8_t digit_at(const struct decimal *number, size_t i)
{
    uint8_t c = i < number->whole.len ? number->whole.data[i]
                                      : number->decimals.data[i - number->whole.len];
    return (uint8_t)(c - '0');
}

/* All digits as one integer times ten to the exponent, without zeros at its ends: whole if the
 * exponent is not negative. */
static int magnitude_of(struct bytes text, struct decimal *number, uint64_t *ret)
{
    if (!split(text, number)) {
        return JSON_NUMBER_NONE;
    }
    size_t first = 0;
    size_t count = number->whole.len + number->decimals.len;
    int64_t exponent = number->exponent - (int64_t)number->decimals.len;
    for (; count > 0 && digit_at(number, count - 1) == 0; count--) {
        exponent++;
    }
    while (first < count && digit_at(number, first) == 0) {
        first++;
    }
    *ret = 0;
    if (count == 0) {
        return 0;
    }
    if (exponent < 0) {
        return JSON_NUMBER_FRACTION;
    }
    if (exponent > 20 || count - first + (size_t)exponent > 20) {
        return JSON_NUMBER_RANGE;
    }
    bool over = false;
    for (size_t i = first; i < count + (size_t)exponent; i++) {
        over |= __builtin_mul_overflow(*ret, UINT64_C(10), ret);
        over |= __builtin_add_overflow(*ret, (uint64_t)(i < count ? digit_at(number, i) : 0), ret);
    }
    return over ? JSON_NUMBER_RANGE : 0;
}

/* Nearly all are this: nothing but a few digits. */
static bool plain_digits(struct bytes text, uint64_t *ret)
{
    uint64_t number = 0;
    if (text.len == 0 || text.len > PLAIN_DIGITS_MAX || (text.data[0] == '0' && text.len > 1)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        uint8_t digit = (uint8_t)(text.data[i] - '0');
        if (digit > 9) {
            return false;
        }
        number = number * 10 + digit;
    }
    *ret = number;
    return true;
}

int json_number_i64(struct bytes text, int64_t *ret)
{
    struct decimal number;
    uint64_t magnitude;
    if (plain_digits(text, &magnitude) && magnitude <= INT64_MAX) {
        *ret = (int64_t)magnitude;
        return 0;
    }
    int outcome = magnitude_of(text, &number, &magnitude);
    if (outcome != 0) {
        return outcome;
    }
    if (magnitude > (uint64_t)INT64_MAX + number.negative) {
        return JSON_NUMBER_RANGE;
    }
    *ret = (int64_t)(number.negative ? UINT64_C(0) - magnitude : magnitude);
    return 0;
}

int json_number_u64(struct bytes text, uint64_t *ret)
{
    struct decimal number;
    uint64_t magnitude;
    if (plain_digits(text, ret)) {
        return 0;
    }
    int outcome = magnitude_of(text, &number, &magnitude);
    if (outcome != 0) {
        return outcome;
    }
    if (number.negative && magnitude != 0) {
        return JSON_NUMBER_RANGE;
    }
    *ret = magnitude;
    return 0;
}

int json_number_double(struct bytes text, double *ret)
{
    struct decimal number;
    if (!split(text, &number)) {
        return JSON_NUMBER_NONE;
    }
    char small[SMALL_TEXT];
    char *copy = text.len <= sizeof small ? small : malloc(text.len);
    if (copy == NULL) {
        return JSON_NUMBER_RANGE;
    }
    memcpy(copy, text.data, text.len);
    char *upper = memchr(copy, 'E', text.len);
    if (upper != NULL) {
        *upper = 'e';
    }
    int outcome = number_parse_double(bytes_from(copy, text.len), ret);
    if (copy != small) {
        free(copy);
    }
    return outcome == 0 ? 0 : outcome == 2 ? JSON_NUMBER_RANGE : JSON_NUMBER_NONE;
}
