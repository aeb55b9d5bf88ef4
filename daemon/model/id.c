#include "daemon/model/id.h"

#include <endian.h>

#include "daemon/core/hex.h"

bool trace_id_is_zero(const struct trace_id *id)
{
    static const struct trace_id zero = {{0}};
    return trace_id_equal(id, &zero);
}

void trace_id_print(char out[TRACE_ID_TEXT_LEN], const struct trace_id *id)
{
    hex_print(out, id->bytes, sizeof id->bytes);
}

void span_id_print(char out[SPAN_ID_TEXT_LEN], span_id id)
{
    uint64_t bytes = htobe64(id);
    hex_print(out, (const uint8_t *)&bytes, sizeof bytes);
}

int trace_id_parse(struct bytes text, struct trace_id *ret)
{
    struct trace_id id;
    if (hex_parse(text, id.bytes, sizeof id.bytes) != 0 || trace_id_is_zero(&id)) {
        return 1;
    }
    *ret = id;
    return 0;
}

int span_id_parse(struct bytes text, span_id *ret)
{
    uint64_t bytes;
    if (hex_parse(text, (uint8_t *)&bytes, sizeof bytes) != 0 || bytes == 0) {
        return 1;
    }
    *ret = be64toh(bytes);
    return 0;
}
