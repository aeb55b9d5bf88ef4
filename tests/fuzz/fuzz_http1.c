/* The readers of HTTP/1.1, fed whole and in pieces: both ways must come to the same end, and views
 * must lie within the input. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/net/http1_parse.h"

#define LIMIT 32768

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static void check_view(struct bytes view, const uint8_t *data, size_t size)
{
    check(view.len == 0 || bytes_is(view, "/") ||
          (view.data >= data && view.data + view.len <= data + size));
}

static void check_head(const struct http1_head *head, const uint8_t *data, size_t size)
{
    check(head->bytes <= size);
    check(head->refusal == 0 ||
          (head->refusal >= 400 && head->refusal < 600 && head->reason != NULL));
    check_view(head->request.method, data, size);
    check_view(head->request.path, data, size);
    check_view(head->request.query, data, size);
    for (size_t i = 0; i < head->request.header_count; i++) {
        check_view(head->request.headers[i].name, data, size);
        check_view(head->request.headers[i].value, data, size);
    }
    if (head->refusal == 0) {
        check(!(head->has_length && head->chunked));
        check(head->request.path.len != 0 && head->request.path.data[0] == '/');
    }
}

/* A prefix is incomplete, refused, or complete; once it is one of the latter, more bytes do not
 * change that. */
static size_t parse_heads(const uint8_t *data, size_t size, struct http1_head *whole)
{
    static struct http1_head part;
    int end = http1_parse_head(bytes_from(data, size), LIMIT, whole);
    if (end == 0) {
        check_head(whole, data, size);
    }
    for (size_t len = 0; len < size; len += 1 + len / 8) {
        uint8_t *exact = malloc(len != 0 ? len : 1);
        memcpy(exact, data, len);
        if (http1_parse_head(bytes_from(exact, len), LIMIT, &part) == 0) {
            check_head(&part, exact, len);
            check(end == 0);
            check(part.refusal != 0 || (part.bytes == whole->bytes && whole->refusal == 0));
        } else {
            check(end != 0 || whole->refusal != 0 || len < whole->bytes);
        }
        free(exact);
    }
    return end == 0 && whole->refusal == 0 ? whole->bytes : size;
}

struct chunk_run {
    int end;
    size_t used;
    size_t body_len;
    uint64_t sum;
};

static void take(struct http1_chunks *chunks, struct bytes data, struct chunk_run *run)
{
    size_t used = 0;
    struct bytes piece;
    do {
        run->end = http1_chunks_take(
            chunks, bytes_from(data.data + run->used, data.len - run->used), &used, &piece);
        check(used <= data.len - run->used && piece.len <= used);
        run->used += used;
        run->body_len += piece.len;
        for (size_t i = 0; i < piece.len; i++) {
            run->sum = run->sum * 31 + piece.data[i];
        }
    } while (run->end == 0);
}

static void take_chunks(const uint8_t *data, size_t size)
{
    struct http1_chunks once = {0};
    struct http1_chunks drip = {0};
    struct chunk_run all = {0};
    struct chunk_run parts = {0};
    take(&once, bytes_from(data, size), &all);
    for (size_t len = 0; len <= size && parts.end <= CHUNKS_MORE; len++) {
        take(&drip, bytes_from(data, len), &parts);
    }
    check(all.end == parts.end);
    if (all.end != CHUNKS_BAD) {
        check(all.used == parts.used && all.body_len == parts.body_len && all.sum == parts.sum);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct http1_head head;
    size_t body = parse_heads(data, size, &head);
    take_chunks(data + body, size - body);
    return 0;
}
