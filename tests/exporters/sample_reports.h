/* Reports for tests: one for each status and shape, one full of hostile text, and random ones. */
#ifndef ASSERTD_TESTS_EXPORTERS_SAMPLE_REPORTS_H
#define ASSERTD_TESTS_EXPORTERS_SAMPLE_REPORTS_H

#include <stddef.h>

#include "daemon/model/report.h"
#include "tests/support/random.h"

/* The sample of that name, static; NULL: no such name. */
const struct report *sample_report(const char *name);

/* The names, in order; NULL behind the last. */
const char *sample_report_name(size_t index);

/* A report of which every text is random: bytes of all kinds, XML and JSON syntax, broken UTF-8.
 * Its memory is in its arena; the caller deinits that. */
void sample_report_random(struct report *ret, struct random *random);

#endif
