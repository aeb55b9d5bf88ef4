/* A handler of requests for tests: remembers what it saw, answers with an echo, now or when told.
 */
#ifndef ASSERTD_TESTS_NET_FAKE_HANDLER_H
#define ASSERTD_TESTS_NET_FAKE_HANDLER_H

#include "daemon/core/buf.h"
#include "daemon/net/http.h"

#define FAKE_WAITING_MAX 512

struct fake_handler {
    unsigned begun, completed, refused, closed, ended, answered;
    unsigned last_refusal; /* status of the last one */
    uint64_t last_announced;
    struct buf seen;                      /* "METHOD path?query len\n" for each complete request */
    unsigned begin_answers;               /* a status: begin refuses with it */
    bool patient;                         /* begin's refusal waits for the request's end */
    bool later;                           /* keep requests instead of answering in complete */
    const struct http_response *response; /* NULL: 200 text/plain with the body */
    struct http_request *waiting[FAKE_WAITING_MAX];
    size_t waiting_count;
};

/* The functions; `self` is a struct fake_handler. */
extern const struct http_handler fake_handler_type;

/* Answers the request that waits longest. */
void fake_handler_answer(struct fake_handler *handler);

/* Frees what it remembers. */
void fake_handler_deinit(struct fake_handler *handler);

#endif
