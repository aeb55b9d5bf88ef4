#include "daemon/net/http1_response.h"

#include "daemon/net/http_words.h"

static void append_header(struct buf *out, struct bytes name, struct bytes value)
{
    if (http_is_one_line(name) && http_is_one_line(value)) {
        buf_append_bytes(out, name);
        buf_append_text(out, ": ");
        buf_append_bytes(out, value);
        buf_append_text(out, "\r\n");
    }
}

void http1_response_append(struct buf *out, const struct http_response *response,
                           const struct http1_response_frame *frame)
{
    char date[HTTP_DATE_BYTES];
    bool has_body = response->status >= 200 && response->status != 204 && response->status != 304;
    http_date_print(date, frame->wall_ns);
    buf_printf(out, "HTTP/1.1 %u %s\r\nDate: %s\r\n", response->status,
               http_status_text(response->status), date);
    if (response->content_type != NULL) {
        append_header(out, BYTES_LITERAL("Content-Type"), bytes_of(response->content_type));
    }
    if (has_body) {
        buf_append_text(out, "Content-Length: ");
        buf_append_u64(out, response->body.len);
        buf_append_text(out, "\r\n");
    }
    for (size_t i = 0; i < response->header_count; i++) {
        append_header(out, response->headers[i].name, response->headers[i].value);
    }
    buf_append_text(out, frame->close ? "Connection: close\r\n\r\n" : "\r\n");
    if (has_body && !frame->head_only) {
        buf_append_bytes(out, response->body);
    }
}
