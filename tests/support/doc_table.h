/* Rows of a table in docs/language.md, to hold it against the code. Confined to its test. */
#ifndef ASSERTD_TESTS_SUPPORT_DOC_TABLE_H
#define ASSERTD_TESTS_SUPPORT_DOC_TABLE_H

#include <stddef.h>

/* The lines below the table's head `head` ("| a | b |") and its rule, without their ends; NULL at
 * the end. A missing table fails the test. */
struct doc_table {
    char *text;
    char *at;
};
void doc_table_open(struct doc_table *ret, const char *head);
void doc_table_close(struct doc_table *table);
const char *doc_table_next(struct doc_table *table);

#endif
