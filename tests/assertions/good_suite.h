/* Settings of suites, as the configuration would give them, and what compiling them comes to.
 * Confined to one test. */
#ifndef ASSERTD_TESTS_ASSERTIONS_GOOD_SUITE_H
#define ASSERTD_TESTS_ASSERTIONS_GOOD_SUITE_H

#include "assertions/suite.h"

#define TEXT(value) ((struct config_text){.text = (value), .origin = {"suite.conf", __LINE__}})
#define ITEMS(array)                                                                               \
    {                                                                                              \
        .items = (array), .count = sizeof(array) / sizeof((array)[0])                              \
    }

/* Compiles; 0 or 1 and the problems, which the caller deinitialises. */
int suite_compile(struct suite_set **ret, struct suite_settings *suites, size_t count,
                  struct problems *problems);

/* A suite that uses everything. */
struct suite_settings good_suite(void);

#endif
