#include "daemon/net/http1_parse.h"

#include "daemon/core/number.h"
#include "daemon/net/http_words.h"

#define CHUNK_LINE_MAX        1024
#define CHUNK_OVERHEAD_MAX    4096
#define CHUNK_SIZE_DIGITS_MAX 15

static bool is_token_char(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_token_char(text.data[i])) {
            return false;
        }
    }
    return text.len != 0;
}

static void refuse(struct http1_head *head, unsigned status, const char *reason)
{
    if (head->refusal == 0) {
        head->refusal = status;
        head->reason = reason;
        head->keep_alive = false;
    }
}

/* Whether there is a control character other than the tab. */
static bool has_control(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((text.data[i] < ' ' && text.data[i] != '\t') || text.data[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

/* The next line without its CR LF. A bare LF or CR is refused, like other control characters. 0; 1:
 * the line is not complete; 2: malformed. */
static int take_line(struct bytes *data, struct bytes *ret)
{
    const uint8_t *end = data->len != 0 ? memchr(data->data, '\n', data->len) : NULL;
    if (end == NULL) {
        return 1;
    }
    size_t len = (size_t)(end - data->data);
    bool bad =
        len == 0 || data->data[len - 1] != '\r' || has_control(bytes_from(data->data, len - 1));
    *ret = bytes_from(data->data, len != 0 ? len - 1 : 0);
    *data = bytes_from(data->data + len + 1, data->len - len - 1);
    return bad ? 2 : 0;
}

static struct bytes take_word(struct bytes *line)
{
    size_t len = 0;
    while (len < line->len && line->data[len] != ' ') {
        len++;
    }
    struct bytes word = bytes_from(line->data, len);
    size_t skip = len < line->len ? len + 1 : len;
    *line = bytes_from(line->data + skip, line->len - skip);
    return word;
}

static void parse_version(struct http1_head *head, struct bytes version)
{
    if (bytes_is(version, "HTTP/1.1")) {
        head->keep_alive = true;
    } else if (bytes_is(version, "HTTP/1.0")) {
        head->http10 = true;
    } else if (bytes_start_with(version, BYTES_LITERAL("HTTP/")) && version.len == 8) {
        refuse(head, 505, "only HTTP/1.1 is spoken here");
    } else {
        refuse(head, 400, "malformed request line");
    }
}

/* What follows "http://authority" of an absolute target (RFC 9112 section 3.2.2); others as they
 * are. */
static struct bytes path_of_absolute(struct bytes target)
{
    if (target.len <= 7 || !bytes_is_nocase(bytes_from(target.data, 7), "http://")) {
        return target;
    }
    struct bytes rest = bytes_from(target.data + 7, target.len - 7);
    const uint8_t *slash = memchr(rest.data, '/', rest.len);
    const uint8_t *question =
        memchr(rest.data, '?', slash != NULL ? (size_t)(slash - rest.data) : rest.len);
    if (slash == rest.data || question != NULL) {
        return target;
    }
    return slash != NULL ? bytes_from(slash, rest.len - (size_t)(slash - rest.data))
                         : BYTES_LITERAL("/");
}

static void parse_target(struct http1_head *head, struct bytes target)
{
    target = path_of_absolute(target);
    if (target.len == 0 || target.data[0] != '/') {
        bool asterisk = bytes_is(target, "*");
        refuse(head, asterisk ? 501 : 400, "the request target must be a path");
        return;
    }
    for (size_t i = 0; i < target.len; i++) {
        if (target.data[i] <= ' ' || target.data[i] >= 0x7f || target.data[i] == '#') {
            refuse(head, 400, "malformed request target");
            return;
        }
    }
    const uint8_t *question = memchr(target.data, '?', target.len);
    struct bytes path = target;
    if (question != NULL) {
        path.len = (size_t)(question - target.data);
        head->request.query = bytes_from(question + 1, target.len - path.len - 1);
    }
    head->request.path = path;
}

static void parse_request_line(struct http1_head *head, struct bytes line)
{
    struct bytes left = line;
    head->request.method = take_word(&left);
    struct bytes target = take_word(&left);
    if (!is_token(head->request.method) || memchr(left.data, ' ', left.len) != NULL ||
        left.len == 0) {
        refuse(head, 400, "malformed request line");
        return;
    }
    parse_version(head, left);
    parse_target(head, target);
}

/* The length of the name that a header line begins with, 0 when it does not begin with a name and a
 * colon. */
static size_t name_len(struct bytes line)
{
    const uint8_t *colon = memchr(line.data, ':', line.len);
    size_t len = colon != NULL ? (size_t)(colon - line.data) : 0;
    return is_token(bytes_from(line.data, len)) ? len : 0;
}

static void parse_header_line(struct http1_head *head, struct bytes line)
{
    size_t len = name_len(line);
    if (line.len != 0 && (line.data[0] == ' ' || line.data[0] == '\t')) {
        refuse(head, 400, "folded header line");
        return;
    }
    if (len == 0) {
        refuse(head, 400, "malformed header line");
        return;
    }
    if (head->request.header_count == HTTP1_HEADERS_MAX) {
        refuse(head, 431, "too many headers");
        return;
    }
    head->headers[head->request.header_count++] =
        (struct http_header){bytes_from(line.data, len),
                             bytes_trim(bytes_from(line.data + len + 1, line.len - len - 1))};
}

static void take_length(struct http1_head *head, struct bytes value)
{
    if (head->has_length || number_parse_u64(value, &head->length) != 0) {
        refuse(head, 400, "malformed or repeated Content-Length");
    }
    head->has_length = true;
}

static void take_coding(struct http1_head *head, struct bytes value)
{
    if (head->chunked) {
        refuse(head, 400, "repeated Transfer-Encoding");
    } else if (!bytes_is_nocase(value, "chunked")) {
        bool last =
            value.len >= 7 && bytes_is_nocase(bytes_from(value.data + value.len - 7, 7), "chunked");
        bool listed = value.len != 0 && memchr(value.data, ',', value.len) != NULL;
        refuse(head, listed && !last ? 400 : 501,
               "only the chunked transfer coding is spoken here");
    }
    head->chunked = true;
}

static bool has_word(struct bytes list, const char *word)
{
    while (list.len != 0) {
        size_t len = 0;
        while (len < list.len && list.data[len] != ',') {
            len++;
        }
        if (bytes_is_nocase(bytes_trim(bytes_from(list.data, len)), word)) {
            return true;
        }
        size_t skip = len < list.len ? len + 1 : len;
        list = bytes_from(list.data + skip, list.len - skip);
    }
    return false;
}

/* Host as RFC 9112 section 3.2 wants it: one, without blanks or control characters. */
static void take_host(struct http1_head *head, struct bytes value, unsigned *hosts)
{
    (*hosts)++;
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] <= ' ' || value.data[i] == 0x7f || value.data[i] == ',' ||
            value.data[i] == '/') {
            refuse(head, 400, "malformed Host");
        }
    }
}

static void take_header(struct http1_head *head, const struct http_header *header, unsigned *hosts)
{
    struct bytes value = header->value;
    if (bytes_is_nocase(header->name, "content-length")) {
        take_length(head, value);
    } else if (bytes_is_nocase(header->name, "transfer-encoding")) {
        take_coding(head, value);
    } else if (bytes_is_nocase(header->name, "host")) {
        take_host(head, value, hosts);
    } else if (bytes_is_nocase(header->name, "connection")) {
        head->keep_alive = head->keep_alive && !has_word(value, "close");
    } else if (bytes_is_nocase(header->name, "expect")) {
        head->expects_continue = bytes_is_nocase(value, "100-continue");
        if (!head->expects_continue) {
            refuse(head, 417, "unknown expectation");
        }
    } else if (bytes_is_nocase(header->name, "content-type")) {
        head->request.content_type = value;
    } else if (bytes_is_nocase(header->name, "content-encoding")) {
        head->request.content_encoding = value;
    } else if (bytes_is_nocase(header->name, "user-agent")) {
        head->request.user_agent = value;
    }
}

static void judge_framing(struct http1_head *head, unsigned hosts)
{
    bool posts = bytes_is(head->request.method, "POST") || bytes_is(head->request.method, "PUT") ||
                 bytes_is(head->request.method, "PATCH");
    if (head->has_length && head->chunked) {
        refuse(head, 400, "both Content-Length and Transfer-Encoding");
    }
    if (head->chunked && head->http10) {
        refuse(head, 400, "Transfer-Encoding in HTTP/1.0");
    }
    if (hosts > 1 || (hosts == 0 && !head->http10)) {
        refuse(head, 400, "one Host is needed");
    }
    if (head->refusal == 0 && !http_method_is_known(head->request.method)) {
        refuse(head, 501, "unknown method");
    }
    head->lacks_length = posts && !head->has_length && !head->chunked;
}

static void judge_headers(struct http1_head *head)
{
    unsigned hosts = 0;
    for (size_t i = 0; i < head->request.header_count; i++) {
        take_header(head, &head->headers[i], &hosts);
    }
    judge_framing(head, hosts);
}

/* What can be said of a head that is not complete yet: it may be too long already, or garbage. */
static int judge_incomplete(struct bytes data, size_t limit, bool in_request_line,
                            struct http1_head *ret)
{
    if (data.len != 0 && data.data[0] < ' ' && data.data[0] != '\r') {
        refuse(ret, 400, "this is not HTTP"); /* a TLS hello, most often: it may hold no line end */
    } else if (in_request_line && data.len > HTTP1_REQUEST_LINE_MAX) {
        refuse(ret, 414, "the request line is too long");
    } else if (data.len > limit) {
        refuse(ret, 431, "the headers are too long");
    }
    ret->bytes = data.len;
    return ret->refusal != 0 ? 0 : HTTP1_INCOMPLETE;
}

int http1_parse_head(struct bytes data, size_t limit, struct http1_head *ret)
{
    struct bytes left = data;
    struct bytes line;
    ret->request = (struct http_request){.headers = ret->headers};
    ret->bytes = 0;
    ret->http10 = ret->keep_alive = ret->chunked = ret->has_length = ret->lacks_length =
        ret->expects_continue = false;
    ret->length = 0;
    ret->refusal = 0;
    ret->reason = NULL;
    while (bytes_start_with(left, BYTES_LITERAL("\r\n"))) {
        left = bytes_from(left.data + 2,
                          left.len - 2); /* RFC 9112 section 2.2: empty lines before a request */
    }
    bool first = true;
    for (;;) {
        int end = take_line(&left, &line);
        if (end == 1) {
            return judge_incomplete(data, limit, first, ret);
        }
        if (end == 2) {
            refuse(ret, 400, "a line must end with CR LF and hold no control characters");
            ret->bytes = data.len;
            return 0;
        }
        if (first && line.len > HTTP1_REQUEST_LINE_MAX) {
            refuse(ret, 414, "the request line is too long");
        } else if (first) {
            parse_request_line(ret, line);
        } else if (line.len == 0) {
            break;
        } else {
            parse_header_line(ret, line);
        }
        first = false;
    }
    ret->bytes = data.len - left.len;
    if (ret->bytes > limit) {
        refuse(ret, 431, "the headers are too long");
    }
    judge_headers(ret);
    return 0;
}

static int hex_value(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* "SIZE[;extensions]": the size, or false. Quoted extension values may not hold line ends:
 * take_line saw to that. */
static bool parse_chunk_size(struct bytes line, uint64_t *ret)
{
    uint64_t size = 0;
    size_t i = 0;
    while (i < line.len && hex_value(line.data[i]) >= 0) {
        size = size << 4 | (uint64_t)hex_value(line.data[i++]);
        if (i > CHUNK_SIZE_DIGITS_MAX) {
            return false;
        }
    }
    *ret = size;
    return i != 0 &&
           (i == line.len || line.data[i] == ';' || line.data[i] == ' ' || line.data[i] == '\t') &&
           (i == line.len || memchr(line.data + i, ';', line.len - i) != NULL);
}

static int take_size_line(struct http1_chunks *chunks, struct bytes data, size_t *ret_used)
{
    struct bytes left = data;
    struct bytes line;
    int end = take_line(&left, &line);
    if (end == 1) {
        return data.len > CHUNK_LINE_MAX ? CHUNKS_BAD : CHUNKS_MORE;
    }
    if (end == 2 || line.len > CHUNK_LINE_MAX || !parse_chunk_size(line, &chunks->left)) {
        return CHUNKS_BAD;
    }
    const uint8_t *extension = memchr(line.data, ';', line.len);
    chunks->overhead += extension != NULL ? line.len - (size_t)(extension - line.data) : 0;
    chunks->state = chunks->left != 0 ? CHUNK_DATA : CHUNK_TRAILERS;
    *ret_used += data.len - left.len;
    return chunks->overhead > CHUNK_OVERHEAD_MAX ? CHUNKS_BAD : 0;
}

/* Trailers are read and dropped, never merged into the headers (RFC 9112 section 7.1.2). */
static int take_trailer_line(struct http1_chunks *chunks, struct bytes data, size_t *ret_used)
{
    struct bytes left = data;
    struct bytes line;
    int end = take_line(&left, &line);
    if (end == 1) {
        return data.len > CHUNK_OVERHEAD_MAX ? CHUNKS_BAD : CHUNKS_MORE;
    }
    chunks->overhead += line.len;
    if (end == 2 || chunks->overhead > CHUNK_OVERHEAD_MAX ||
        (line.len != 0 && name_len(line) == 0)) {
        return CHUNKS_BAD;
    }
    *ret_used += data.len - left.len;
    if (line.len == 0) {
        chunks->state = CHUNK_DONE;
    }
    return 0;
}

static int take_data_end(struct http1_chunks *chunks, struct bytes data, size_t *ret_used)
{
    if ((data.len >= 1 && data.data[0] != '\r') || (data.len >= 2 && data.data[1] != '\n')) {
        return CHUNKS_BAD;
    }
    if (data.len < 2) {
        return CHUNKS_MORE;
    }
    *ret_used += 2;
    chunks->state = CHUNK_SIZE;
    return 0;
}

int http1_chunks_take(struct http1_chunks *chunks, struct bytes data, size_t *ret_used,
                      struct bytes *ret_data)
{
    *ret_used = 0;
    *ret_data = BYTES_NULL;
    for (;;) {
        struct bytes left = bytes_from(data.data + *ret_used, data.len - *ret_used);
        int end = 0;
        switch (chunks->state) {
        case CHUNK_SIZE:
            end = take_size_line(chunks, left, ret_used);
            break;
        case CHUNK_DATA:
            if (left.len == 0) {
                return CHUNKS_MORE;
            }
            left.len = left.len < chunks->left ? left.len : (size_t)chunks->left;
            chunks->left -= left.len;
            chunks->state = chunks->left == 0 ? CHUNK_DATA_END : CHUNK_DATA;
            *ret_used += left.len;
            *ret_data = left;
            return 0;
        case CHUNK_DATA_END:
            end = take_data_end(chunks, left, ret_used);
            break;
        case CHUNK_TRAILERS:
            end = take_trailer_line(chunks, left, ret_used);
            break;
        case CHUNK_DONE:
            return CHUNKS_END;
        }
        if (end != 0) {
            return end;
        }
    }
}
