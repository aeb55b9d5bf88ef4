#include "daemon/debug_parts.h"

static bool accepts_json(const struct http_request *request)
{
    return bytes_contain(http_request_header(request, "accept"), BYTES_LITERAL("application/json"));
}

int debug_choose_form(struct http_request *request, enum outline_form *ret)
{
    struct bytes word = router_query(request, "format");
    if (word.data == NULL) {
        *ret = accepts_json(request) ? OUTLINE_JSON : OUTLINE_TEXT;
        return 0;
    }
    *ret = bytes_is(word, "json") ? OUTLINE_JSON : OUTLINE_TEXT;
    if (!bytes_is(word, "json") && !bytes_is(word, "text")) {
        router_error(request, 400, "format: write json or text");
        return 1;
    }
    return 0;
}

void debug_answer(struct http_request *request, enum outline_form form, struct buf *body)
{
    if (body->failed) {
        router_error(request, 503, "no memory");
    } else {
        router_answer(request, 200,
                      form == OUTLINE_JSON ? "application/json" : "text/plain; charset=utf-8",
                      buf_bytes(body));
    }
    buf_deinit(body);
}
