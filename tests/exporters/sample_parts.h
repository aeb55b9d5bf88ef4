/* What the sample reports are written with. */
#ifndef ASSERTD_TESTS_EXPORTERS_SAMPLE_PARTS_H
#define ASSERTD_TESTS_EXPORTERS_SAMPLE_PARTS_H

#include "tests/exporters/sample_reports.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define TEXT(literal)                                                                              \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }
#define START  UINT64_C(1795248000125000000)
#define SECOND UINT64_C(1000000000)
#define TRACE(last)                                                                                \
    {                                                                                              \
        {                                                                                          \
            0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80,    \
                0x31, (last)                                                                       \
        }                                                                                          \
    }
#define SEEN_INT(number)                                                                           \
    {                                                                                              \
        .type = SEEN_VALUE, .value = {.type = VALUE_INT, .integer = (number) }                     \
    }
#define SEEN_TEXT(literal)                                                                         \
    {                                                                                              \
        .type = SEEN_VALUE, .value = {.type = VALUE_TEXT, .bytes = TEXT(literal) }                 \
    }
#define SEEN_BOOL(truth)                                                                           \
    {                                                                                              \
        .type = SEEN_VALUE, .value = {.type = VALUE_BOOL, .boolean = (truth) }                     \
    }
#define SEEN_NS(number)                                                                            \
    {                                                                                              \
        .type = SEEN_DURATION, .ns = (number)                                                      \
    }

/* The groups and failures of an assertion, called after it. */
#define PROOF(name)                                                                                \
    .groups = name##_groups, .group_count = COUNT(name##_groups), .failures = name##_failures,     \
    .failure_count = COUNT(name##_failures)

/* Hostile text in every place */
#define HOSTILE                                                                                    \
    "]]> <b>&amp; \"q\" 'a' \033[31mred\033[0m \001\x7f\xc2\x9b"                                   \
    "2J\r\n\t \xff\xc3( \xef\xbf\xbe \xe2\x80\xae"                                                 \
    "evil \xed\xa0\x80"

/* Rules that are broken in every way. */
extern const struct report sample_failed;

#endif
