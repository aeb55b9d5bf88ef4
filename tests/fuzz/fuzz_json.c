/*
 * Arbitrary text as JSON, beside yajl: what json_read accepts, yajl accepts with the same tokens;
 * what yajl accepts and json_read refuses, it refuses for a reason that is known.
 */
#include <stdint.h>
#include <stdlib.h>

#include "tests/receivers/yajl_tokens.h"

static void must(bool promise)
{
    if (!promise) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = bytes_from(data, size);
    struct buf ours = BUF_NULL;
    struct buf theirs = BUF_NULL;
    char error[160] = "";
    int outcome = json_read(text, token_note, &ours, error, sizeof error);
    bool yajl_takes_it = yajl_tokens(text, &theirs);
    must(outcome == 0 || (outcome == JSON_READ_SYNTAX && error[0] != '\0'));
    if (outcome == 0) {
        must(yajl_takes_it && bytes_equal(buf_bytes(&ours), buf_bytes(&theirs)));
    } else {
        must(!yajl_takes_it || yajl_is_laxer(text, error));
    }
    buf_deinit(&ours);
    buf_deinit(&theirs);
    return 0;
}
