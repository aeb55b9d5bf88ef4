/* Writing reports: which formats there are, and where they go. Thread rule: main thread. */
#ifndef ASSERTD_DAEMON_REPORT_OUTPUT_H
#define ASSERTD_DAEMON_REPORT_OUTPUT_H

#include "daemon/command.h"
#include "daemon/core/buf.h"
#include "daemon/model/report.h"

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_JUNIT };

/* "text", "json", "junit". 0; 1: none of them. */
int report_format_parse(struct bytes word, enum report_format *ret);

/* Appends the report in a format; `colour` for the text on a terminal. */
void report_format_write(const struct report *report, enum report_format format, bool colour,
                         struct buf *out);

/* The content type of a format for HTTP. */
const char *report_format_type(enum report_format format);

/* Checks --report FORMAT=PATH values. 0; 1: a complaint was written to standard error. */
int report_outputs_check(const struct command_values *values);

/* Writes every --report, to standard output for the path "-". 0; 1: one could not be written (told
 * on standard error). */
int report_outputs_write(const struct command_values *values, const struct report *report);

/* Writes the text report to standard error, coloured on a terminal (unless NO_COLOR is set). */
void report_print(const struct report *report);

#endif
