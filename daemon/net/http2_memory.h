/* nghttp2's own memory, counted: sessions, header tables, frames that wait to be sent.
 *
 * Each block is preceded by its size. The budget hears of the sum in steps, before it grows by one;
 * where there is no room, the library is told that there is no memory and ends the connection.
 * Thread rule: confined to the server's worker. Only for http2*.c. */
#ifndef ASSERTD_NET_HTTP2_MEMORY_H
#define ASSERTD_NET_HTTP2_MEMORY_H

#include "daemon/core/budget.h"

struct http2_memory;

/* NULL: no memory. Freed when the library holds nothing any more; NULL is fine. */
struct http2_memory *http2_memory_new(struct budget *budget);
void http2_memory_free(struct http2_memory *memory);

/* The nghttp2_mem to be handed to the library. */
void *http2_memory_functions(struct http2_memory *memory);

/* Bytes that the library holds now. */
uint64_t http2_memory_held(const struct http2_memory *memory);

#endif
