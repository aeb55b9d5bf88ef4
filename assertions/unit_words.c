#include "assertions/unit_words.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define UNITS_OF_DURATIONS "; the units of a duration are ns us ms s m h"

/* What stands directly behind a number, in lower case, with a blank behind each. */
static const struct {
    const char *units, *instead;
} rows[] = {
    {"/s /sec /second rps qps hz ", "; a rate is a plain number by the second, without a unit: 10"},
    {"/m /min /minute ", "; a rate is a plain number by the second, a minute's divided by 60"},
    {"/h /hour ", "; a rate is a plain number by the second, an hour's divided by 3600"},
    {"b byte bytes ", "; a size is a plain number of bytes, without a unit"},
    {"k ", "; a number has no unit: 10k is 10000"},
    {"m ", "; a number has no unit: 10M is 10000000"},
    {"kb ", "; a size is a plain number of bytes: 10kB is 10000"},
    {"mb ", "; a size is a plain number of bytes: 10MB is 10000000"},
    {"gb ", "; a size is a plain number of bytes: 10GB is 10000000000"},
    {"ki kib ", "; a size is a plain number of bytes: 10KiB is 10240"},
    {"mi mib ", "; a size is a plain number of bytes: 10MiB is 10485760"},
    {"gi gib ", "; a size is a plain number of bytes: 10GiB is 10737418240"},
    {"sec secs second seconds msec usec nsec millis min mins minute minutes hr hrs hour hours ",
     UNITS_OF_DURATIONS},
    {"d day days ", UNITS_OF_DURATIONS "; a day is 24h"},
};

static bool is_first(struct bytes text, const char *unit)
{
    size_t at = 0;
    while (at < text.len && tolower(text.data[at]) == unit[at]) {
        at++;
    }
    return at == text.len && unit[at] == ' ';
}

static bool is_among(struct bytes text, const char *units)
{
    for (const char *unit = units; unit[0] != '\0'; unit = strchr(unit, ' ') + 1) {
        if (is_first(text, unit)) {
            return true;
        }
    }
    return false;
}

/* Digits and points, perhaps with a sign before them. */
static size_t number_len(struct bytes word)
{
    size_t len = word.len != 0 && word.data[0] == '-';
    if (len >= word.len || !isdigit(word.data[len])) {
        return 0;
    }
    while (len < word.len && (isdigit(word.data[len]) || word.data[len] == '.')) {
        len++;
    }
    return len;
}

const char *unit_words(struct bytes word)
{
    size_t len = number_len(word);
    struct bytes unit = bytes_from(word.data + len, word.len - len);
    if (len == 0 || unit.len == 0) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (is_among(unit, rows[i].units)) {
            return rows[i].instead;
        }
    }
    return "; a number is digits, perhaps with a point or an exponent, and a duration has one of "
           "ns us ms s m h behind it";
}
