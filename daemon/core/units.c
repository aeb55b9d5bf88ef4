#include "daemon/core/units.h"

#include <stdio.h>
#include <time.h>

struct unit {
    const char *name;
    uint64_t size;
};

static const struct unit durations[] = {
    {"ns", 1},
    {"us", 1000},
    {"ms", 1000000},
    {"s", 1000000000},
    {"m", UINT64_C(60000000000)},
    {"h", UINT64_C(3600000000000)},
};

static const struct unit sizes[] = {
    {"B", 1},           {"", 1},       {"kB", 1000},     {"MB", 1000000},
    {"GB", 1000000000}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824},
};

static const struct unit *find_unit(const struct unit *units, size_t count, struct bytes name)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_is(name, units[i].name)) {
            return &units[i];
        }
    }
    return NULL;
}

/* A number in decimal notation, taken apart: digits without the point, and how many stood behind
 * it. */
struct decimal {
    unsigned __int128 digits;
    unsigned decimals;
    bool too_large;
};

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool take_decimal(struct bytes *text, struct decimal *ret)
{
    bool point = false;
    size_t i = 0;
    *ret = (struct decimal){0, 0, false};
    for (; i < text->len && (is_digit(text->data[i]) || (text->data[i] == '.' && !point && i > 0));
         i++) {
        if (text->data[i] == '.') {
            point = true;
        } else if (ret->digits > (((unsigned __int128)1 << 96) - 1)) {
            ret->too_large = true;
        } else {
            ret->digits = ret->digits * 10 + (unsigned)(text->data[i] - '0');
            ret->decimals += point;
        }
    }
    if (i == 0 || text->data[i - 1] == '.') {
        return false;
    }
    *text = bytes_from(text->data + i, text->len - i);
    return true;
}

/* digits * size / 10^decimals, if that is whole. 0; 1 not whole; 2 too large. */
static int scale(const struct decimal *decimal, uint64_t size, uint64_t max, uint64_t *ret)
{
    unsigned __int128 divisor = 1;
    unsigned __int128 product;
    struct decimal left = *decimal;
    while (left.decimals > 0 && left.digits % 10 == 0) {
        left.digits /= 10;
        left.decimals--;
    }
    if (left.too_large || left.decimals > 27 ||
        __builtin_mul_overflow(left.digits, (unsigned __int128)size, &product)) {
        return left.decimals > 27 ? 1 : 2;
    }
    for (unsigned i = 0; i < left.decimals; i++) {
        divisor *= 10;
    }
    if (product % divisor != 0) {
        return 1;
    }
    if (product / divisor > max) {
        return 2;
    }
    *ret = (uint64_t)(product / divisor);
    return 0;
}

int units_parse_duration(struct bytes text, int64_t *ret_ns)
{
    struct decimal decimal;
    uint64_t ns;
    bool negative = text.len != 0 && text.data[0] == '-';
    if (negative) {
        text = bytes_from(text.data + 1, text.len - 1);
    }
    if (!take_decimal(&text, &decimal)) {
        return 1;
    }
    const struct unit *unit = find_unit(durations, sizeof durations / sizeof *durations, text);
    if (unit == NULL) {
        return 1;
    }
    int bad = scale(&decimal, unit->size, (uint64_t)INT64_MAX + negative, &ns);
    if (bad) {
        return bad;
    }
    *ret_ns = (int64_t)(negative ? 0 - ns : ns);
    return 0;
}

int units_parse_size(struct bytes text, uint64_t *ret_bytes)
{
    struct decimal decimal;
    if (!take_decimal(&text, &decimal)) {
        return 1;
    }
    const struct unit *unit = find_unit(sizes, sizeof sizes / sizeof *sizes, text);
    return unit != NULL ? scale(&decimal, unit->size, UINT64_MAX, ret_bytes) : 1;
}

void units_print_i128(struct buf *out, __int128 number)
{
    char digits[40];
    size_t at = sizeof digits;
    unsigned __int128 left = number < 0 ? -(unsigned __int128)number : (unsigned __int128)number;
    do {
        digits[--at] = (char)('0' + (int)(left % 10));
        left /= 10;
    } while (left != 0);
    if (number < 0) {
        digits[--at] = '-';
    }
    buf_append(out, digits + at, sizeof digits - at);
}

void units_print_duration(struct buf *out, __int128 ns)
{
    static const struct unit printed[] = {
        {"s", 1000000000}, {"ms", 1000000}, {"us", 1000}, {"ns", 1}};
    size_t i = 0;
    while (ns % (__int128)printed[i].size != 0) {
        i++;
    }
    units_print_i128(out, ns / (__int128)printed[i].size);
    buf_append_text(out, printed[i].name);
}

/* Hundredths of a unit, rounded to three digits that matter: 15349 are 15300. */
static unsigned __int128 round_to_three(unsigned __int128 hundredths)
{
    unsigned __int128 step = 1;
    while (hundredths / step >= 1000) {
        step *= 10;
    }
    return (hundredths + step / 2) / step * step;
}

static void print_hundredths(struct buf *out, unsigned __int128 hundredths)
{
    unsigned rest = (unsigned)(hundredths % 100);
    units_print_i128(out, (__int128)(hundredths / 100));
    if (rest % 10 != 0) {
        buf_printf(out, ".%02u", rest);
    } else if (rest != 0) {
        buf_printf(out, ".%u", rest / 10);
    }
}

void units_print_duration_short(struct buf *out, __int128 ns)
{
    static const struct unit printed[] = {
        {"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
    const struct unit *unit = printed;
    const struct unit *last = &printed[sizeof printed / sizeof *printed - 1];
    unsigned __int128 hundredths = (ns < 0 ? -(unsigned __int128)ns : (unsigned __int128)ns) * 100;
    while (unit < last && round_to_three(hundredths / unit->size) >= 100000) {
        unit++;
    }
    if (ns < 0) {
        buf_append_char(out, '-');
    }
    print_hundredths(out, round_to_three((hundredths + unit->size / 2) / unit->size));
    buf_append_text(out, unit->name);
}

void units_print_size(struct buf *out, uint64_t bytes)
{
    static const struct unit printed[] = {{"GiB", 1073741824}, {"MiB", 1048576}, {"KiB", 1024}};
    for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
        if (bytes != 0 && bytes % printed[i].size == 0) {
            buf_append_u64(out, bytes / printed[i].size);
            buf_append_text(out, printed[i].name);
            return;
        }
    }
    buf_append_u64(out, bytes);
}

static void print_fraction(struct buf *out, unsigned ns)
{
    if (ns % 1000000 == 0) {
        buf_printf(out, ".%03u", ns / 1000000);
    } else if (ns % 1000 == 0) {
        buf_printf(out, ".%06u", ns / 1000);
    } else {
        buf_printf(out, ".%09u", ns);
    }
}

void units_print_time(struct buf *out, uint64_t unix_ns)
{
    time_t seconds = (time_t)(unix_ns / 1000000000);
    unsigned ns = (unsigned)(unix_ns % 1000000000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d", utc.tm_year + 1900, utc.tm_mon + 1,
               utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
    if (ns != 0) {
        print_fraction(out, ns);
    }
    buf_append_char(out, 'Z');
}
