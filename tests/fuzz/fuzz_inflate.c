/* gzip from strangers: never more than the limit, never a different answer for a larger one. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/net/inflate.h"

#define LIMIT 200000

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *out = NULL;
    size_t len = 0;
    int outcome = inflate_gzip(bytes_from(data, size), LIMIT, &out, &len);
    check(outcome == 0 ? out != NULL && len <= LIMIT : out == NULL);
    if (outcome == 0 && len > 1) {
        uint8_t *again = NULL;
        size_t again_len = 0;
        check(inflate_gzip(bytes_from(data, size), len, &again, &again_len) == 0);
        check(again_len == len && memcmp(again, out, len) == 0);
        free(again);
        again = NULL;
        check(inflate_gzip(bytes_from(data, size), len - 1, &again, &again_len) ==
                  INFLATE_TOO_LARGE &&
              again == NULL);
    }
    free(out);
    return 0;
}
