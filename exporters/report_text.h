/* A report for people at a terminal: what went wrong first, in one sentence, then the proof, then
 * the accounts.
 *
 * Lines are about 100 columns. Whatever a peer or a file named is escaped: no control character and
 * no direction mark reaches the terminal. Long texts and lists are cut and say so; the JSON report
 * has all. Pure function. */
#ifndef ASSERTD_EXPORTERS_REPORT_TEXT_H
#define ASSERTD_EXPORTERS_REPORT_TEXT_H

#include <stdbool.h>

#include "daemon/core/buf.h"
#include "daemon/model/report.h"

struct report_text_options {
    bool colour; /* ANSI colours */
};

/* Appends the whole report. Lack of memory shows in out->failed. */
void report_write_text(struct buf *out, const struct report *report,
                       const struct report_text_options *options);

#endif
