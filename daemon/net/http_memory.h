/* What the connections of one server take from the budget: bodies exactly and before they grow,
 * buffers and heads in steps, because they grow and shrink with every request.
 *
 * Thread rule: confined to the server's worker. Only for the servers of this folder. */
#ifndef ASSERTD_NET_HTTP_MEMORY_H
#define ASSERTD_NET_HTTP_MEMORY_H

#include "daemon/net/http.h"

/* A connection before it has said anything: its struct, timer, watched descriptor. */
#define HTTP_CONNECTION_BYTES 4096u

struct http_memory {
    struct http_budget options;
    uint64_t held, told; /* of buffers; told in steps, never less than held */
    uint32_t beyond;     /* connections let in without room, and not made good since */
};

/* Takes what a body of `room` bytes needs beyond what stands in request->body_charge. False: there
 * is no room. */
bool http_memory_take_body(const struct http_memory *memory, struct http_request *request,
                           size_t room);

/* Frees the request's body, unless its handler took it, and gives back what it had taken. */
void http_memory_free_body(const struct http_memory *memory, struct http_request *request);

/* A connection comes (false: there is no room for it, nor in the reserve) or goes. */
bool http_memory_enter(struct http_memory *memory);
void http_memory_leave(struct http_memory *memory);

/* What the head of one request may hold before it is whole: heads are not asked for before they
 * grow, so where connections have had all that they may take only small ones are borne, and beyond
 * the hard limit none. */
size_t http_memory_head_max(const struct http_memory *memory);

/* Whether connections have had all that they may take: then none of their buffers should grow
 * because its peer wants it. */
bool http_memory_is_full(const struct http_memory *memory);

/* A connection's buffers held *held bytes and hold `now`, which is noted in *held. */
void http_memory_hold(struct http_memory *memory, size_t *held, size_t now);

#endif
