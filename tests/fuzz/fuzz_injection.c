/*
 * Arbitrary text as lines of injection records. A good one has a trace ID and attributes that can
 * be walked and written; a bad one has a sentence; the lines are counted to the end.
 */
#include <stdint.h>
#include <stdlib.h>

#include "daemon/core/json.h"
#include "receivers/injection_json.h"

static void must(bool promise)
{
    if (!promise) {
        abort();
    }
}

static void check_record(const struct injection *record)
{
    struct buf out = BUF_NULL;
    must(!trace_id_is_zero(&record->trace_id));
    for (uint32_t i = 0; i < record->attr_count; i++) {
        struct json json = JSON_INIT(&out);
        value_write_json(&json, &record->attrs[i].value);
        must(out.len > 0);
        buf_reset(&out);
    }
    buf_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_INIT(1024, 0);
    struct injection_lines lines = {bytes_from(data, size), 0};
    struct injection record;
    char error[160];
    int outcome;
    do {
        error[0] = '\0';
        outcome = injection_next(&lines, &arena, &record, error, sizeof error);
        must(outcome == 0 || outcome == 3 || (outcome == 1 && error[0] != '\0'));
        if (outcome == 0) {
            check_record(&record);
        }
    } while (outcome != 3);
    must(lines.rest.len == 0);
    arena_deinit(&arena);
    return 0;
}
