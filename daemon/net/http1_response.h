/* Writing the answers of HTTP/1.1 (RFC 9112). Pure: a response becomes bytes. */
#ifndef ASSERTD_NET_HTTP1_RESPONSE_H
#define ASSERTD_NET_HTTP1_RESPONSE_H

#include "daemon/core/buf.h"
#include "daemon/net/http.h"

struct http1_response_frame {
    uint64_t wall_ns; /* for Date */
    bool close;       /* says "Connection: close" */
    bool head_only;   /* the request was HEAD: the length is told, the body is not sent */
};

/* Appends the answer, head and body. Headers with a CR, LF or NUL are left out: they would end up
 * as others. */
void http1_response_append(struct buf *out, const struct http_response *response,
                           const struct http1_response_frame *frame);

#endif
