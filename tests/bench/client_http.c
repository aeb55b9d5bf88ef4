/* OTLP/HTTP on HTTP/1.1 with keep-alive: one request after the other. Reads the answers of servers
 * that state a content-length, as both servers of the bench do. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/bench/client.h"

#define LENGTH "content-length:"

struct answer {
    struct buf read;
};

static void *begin(struct client *client)
{
    (void)client;
    return calloc(1, sizeof(struct answer));
}

static void end(void *state)
{
    struct answer *answer = state;
    buf_deinit(&answer->read);
    free(answer);
}

static void submit(struct client *client, uint32_t index)
{
    (void)client, (void)index;
}

/* There is one slot; it is put into bytes once. */
static void fill(struct client *client)
{
    struct slot *slot = &client->slots[0];
    struct bytes wire = slot->request.wire;
    if (!slot->busy || slot->sent != 0) {
        return;
    }
    buf_printf(&client->out,
               "POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: assertd-bench\r\n"
               "Content-Type: application/%s\r\n",
               client->options.body->form == BODY_JSON ? "json" : "x-protobuf");
    if (client->options.packing != PACKING_NONE) {
        buf_printf(&client->out, "Content-Encoding: %s\r\n", packing_name(client->options.packing));
    }
    buf_printf(&client->out, "Content-Length: %zu\r\n\r\n", wire.len);
    buf_append_bytes(&client->out, wire);
    slot->sent = wire.len;
    if (client->out.failed) {
        client_die("request", 0);
    }
}

/* The whole answer's length; 0: it is not there yet. */
static size_t whole_len(struct bytes read)
{
    const uint8_t *end = memmem(read.data, read.len, "\r\n\r\n", 4);
    if (end == NULL) {
        return 0;
    }
    size_t len = (size_t)(end + 4 - read.data);
    const uint8_t *line = read.data;
    while ((line = memchr(line, '\n', (size_t)(end - line))) != NULL && ++line < end) {
        if (strncasecmp((const char *)line, LENGTH, sizeof LENGTH - 1) == 0) {
            len += strtoul((const char *)line + sizeof LENGTH - 1, NULL, 10);
        }
    }
    return len <= read.len ? len : 0;
}

static void input(struct client *client, const uint8_t *data, size_t len)
{
    struct answer *answer = client->state;
    buf_append(&answer->read, data, len);
    struct bytes read = buf_bytes(&answer->read);
    if (read.len > 12 && whole_len(read) == read.len) {
        client_answered(client, 0, memcmp(read.data + 8, " 200", 4) == 0);
        buf_reset(&answer->read);
    }
}

const struct protocol client_http = {.name = "http",
                                     .in_flight_max = 1,
                                     .begin = begin,
                                     .end = end,
                                     .submit = submit,
                                     .fill = fill,
                                     .input = input};
