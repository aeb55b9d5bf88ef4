#include "tests/bench/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/core/clock.h"

#define READ_BYTES 65536

void client_die(const char *what, int code)
{
    fprintf(stderr, "load: %s: %s\n", what, code < 0 ? strerror(-code) : "failed");
    exit(1);
}

uint64_t client_now_ns(void)
{
    return clock_system.monotonic_ns(&clock_system);
}

static int open_socket(uint16_t port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        client_die("connect", -errno);
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        client_die("socket", -errno);
    }
    return fd;
}

void client_init(struct client *ret, const struct client_options *options)
{
    *ret = (struct client){.options = *options, .out = BUF_NULL};
    ret->slots = calloc(options->in_flight, sizeof *ret->slots);
    for (uint32_t i = 0; ret->slots != NULL && i < options->in_flight; i++) {
        ret->slots[i].client = ret;
        if (request_init(&ret->slots[i].request, options->body, options->packing) != 0) {
            client_die("request", -ENOMEM);
        }
    }
    ret->fd = open_socket(options->port);
    ret->state = options->protocol->begin(ret);
    if (ret->slots == NULL || ret->state == NULL) {
        client_die("connection", -ENOMEM);
    }
}

void client_deinit(struct client *client)
{
    client->options.protocol->end(client->state);
    for (uint32_t i = 0; i < client->options.in_flight; i++) {
        request_deinit(&client->slots[i].request);
    }
    free(client->slots);
    buf_deinit(&client->out);
    close(client->fd);
}

bool client_has_room(const struct client *client)
{
    return client->busy < client->options.in_flight;
}

void client_submit(struct client *client)
{
    uint32_t i = 0;
    while (client->slots[i].busy) {
        i++;
    }
    struct slot *slot = &client->slots[i];
    slot->busy = true;
    slot->good = false;
    slot->sent = 0;
    client->busy++;
    if (request_renew(&slot->request, client->options.ids, client_now_ns()) != 0) {
        client_die("request", -ENOMEM);
    }
    client->options.totals->bytes += slot->request.wire.len;
    client->options.protocol->submit(client, i);
}

/* One send for all that may be sent, as a client with large buffers does. */
bool client_flush(struct client *client)
{
    if (client->out_sent == client->out.len) {
        buf_reset(&client->out);
        client->out_sent = 0;
        client->options.protocol->fill(client);
    }
    while (client->out_sent < client->out.len) {
        ssize_t len = send(client->fd, client->out.data + client->out_sent,
                           client->out.len - client->out_sent, MSG_NOSIGNAL);
        if (len < 0 && errno == EAGAIN) {
            return true;
        }
        if (len < 0) {
            client_die("send", -errno);
        }
        client->out_sent += (size_t)len;
    }
    return false;
}

void client_receive(struct client *client)
{
    static uint8_t block[READ_BYTES];
    ssize_t len = recv(client->fd, block, sizeof block, 0);
    if (len == 0 || (len < 0 && errno != EAGAIN)) {
        client_die("the server closed a connection", len < 0 ? -errno : 0);
    }
    if (len > 0) {
        client->options.protocol->input(client, block, (size_t)len);
    }
}

void client_answered(struct client *client, uint32_t slot, bool good)
{
    struct totals *totals = client->options.totals;
    client->slots[slot].busy = false;
    client->busy--;
    if (good) {
        totals->ok++;
        histogram_add(&totals->answers, client_now_ns() - client->slots[slot].request.sent_ns);
    } else {
        totals->refused++;
    }
}
