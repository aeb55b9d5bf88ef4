/* Tracetest's definitions as suites: files in, the text of a configuration out.
 *
 *     struct import import;
 *     import_init(&import);
 *     import_add(&import, "order.yaml", text);            each file
 *     while ((file = import_wanted(&import)) != NULL) ... files that a TestSuite names
 *     import_write(&import, &out);
 *
 * What is written validates: each expression has been shown to the language's own parser. What
 * can't be carried over is a comment there and a message with its file and line. Texts come from
 * strangers; whatever they hold, they stay texts. Thread rule: confined to its owner. */
#ifndef ASSERTD_TRACETEST_IMPORT_H
#define ASSERTD_TRACETEST_IMPORT_H

#include "tracetest/definition.h"

/* Files, with those that test suites name; what one test may have. */
#define IMPORT_FILES_MAX   1000u
#define IMPORT_SPECS_MAX   2000u
#define IMPORT_OUTPUTS_MAX 200u

struct import {
    struct arena arena; /* of all definitions and their texts */
    struct messages messages;
    const struct definition **files; /* the first definition of each */
    const char **names;
    uint32_t file_count;
};

/* Begins with no file. */
void import_init(struct import *import);

/* Frees all of it. */
void import_deinit(struct import *import);

/* Reads one file's text, which need not live on. 0; 1: it can't be read as a definition, why stands
 * in the messages; -ENOMEM. */
int import_add(struct import *import, const char *name, struct bytes text);

/* The next file that a step of a TestSuite names and that was not added yet; NULL: none. A file
 * that can't be read is reported by import_skip. Lives as long as the import. */
const char *import_wanted(struct import *import);

/* Notes that a wanted file is not there: a message, and it is not wanted again. */
int import_skip(struct import *import, const char *name, const char *why);

/* Appends the suites. 0; -ENOMEM. */
int import_write(struct import *import, struct buf *out);

#endif
