/* /debug/assertions: the suites as they were compiled. Pure. */
#ifndef ASSERTD_DAEMON_DEBUG_ASSERTIONS_H
#define ASSERTD_DAEMON_DEBUG_ASSERTIONS_H

#include "assertions/suite.h"
#include "daemon/outline.h"

/* Writes the set. `settings` (array of struct suite_settings) says where each was written; NULL:
 * not known. */
void debug_assertions_write(struct outline *outline, const struct suite_set *set,
                            const struct config_list *settings);

#endif
