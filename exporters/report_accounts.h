/* The accounts at the end of a text report: correlation, the ledger with its balance, the sinks
 * (DESIGN 4.5). Pure function. */
#ifndef ASSERTD_EXPORTERS_REPORT_ACCOUNTS_H
#define ASSERTD_EXPORTERS_REPORT_ACCOUNTS_H

#include "daemon/model/report.h"
#include "exporters/report_page.h"

/* Writes their lines: each account with its total, the classes that are not empty, and whether they
 * add up. */
void accounts_write(struct page *page, const struct report *report);

#endif
