#include "daemon/pipeline/claim.h"

#include "daemon/core/hex.h"

/* The part of `*rest` before the first `mark`; `*rest` is what follows it. */
static struct bytes next_part(struct bytes *rest, char mark)
{
    struct bytes part = *rest;
    const uint8_t *at = rest->len != 0 ? memchr(rest->data, mark, rest->len) : NULL;
    if (at == NULL) {
        *rest = BYTES_NULL;
        return part;
    }
    part.len = (size_t)(at - rest->data);
    *rest = bytes_from(at + 1, rest->len - part.len - 1);
    return part;
}

/* A percent sign without two hex digits stands for itself. The empty text decodes to "not given".
 */
static struct bytes percent_decode(struct bytes text, struct arena *scratch)
{
    uint8_t *out = text.len != 0 ? arena_alloc(scratch, text.len) : NULL;
    size_t len = 0;
    if (out == NULL) {
        return BYTES_NULL;
    }
    for (size_t i = 0; i < text.len; i++) {
        bool escape = text.data[i] == '%' && text.len - i > 2;
        if (escape && hex_parse(bytes_from(text.data + i + 1, 2), &out[len], 1) == 0) {
            i += 2;
        } else {
            out[len] = text.data[i];
        }
        len++;
    }
    return bytes_from(out, len);
}

static bool claim_of_value(struct bytes value, struct arena *scratch, struct claim *ret)
{
    struct claim claim = {.campaign = percent_decode(next_part(&value, '/'), scratch)};
    claim.scenario = percent_decode(next_part(&value, '/'), scratch);
    claim.step = percent_decode(value, scratch);
    *ret = claim;
    return claim.campaign.len != 0;
}

bool claim_of_trace_state(struct bytes trace_state, struct arena *scratch, struct claim *ret)
{
    while (trace_state.len != 0) {
        struct bytes value = bytes_trim(next_part(&trace_state, ','));
        size_t len = value.len;
        struct bytes key = next_part(&value, '=');
        if (key.len < len && bytes_is(key, "assertd")) {
            return claim_of_value(value, scratch, ret);
        }
    }
    return false;
}

static struct bytes text_attr(const struct span *span, struct bytes key)
{
    struct value value = key.len != 0 ? attrs_find(span->attrs, span->attr_count, key) : VALUE_NONE;
    return value.type == VALUE_TEXT && value.bytes.len != 0 ? value.bytes : BYTES_NULL;
}

bool claim_of_span(const struct span *span, const struct injection_attributes *attributes,
                   struct arena *scratch, struct claim *ret)
{
    if (span->trace_state.len != 0 && claim_of_trace_state(span->trace_state, scratch, ret)) {
        return true;
    }
    if (span->parent != 0 || attributes->campaign.len == 0) {
        return false;
    }
    struct bytes campaign = text_attr(span, attributes->campaign);
    if (campaign.len == 0) {
        return false;
    }
    *ret = (struct claim){campaign, text_attr(span, attributes->scenario),
                          text_attr(span, attributes->step)};
    return true;
}
