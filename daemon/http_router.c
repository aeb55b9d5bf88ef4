#include "daemon/http_router.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/core/hex.h"
#include "daemon/core/json.h"

static struct bytes next_segment(struct bytes *path)
{
    size_t start = path->len != 0 && path->data[0] == '/' ? 1 : 0;
    size_t end = start;
    while (end < path->len && path->data[end] != '/') {
        end++;
    }
    struct bytes segment = bytes_from(path->data + start, end - start);
    *path = bytes_from(path->data + end, path->len - end);
    return segment;
}

static bool path_fits(const char *pattern, struct bytes path, struct route_match *ret)
{
    struct bytes left = bytes_of(pattern);
    size_t captured = 0;
    *ret = (struct route_match){.captures = {BYTES_NULL, BYTES_NULL}};
    while (left.len != 0 && path.len != 0) {
        struct bytes want = next_segment(&left);
        struct bytes have = next_segment(&path);
        if (want.len != 0 && want.data[0] == '{') {
            if (have.len == 0 || captured == ROUTE_CAPTURES) {
                return false;
            }
            ret->captures[captured++] = have;
        } else if (!bytes_equal(want, have)) {
            return false;
        }
    }
    return left.len == 0 && path.len == 0;
}

void router_answer(struct http_request *request, unsigned status, const char *content_type,
                   struct bytes body)
{
    http_respond(request, &(struct http_response){
                              .status = status, .content_type = content_type, .body = body});
}

static void write_error(struct buf *body, const char *text)
{
    struct json json = JSON_INIT(body);
    json_object(&json);
    json_member_string(&json, "error", text);
    json_object_end(&json);
}

void router_error(struct http_request *request, unsigned status, const char *text)
{
    struct buf body = BUF_NULL;
    write_error(&body, text);
    router_answer(request, status, "application/json", buf_bytes(&body));
    buf_deinit(&body);
}

struct http_header router_retry_after(char text[ROUTER_RETRY_BYTES], uint32_t retry_after_ms)
{
    uint32_t seconds = retry_after_ms / 1000 + (retry_after_ms % 1000 != 0);
    int len = snprintf(text, ROUTER_RETRY_BYTES, "%" PRIu32, seconds != 0 ? seconds : 1);
    return (struct http_header){BYTES_LITERAL("Retry-After"), bytes_from(text, (size_t)len)};
}

void router_busy(struct http_request *request, uint32_t retry_after_ms, const char *text)
{
    char seconds[ROUTER_RETRY_BYTES];
    const struct http_header later = router_retry_after(seconds, retry_after_ms);
    struct buf body = BUF_NULL;
    write_error(&body, text);
    http_respond(request, &(struct http_response){.status = 503,
                                                  .content_type = "application/json",
                                                  .headers = &later,
                                                  .header_count = 1,
                                                  .body = buf_bytes(&body)});
    buf_deinit(&body);
}

static void answer_not_allowed(struct http_request *request, struct bytes allowed)
{
    const struct http_header header = {BYTES_LITERAL("Allow"), allowed};
    http_respond(request, &(struct http_response){
                              .status = 405,
                              .content_type = "application/json",
                              .headers = &header,
                              .header_count = 1,
                              .body = BYTES_LITERAL("{\"error\":\"method not allowed\"}")});
}

/* Whether one of the set was called; otherwise its methods that would have fitted are told. */
static bool dispatch_in(const struct route_set *set, struct http_request *request,
                        struct buf *allowed)
{
    struct route_match match;
    for (size_t i = 0; i < set->count; i++) {
        const struct route *route = &set->routes[i];
        if (!path_fits(route->path, request->path, &match)) {
            continue;
        }
        if (bytes_is(request->method, route->method)) {
            route->answer(set->self, request, &match);
            return true;
        }
        buf_append_text(allowed, allowed->len != 0 ? ", " : "");
        buf_append_text(allowed, route->method);
    }
    return false;
}

void router_dispatch(const struct route_set *sets, size_t count, struct http_request *request)
{
    struct buf allowed = BUF_NULL;
    bool done = false;
    for (size_t i = 0; !done && i < count; i++) {
        done = dispatch_in(&sets[i], request, &allowed);
    }
    if (!done && allowed.len != 0) {
        answer_not_allowed(request, buf_bytes(&allowed));
    } else if (!done) {
        router_error(request, 404, "no such page");
    }
    buf_deinit(&allowed);
}

struct bytes router_query(const struct http_request *request, const char *name)
{
    struct bytes left = request->query;
    size_t len = strlen(name);
    while (left.len != 0) {
        size_t end = 0;
        while (end < left.len && left.data[end] != '&') {
            end++;
        }
        if (end > len && left.data[len] == '=' && memcmp(left.data, name, len) == 0) {
            return bytes_from(left.data + len + 1, end - len - 1);
        }
        size_t skip = end < left.len ? end + 1 : end;
        left = bytes_from(left.data + skip, left.len - skip);
    }
    return BYTES_NULL;
}

static int append_decoded(struct buf *ret, struct bytes value)
{
    for (size_t i = 0; i < value.len; i++) {
        uint8_t byte = value.data[i] == '+' ? ' ' : value.data[i];
        if (value.data[i] == '%') {
            if (value.len - i < 3 || hex_parse(bytes_from(value.data + i + 1, 2), &byte, 1) != 0) {
                return ROUTER_MALFORMED;
            }
            i += 2;
        }
        buf_append_char(ret, (char)byte);
    }
    return 0;
}

int router_query_decoded(const struct http_request *request, const char *name, struct buf *ret)
{
    struct bytes value = router_query(request, name);
    size_t before = ret->len;
    int bad = value.data == NULL ? ROUTER_ABSENT : append_decoded(ret, value);
    if (bad) {
        ret->len = before;
    }
    return bad;
}
