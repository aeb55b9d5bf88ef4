/* Exit codes of the program (DESIGN 5.1, SEMANTICS 6) and which of them `--fail-on` lets through.
 * Pure. */
#ifndef ASSERTD_DAEMON_EXIT_CODE_H
#define ASSERTD_DAEMON_EXIT_CODE_H

#include <stdbool.h>

#include "daemon/core/bytes.h"
#include "daemon/model/report.h"

enum exit_code {
    EXIT_CODE_OK = 0,
    EXIT_CODE_USAGE = 1, /* usage, or an internal error */
    EXIT_CODE_CONFIG = 2,
    EXIT_CODE_FAILED = 99,
    EXIT_CODE_ABORTED = 105,
    EXIT_CODE_INCONCLUSIVE = 120,
    EXIT_CODE_NO_DATA = 121,
    EXIT_CODE_UNDELIVERED = 122,
};

/* What ends non-zero. */
struct fail_on {
    bool failed, aborted, no_data, inconclusive, undelivered, warning;
};

#define FAIL_ON_DEFAULT ((struct fail_on){true, true, true, true, true, false})

/* "failed,aborted,no-data,inconclusive,undelivered,warning" or "none". 0; 1: an unknown word. */
int fail_on_parse(struct bytes list, struct fail_on *ret);

/* The code of a finished campaign. 122 only where the status itself gives 0. */
enum exit_code exit_code_of(const struct report *report, const struct fail_on *fail_on);

#endif
