/* The first line of a report: the status and the one sentence that says most about it.
 *
 *     FAILED: 3.0 % of the judged traces (30 of 1000) break 'order is processed', e.g. trace 0af7…
 *
 * Raw text without a line end; the caller escapes. Pure function. */
#ifndef ASSERTD_EXPORTERS_REPORT_HEADLINE_H
#define ASSERTD_EXPORTERS_REPORT_HEADLINE_H

#include "daemon/core/buf.h"
#include "daemon/model/report.h"

/* Appends what follows "STATUS: ". */
void headline_write(struct buf *out, const struct report *report);

#endif
