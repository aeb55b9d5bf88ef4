/* Compressed bytes from strangers, in each coding: never more than the limit, never a different
 * answer for a larger one, no room taken that was not asked for. */
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

static int note_room(void *self, size_t bytes)
{
    size_t *most = self;
    *most = bytes > *most ? bytes : *most;
    return 0;
}

static int run(struct inflater *inflater, enum inflate_coding coding, struct bytes data,
               size_t limit, uint8_t **ret, size_t *ret_len)
{
    size_t most = 0;
    const struct inflate_bounds bounds = {limit, note_room, &most};
    int outcome = inflater_run(inflater, coding, data, &bounds, ret, ret_len);
    check(most <= limit && (outcome != 0 || *ret_len <= most));
    return outcome;
}

static void try_coding(struct inflater *inflater, enum inflate_coding coding, struct bytes data)
{
    uint8_t *out = NULL;
    size_t len = 0;
    int outcome = run(inflater, coding, data, LIMIT, &out, &len);
    check(outcome == 0 ? out != NULL : out == NULL);
    if (outcome == 0 && len > 1) {
        uint8_t *again = NULL;
        size_t again_len = 0;
        check(run(inflater, coding, data, len, &again, &again_len) == 0);
        check(again_len == len && memcmp(again, out, len) == 0);
        free(again);
        again = NULL;
        check(run(inflater, coding, data, len - 1, &again, &again_len) == INFLATE_TOO_LARGE);
        check(again == NULL);
    }
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum inflate_coding codings[] = {INFLATE_GZIP, INFLATE_DEFLATE, INFLATE_ZSTD};
    struct inflater inflater = INFLATER_NULL;
    for (size_t i = 0; i < sizeof codings / sizeof codings[0]; i++) {
        try_coding(&inflater, codings[i], bytes_from(data, size));
    }
    inflater_deinit(&inflater);
    return 0;
}
