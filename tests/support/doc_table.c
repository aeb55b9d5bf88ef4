#include "tests/support/doc_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DOC ASSERTD_SOURCE_DIR "/docs/language.md"

void doc_table_open(struct doc_table *ret, const char *head)
{
    FILE *file = fopen(DOC, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    rewind(file);
    ret->text = test_calloc((size_t)size + 1, 1);
    assert_int_equal(fread(ret->text, 1, (size_t)size, file), size);
    fclose(file);
    ret->at = strstr(ret->text, head);
    if (ret->at == NULL) {
        fail_msg("no table '%s'", head);
    }
    for (int lines = 0; lines < 2; lines++) {
        ret->at = strchr(ret->at, '\n');
        assert_non_null(ret->at);
        ret->at++;
    }
}

void doc_table_close(struct doc_table *table)
{
    test_free(table->text);
}

const char *doc_table_next(struct doc_table *table)
{
    char *line = table->at;
    char *end = strchr(line, '\n');
    if (*line != '|' || end == NULL) {
        return NULL;
    }
    *end = '\0';
    table->at = end + 1;
    return line;
}
