/* The ledger's balance as log lines: what a drained daemon leaves behind. */
#ifndef ASSERTD_DAEMON_BALANCE_H
#define ASSERTD_DAEMON_BALANCE_H

#include "daemon/core/log.h"
#include "daemon/model/report.h"

/* One line for injections and spans, one for each sink. */
void balance_log(struct log *log, const struct report *report);

#endif
