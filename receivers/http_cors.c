#include "receivers/http_cors.h"

#include "daemon/core/clock.h"

#define ALWAYS_ALLOWED "content-type, content-encoding"

/* One "*" in the pattern stands for any text. */
static bool matches(struct bytes pattern, struct bytes origin)
{
    const uint8_t *star = pattern.len > 0 ? memchr(pattern.data, '*', pattern.len) : NULL;
    if (star == NULL) {
        return bytes_equal(pattern, origin);
    }
    size_t before = (size_t)(star - pattern.data);
    size_t after = pattern.len - before - 1;
    return origin.len >= before + after && memcmp(origin.data, pattern.data, before) == 0 &&
           memcmp(origin.data + origin.len - after, star + 1, after) == 0;
}

bool http_cors_allows(const struct http_cors *cors, const struct http_request *request)
{
    struct bytes origin = cors->origins.count != 0 && request != NULL
                              ? http_request_header(request, "origin")
                              : BYTES_NULL;
    for (size_t i = 0; i < cors->origins.count && origin.len != 0; i++) {
        if (matches(bytes_of(cors->origins.items[i].text), origin)) {
            return true;
        }
    }
    return false;
}

bool http_cors_is_preflight(const struct http_request *request)
{
    return bytes_is(request->method, "OPTIONS") &&
           http_request_header(request, "access-control-request-method").len != 0;
}

static bool allows_any(struct config_texts texts)
{
    for (size_t i = 0; i < texts.count; i++) {
        if (strcmp(texts.items[i].text, "*") == 0) {
            return true;
        }
    }
    return false;
}

/* Any header means those that were asked for: "*" itself would leave out Authorization. */
static void append_headers(const struct http_cors *cors, const struct http_request *request,
                           struct buf *text)
{
    if (allows_any(cors->headers)) {
        buf_append_bytes(text, http_request_header(request, "access-control-request-headers"));
        return;
    }
    buf_append_text(text, ALWAYS_ALLOWED);
    for (size_t i = 0; i < cors->headers.count; i++) {
        buf_append_text(text, ", ");
        buf_append_text(text, cors->headers.items[i].text);
    }
}

static size_t preflight_headers(const struct http_cors *cors, const struct http_request *request,
                                struct buf *text, struct http_header *ret)
{
    buf_reset(text);
    append_headers(cors, request, text);
    size_t len = text->len;
    buf_append_u64(text, cors->max_age_ns / NS_PER_S);
    if (text->failed) {
        return 0;
    }
    ret[0] =
        (struct http_header){BYTES_LITERAL("Access-Control-Allow-Methods"), BYTES_LITERAL("POST")};
    ret[1] = (struct http_header){BYTES_LITERAL("Access-Control-Allow-Headers"),
                                  bytes_from(text->data, len)};
    ret[2] = (struct http_header){BYTES_LITERAL("Access-Control-Max-Age"),
                                  bytes_from(text->data + len, text->len - len)};
    return 3;
}

size_t http_cors_headers(const struct http_cors *cors, const struct http_request *request,
                         struct buf *text, struct http_header ret[HTTP_CORS_HEADERS_MAX])
{
    struct bytes origin = http_request_header(request, "origin");
    ret[0] = (struct http_header){BYTES_LITERAL("Access-Control-Allow-Origin"),
                                  allows_any(cors->origins) ? BYTES_LITERAL("*") : origin};
    ret[1] = (struct http_header){BYTES_LITERAL("Vary"), BYTES_LITERAL("Origin")};
    if (http_cors_is_preflight(request)) {
        size_t count = preflight_headers(cors, request, text, ret + 2);
        return count != 0 ? count + 2 : 0;
    }
    ret[2] = (struct http_header){BYTES_LITERAL("Access-Control-Expose-Headers"),
                                  BYTES_LITERAL("Retry-After")};
    return 3;
}
