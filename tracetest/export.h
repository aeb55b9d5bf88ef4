/* Suites as Tracetest's definitions: the text of a YAML file, one document for each suite.
 *
 * What Tracetest can't say is a comment in the text and a message with the place in the
 * configuration. What is written, import reads again as what it was. Thread rule: pure. */
#ifndef ASSERTD_TRACETEST_EXPORT_H
#define ASSERTD_TRACETEST_EXPORT_H

#include "assertions/suite.h"
#include "tracetest/messages.h"

/* Appends the suite as a Test, its analyzer as an Analyzer. `settings`: what it was compiled from,
 * for the places. 0; -ENOMEM.
 */
int export_suite(struct buf *out, struct messages *messages, const struct suite *suite,
                 const struct suite_settings *settings);

#endif
