/* The shortest text of a double is found by trying precisions: exact, and rare enough not to
 * matter. printf and strtod would follow the process's locale; the daemon never sets one, and
 * uselocale keeps a caller that does from changing our answers. */
#include "daemon/core/number.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* Longest text that strtod is asked to read; longer ones are read in a block of their own. */
#define DOUBLE_TEXT_MAX 128

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static double read_double(const char *text)
{
    pthread_once(&c_locale_once, make_c_locale);
    return strtod_l(text, NULL, c_locale);
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Digits d1 d2 ... of 0.d1d2... * 10^point. */
struct shortest {
    char digits[20];
    int count;
    int point;
};

static struct shortest shortest_of(double magnitude)
{
    struct shortest ret = {.point = 1};
    char text[40] = "";
    for (int precision = 0; precision < 17; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, magnitude);
        if (read_double(text) == magnitude) {
            break;
        }
    }
    const char *at = text;
    for (; *at != '\0' && *at != 'e'; at++) {
        if (is_digit((uint8_t)*at)) {
            ret.digits[ret.count++] = *at;
        }
    }
    if (*at == 'e') {
        ret.point = (int)strtol(at + 1, NULL, 10) + 1;
    }
    while (ret.count > 1 && ret.digits[ret.count - 1] == '0') {
        ret.count--;
    }
    return ret;
}

static size_t print_plain(char *out, const struct shortest *number)
{
    char *at = out;
    if (number->point <= 0) {
        *at++ = '0';
        *at++ = '.';
        for (int i = number->point; i < 0; i++) {
            *at++ = '0';
        }
    }
    for (int i = 0; i < number->count || i < number->point; i++) {
        if (i == number->point && i > 0) {
            *at++ = '.';
        }
        *at++ = i < number->count ? number->digits[i] : '0';
    }
    *at = '\0';
    return (size_t)(at - out);
}

static size_t print_scientific(char *out, size_t room, const struct shortest *number)
{
    int exponent = number->point - 1;
    return (size_t)snprintf(out, room, "%c%s%.*se%+d", number->digits[0],
                            number->count > 1 ? "." : "", number->count - 1, number->digits + 1,
                            exponent);
}

size_t number_print_double(char out[NUMBER_TEXT_MAX], double number)
{
    double magnitude = fabs(number);
    if (isnan(number)) {
        return (size_t)snprintf(out, NUMBER_TEXT_MAX, "NaN");
    }
    if (isinf(number)) {
        return (size_t)snprintf(out, NUMBER_TEXT_MAX, "%s", number < 0 ? "-Infinity" : "Infinity");
    }
    if (magnitude == 0) {
        return (size_t)snprintf(out, NUMBER_TEXT_MAX, "0");
    }
    struct shortest shortest = shortest_of(magnitude);
    size_t sign = number < 0;
    if (sign) {
        out[0] = '-';
    }
    if (magnitude >= 1e-7 && magnitude < 1e21) {
        return sign + print_plain(out + sign, &shortest);
    }
    return sign + print_scientific(out + sign, NUMBER_TEXT_MAX - sign, &shortest);
}

/* The pieces of -?digits[.digits], or false. */
struct pieces {
    bool negative;
    struct bytes whole, decimals;
};

static bool split(struct bytes text, struct pieces *ret)
{
    *ret = (struct pieces){.negative = text.len != 0 && text.data[0] == '-'};
    size_t i = ret->negative;
    size_t start = i;
    while (i < text.len && is_digit(text.data[i])) {
        i++;
    }
    ret->whole = bytes_from(text.data + start, i - start);
    if (i < text.len && text.data[i] == '.') {
        start = ++i;
        while (i < text.len && is_digit(text.data[i])) {
            i++;
        }
        ret->decimals = bytes_from(text.data + start, i - start);
        if (ret->decimals.len == 0) {
            return false;
        }
    }
    return i == text.len && ret->whole.len != 0;
}

bool number_is_canonical(struct bytes text)
{
    struct pieces pieces;
    if (!split(text, &pieces)) {
        return false;
    }
    if (pieces.whole.len > 1 && pieces.whole.data[0] == '0') {
        return false;
    }
    if (pieces.decimals.len != 0) {
        return pieces.decimals.data[pieces.decimals.len - 1] != '0';
    }
    return !(pieces.negative && bytes_is(pieces.whole, "0"));
}

int number_parse_u64(struct bytes text, uint64_t *ret)
{
    uint64_t number = 0;
    bool over = false;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.data[i])) {
            return 1;
        }
        over |= __builtin_mul_overflow(number, UINT64_C(10), &number);
        over |= __builtin_add_overflow(number, (uint64_t)(text.data[i] - '0'), &number);
    }
    if (text.len == 0) {
        return 1;
    }
    if (over) {
        return 2;
    }
    *ret = number;
    return 0;
}

int number_parse_i64(struct bytes text, int64_t *ret)
{
    uint64_t magnitude;
    bool negative = text.len != 0 && text.data[0] == '-';
    int bad =
        number_parse_u64(negative ? bytes_from(text.data + 1, text.len - 1) : text, &magnitude);
    if (bad) {
        return bad;
    }
    if (magnitude > (uint64_t)INT64_MAX + negative) {
        return 2;
    }
    *ret = negative ? (int64_t)(UINT64_C(0) - magnitude) : (int64_t)magnitude;
    return 0;
}

static bool is_number(struct bytes text)
{
    struct pieces pieces;
    size_t e = 0;
    while (e < text.len && text.data[e] != 'e') {
        e++;
    }
    if (!split(bytes_from(text.data, e), &pieces)) {
        return false;
    }
    if (e == text.len) {
        return true;
    }
    size_t i = e + 1;
    i += i < text.len && (text.data[i] == '+' || text.data[i] == '-');
    if (i == text.len) {
        return false;
    }
    for (; i < text.len; i++) {
        if (!is_digit(text.data[i])) {
            return false;
        }
    }
    return true;
}

int number_parse_double(struct bytes text, double *ret)
{
    char small[DOUBLE_TEXT_MAX];
    if (!is_number(text)) {
        return 1;
    }
    char *copy = text.len < sizeof small ? small : malloc(text.len + 1);
    if (copy == NULL) {
        return 1;
    }
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    double number = read_double(copy);
    if (copy != small) {
        free(copy);
    }
    if (isinf(number)) {
        return 2;
    }
    *ret = number;
    return 0;
}

static int compare_magnitudes(const struct pieces *a, const struct pieces *b)
{
    if (a->whole.len != b->whole.len) {
        return a->whole.len < b->whole.len ? -1 : 1;
    }
    int order = bytes_compare(a->whole, b->whole);
    return order != 0 ? order : bytes_compare(a->decimals, b->decimals);
}

int number_compare_canonical(struct bytes a, struct bytes b)
{
    struct pieces left;
    struct pieces right;
    if (!split(a, &left) || !split(b, &right)) {
        return 0;
    }
    if (left.negative != right.negative) {
        return left.negative ? -1 : 1;
    }
    int order = compare_magnitudes(&left, &right);
    return left.negative ? -order : order;
}

int number_compare_i64_double(int64_t a, double b)
{
    if (isnan(b)) {
        return 2;
    }
    if (b >= 9223372036854775808.0) {
        return -1;
    }
    if (b < -9223372036854775808.0) {
        return 1;
    }
    int64_t whole = (int64_t)b;
    if (a != whole) {
        return a < whole ? -1 : 1;
    }
    double rest = b - (double)whole;
    return rest > 0 ? -1 : rest < 0;
}
