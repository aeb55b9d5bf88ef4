/* The fixed words of HTTP: names of statuses and methods, dates. Pure functions. */
#ifndef ASSERTD_NET_HTTP_WORDS_H
#define ASSERTD_NET_HTTP_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/bytes.h"

/* "Sun, 06 Nov 1994 08:49:37 GMT" and its NUL. */
#define HTTP_DATE_BYTES 30

/* The reason phrase of a status ("Not Found"), "Unknown" for one that is not known. */
const char *http_status_text(unsigned status);

/* Whether a method is one that a server here hands to its handler; others, CONNECT and TRACE are
 * answered 501. */
bool http_method_is_known(struct bytes method);

/* Whether a header's text is one line: what holds a CR, LF or NUL would end up as another header.
 */
bool http_is_one_line(struct bytes text);

/* Writes a time as IMF-fixdate (RFC 9110 section 5.6.7). */
void http_date_print(char out[HTTP_DATE_BYTES], uint64_t unix_ns);

#endif
