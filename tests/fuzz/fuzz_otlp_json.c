/*
 * Arbitrary text as OTLP/JSON. What the transcoder writes must be a request that the decoder
 * accepts, and must be the same for the same text with blanks around it.
 */
#include <stdint.h>
#include <stdlib.h>

#include "receivers/otlp_decode.h"
#include "receivers/otlp_json.h"

static void must(bool promise)
{
    if (!promise) {
        abort();
    }
}

static void check_decodes(struct buf *message)
{
    const struct shard_map shards = {{1, 2}, 3};
    const struct otlp_limits limits = {
        1000000, 1000000, 0, {1000000, 1000000, 1000000, NULL}, NULL, NULL};
    struct span_set *set = NULL;
    size_t len;
    uint8_t *body = buf_take(message, &len);
    must(otlp_decode(body, len, bytes_from(body, len), &shards, &limits, &set) == 0);
    span_set_unref(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf first = BUF_NULL;
    struct buf second = BUF_NULL;
    struct buf padded = BUF_NULL;
    struct otlp_json_notes notes;
    int outcome = otlp_json_transcode(bytes_from(data, size), &first, &notes);
    must(outcome == 0 || (outcome == OTLP_JSON_MALFORMED && notes.error[0] != '\0'));
    buf_append_text(&padded, " \r\n\t");
    buf_append(&padded, data, size);
    buf_append_text(&padded, " ");
    must(size == 0 || otlp_json_transcode(buf_bytes(&padded), &second, &notes) == outcome ||
         strstr(notes.error, "byte order") != NULL ||
         (size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0));
    if (outcome == 0) {
        must(size == 0 || bytes_equal(buf_bytes(&first), buf_bytes(&second)));
        check_decodes(&first);
    }
    buf_deinit(&first);
    buf_deinit(&second);
    buf_deinit(&padded);
    return 0;
}
