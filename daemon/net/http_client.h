/* Outbound HTTP on a loop: libcurl's multi interface. For exporters; one request, one answer, a
 * deadline.
 *
 * Thread rule: confined to its loop's thread; `done` is always asynchronous. */
#ifndef ASSERTD_NET_HTTP_CLIENT_H
#define ASSERTD_NET_HTTP_CLIENT_H

#include <stdint.h>

#include "daemon/core/bytes.h"
#include "daemon/net/loop.h"

struct http_client;

struct http_exchange {
    const char *method; /* "POST" */
    const char *url;
    const char *const *headers; /* "Name: value", NULL-terminated; CR and LF refused */
    struct bytes body;          /* borrowed until done */
    uint64_t timeout_ns;
    size_t answer_limit; /* bytes of the answer's body that are kept */
};

struct http_answer {
    unsigned status;         /* 0: no answer came, see error */
    const char *error;       /* "connection refused", NULL when status is set */
    struct bytes body;       /* at most answer_limit */
    uint64_t retry_after_ns; /* Retry-After in seconds or as a date; 0: none */
};

/* Told once, from the loop; may send again, must not free the client. The answer lives until
 * return. */
typedef void (*http_done_fn)(void *self, const struct http_answer *answer);

/* 0, or a negative errno. At most `max_connections` are open at once; the loop outlives the client.
 */
int http_client_new(struct http_client **ret, struct loop *loop, unsigned max_connections);
/* Cancels what is under way without calling done. */
void http_client_free(struct http_client *client);

/* Starts an exchange. 0: done will be called exactly once; a negative errno: it will not. */
int http_client_send(struct http_client *client, const struct http_exchange *exchange,
                     http_done_fn done, void *self);

/* The library's version text. */
const char *http_client_version(void);

#endif
