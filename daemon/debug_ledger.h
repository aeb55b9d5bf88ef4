/* /debug/ledger: where every injection, span and record of a campaign is. Pure. */
#ifndef ASSERTD_DAEMON_DEBUG_LEDGER_H
#define ASSERTD_DAEMON_DEBUG_LEDGER_H

#include "daemon/model/report.h"
#include "daemon/outline.h"

/* Writes one campaign's accounts, as an item of a list. */
void debug_ledger_write(struct outline *outline, const struct report *report);

/* Writes the balance of the sinks, as a list of that name. */
void debug_ledger_write_sinks(struct outline *outline, const struct ledger_sink *sinks,
                              uint32_t count);

#endif
