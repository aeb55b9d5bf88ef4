/* Reading a small text file whole: configuration files and secrets.
 *
 * Limits: TEXT_FILE_BYTES_MAX. A byte order mark is dropped. Thread rule: pure but for the file. */
#ifndef ASSERTD_CONFIG_TEXT_FILE_H
#define ASSERTD_CONFIG_TEXT_FILE_H

#include "daemon/core/buf.h"

#define TEXT_FILE_BYTES_MAX (8u * 1024u * 1024u)

struct text_file_flaw {
    const char *why; /* "No such file or directory", "is not UTF-8: ..."; static storage or
                      * strerror's */
    unsigned line;   /* 0: the file as a whole */
};

/* Appends the file's text to `ret`. 0 good; 1 it can't be read or is no text, see `ret_flaw`;
 * -ENOMEM. */
int text_file_read(const char *path, struct buf *ret, struct text_file_flaw *ret_flaw);

/* Whether the text holds only UTF-8 without NUL. 0 good; 1 no, see `ret_flaw`. */
int text_file_check(struct bytes text, struct text_file_flaw *ret_flaw);

#endif
