/* What an import or export has to say to whoever called it, a line each: `file:line: text`.
 *
 * Texts of the definitions are strangers' texts: control characters are shown as `?`, long ones
 * clipped. At most MESSAGES_MAX are kept, the rest counted and told at the end. Thread rule:
 * confined to its owner. */
#ifndef ASSERTD_TRACETEST_MESSAGES_H
#define ASSERTD_TRACETEST_MESSAGES_H

#include "daemon/core/buf.h"

#define MESSAGES_MAX      10000u
#define MESSAGES_TEXT_MAX 400u /* bytes of one text */

struct messages {
    struct buf text;
    uint32_t count, omitted;
};

#define MESSAGES_NULL ((struct messages){.text = BUF_NULL})

/* Adds one; `line` 0: about the file as a whole. Without memory `text.failed` is set. */
void messages_add(struct messages *messages, const char *file, unsigned line, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));

/* Adds all of `more` behind the others. */
void messages_append(struct messages *messages, const struct messages *more);

/* Ends the list: the lines, with one about what was left out. */
struct bytes messages_end(struct messages *messages);

/* Frees the text; the list is then empty. */
void messages_deinit(struct messages *messages);

/* Appends text for one line of a message or comment: mended, control characters as `?`, clipped. */
void messages_append_clean(struct buf *out, struct bytes text);

#endif
