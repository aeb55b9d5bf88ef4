/* Reading the head of an HTTP/1.1 request (RFC 9112), strictly: every ambiguity is refused. Pure:
 * bytes in, views out. */
#ifndef ASSERTD_NET_HTTP1_PARSE_H
#define ASSERTD_NET_HTTP1_PARSE_H

#include "daemon/net/http.h"

#define HTTP1_HEADERS_MAX      100
#define HTTP1_REQUEST_LINE_MAX 8192

struct http1_head {
    struct http_request request; /* method, path, query, headers and the named ones; no body */
    struct http_header headers[HTTP1_HEADERS_MAX];
    size_t bytes; /* of the head, its empty line included */
    bool http10;
    bool keep_alive;
    bool chunked;
    bool has_length;
    uint64_t length;
    bool lacks_length; /* a method that comes with a body, without a length: 411 where that matters
                        */
    bool expects_continue;
    unsigned refusal; /* status to refuse with (400, 414, 417, 431, 501, 505); 0: good */
    const char *reason;
};

enum http1_parse_outcome { HTTP1_INCOMPLETE = 1 };

/* Parses the head at the beginning of `data`. 0: *ret is filled, perhaps with a refusal;
 * HTTP1_INCOMPLETE: more bytes are needed. `limit` bounds the head (431); views point into `data`.
 */
int http1_parse_head(struct bytes data, size_t limit, struct http1_head *ret);

/* A chunked body being taken apart (RFC 9112 section 7.1), any number of bytes at a time. */
struct http1_chunks {
    enum { CHUNK_SIZE, CHUNK_DATA, CHUNK_DATA_END, CHUNK_TRAILERS, CHUNK_DONE } state;
    uint64_t left;   /* of the present chunk's data */
    size_t overhead; /* bytes of extensions and trailers of the message so far */
};

enum http1_chunk_outcome { CHUNKS_MORE = 1, CHUNKS_END = 2, CHUNKS_BAD = 3 };

/* Takes what it can of `data`: *ret_used bytes, of which *ret_data (a view) are body. 0: body came,
 * call again; CHUNKS_MORE: more bytes are needed; CHUNKS_END: the body is complete; CHUNKS_BAD. */
int http1_chunks_take(struct http1_chunks *chunks, struct bytes data, size_t *ret_used,
                      struct bytes *ret_data);

#endif
