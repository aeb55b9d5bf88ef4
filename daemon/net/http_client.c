/* libcurl's multi interface driven by our loop: curl says which sockets and which timer it wants
 * watched. Completed exchanges are told from the loop, never from within http_client_send. */
#include "daemon/net/http_client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "daemon/core/buf.h"
#include "daemon/core/list.h"
#include "daemon/core/number.h"

struct http_client {
    struct loop *loop;
    CURLM *multi;
    struct loop_timer *timer;
    struct list exchanges;
};

/* One exchange under way. */
struct exchange {
    struct list link;
    struct http_client *client;
    CURL *easy;
    struct curl_slist *headers;
    struct buf body;
    size_t answer_limit;
    uint64_t retry_after_ns;
    char error[CURL_ERROR_SIZE];
    http_done_fn done;
    void *self;
};

static void exchange_free(struct exchange *exchange)
{
    list_remove(&exchange->link);
    curl_multi_remove_handle(exchange->client->multi, exchange->easy);
    curl_easy_cleanup(exchange->easy);
    curl_slist_free_all(exchange->headers);
    buf_deinit(&exchange->body);
    free(exchange);
}

static void tell(struct exchange *exchange, CURLcode code)
{
    long status = 0;
    struct http_answer answer = {.body = buf_bytes(&exchange->body),
                                 .retry_after_ns = exchange->retry_after_ns};
    if (code == CURLE_OK) {
        curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    }
    answer.status = (unsigned)status;
    if (status == 0) {
        answer.error = exchange->error[0] != '\0' ? exchange->error : curl_easy_strerror(code);
    }
    exchange->done(exchange->self, &answer);
}

/* Tells what has ended; `done` may send again. */
static void tell_completed(struct http_client *client)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
        struct exchange *exchange;
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
        list_remove(&exchange->link);
        list_append(&client->exchanges, &exchange->link);
        tell(exchange, code);
        exchange_free(exchange);
    }
}

static void act(struct http_client *client, curl_socket_t socket, int events)
{
    int running;
    curl_multi_socket_action(client->multi, socket, events, &running);
    tell_completed(client);
}

static void socket_ready(void *self, int fd, unsigned events)
{
    act(self, fd,
        (events & LOOP_READ ? CURL_CSELECT_IN : 0) | (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0));
}

static void timer_fired(void *self)
{
    act(self, CURL_SOCKET_TIMEOUT, 0);
}

static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *self, void *watched)
{
    struct http_client *client = self;
    struct loop_fd *watch = watched;
    unsigned events =
        (what & CURL_POLL_IN ? LOOP_READ : 0u) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0u);
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        loop_fd_free(watch);
        curl_multi_assign(client->multi, socket, NULL);
    } else if (watch != NULL) {
        loop_fd_set(watch, events);
    } else if (loop_fd_new(&watch, client->loop, socket, events, socket_ready, client) == 0) {
        curl_multi_assign(client->multi, socket, watch);
    }
    return 0;
}

static int watch_timer(CURLM *multi, long after_ms, void *self)
{
    struct http_client *client = self;
    (void)multi;
    if (after_ms < 0) {
        loop_timer_stop(client->timer);
    } else {
        loop_timer_set(client->timer, (uint64_t)after_ms * 1000000);
    }
    return 0;
}

int http_client_new(struct http_client **ret, struct loop *loop, unsigned max_connections)
{
    struct http_client *client = calloc(1, sizeof *client);
    if (client == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(client);
        return -ENOMEM;
    }
    list_init(&client->exchanges);
    client->loop = loop;
    client->multi = curl_multi_init();
    if (client->multi == NULL || loop_timer_new(&client->timer, loop, timer_fired, client) != 0) {
        http_client_free(client);
        return -ENOMEM;
    }
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, watch_timer);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)max_connections);
    *ret = client;
    return 0;
}

void http_client_free(struct http_client *client)
{
    if (client == NULL) {
        return;
    }
    while (!list_empty(&client->exchanges)) {
        exchange_free(container_of(client->exchanges.next, struct exchange, link));
    }
    if (client->multi != NULL) {
        curl_multi_cleanup(client->multi);
    }
    loop_timer_free(client->timer);
    free(client);
    curl_global_cleanup();
}

static size_t keep_body(char *data, size_t size, size_t count, void *self)
{
    struct exchange *exchange = self;
    size_t bytes = size * count;
    size_t room = exchange->answer_limit - exchange->body.len;
    buf_append(&exchange->body, data, bytes < room ? bytes : room);
    return bytes;
}

/* Retry-After is a number of seconds or a date (RFC 9110 section 10.2.3). */
static uint64_t parse_retry_after(struct bytes value)
{
    uint64_t seconds;
    char date[64];
    if (number_parse_u64(value, &seconds) == 0) {
        return (seconds < 86400 ? seconds : 86400) * 1000000000;
    }
    if (value.len >= sizeof date) {
        return 0;
    }
    memcpy(date, value.data, value.len);
    date[value.len] = '\0';
    time_t when = curl_getdate(date, NULL);
    time_t now = time(NULL);
    return when > now ? (uint64_t)(when - now) * 1000000000 : 0;
}

static size_t keep_header(char *data, size_t size, size_t count, void *self)
{
    static const char name[] = "retry-after:";
    struct exchange *exchange = self;
    size_t bytes = size * count;
    if (bytes >= sizeof name && strncasecmp(data, name, sizeof name - 1) == 0) {
        struct bytes value =
            bytes_trim(bytes_from(data + sizeof name - 1, bytes - (sizeof name - 1)));
        exchange->retry_after_ns = parse_retry_after(value);
    }
    return bytes;
}

/* Headers are made of configuration and data: a line end in one would begin another header. */
static int copy_headers(struct exchange *exchange, const char *const *headers)
{
    exchange->headers = curl_slist_append(NULL, "Expect:"); /* no round trip before a large body */
    for (size_t i = 0; headers != NULL && headers[i] != NULL; i++) {
        if (strpbrk(headers[i], "\r\n") != NULL) {
            return -EINVAL;
        }
        struct curl_slist *longer = curl_slist_append(exchange->headers, headers[i]);
        if (longer == NULL) {
            return -ENOMEM;
        }
        exchange->headers = longer;
    }
    return 0;
}

static void set_options(struct exchange *exchange, const struct http_exchange *request)
{
    CURL *easy = exchange->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange);
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(request->timeout_ns / 1000000));
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, keep_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
    if (strcmp(request->method, "GET") != 0) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                         request->body.len != 0 ? (const char *)request->body.data : "");
    }
}

int http_client_send(struct http_client *client, const struct http_exchange *request,
                     http_done_fn done, void *self)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL) {
        return -ENOMEM;
    }
    list_init(&exchange->link);
    exchange->client = client;
    exchange->answer_limit = request->answer_limit;
    exchange->done = done;
    exchange->self = self;
    exchange->easy = curl_easy_init();
    int bad = exchange->easy == NULL ? -ENOMEM : copy_headers(exchange, request->headers);
    if (!bad) {
        set_options(exchange, request);
        bad = curl_multi_add_handle(client->multi, exchange->easy) == CURLM_OK ? 0 : -ENOMEM;
    }
    if (bad) {
        exchange_free(exchange);
        return bad;
    }
    list_append(&client->exchanges, &exchange->link);
    return 0;
}

const char *http_client_version(void)
{
    return curl_version_info(CURLVERSION_NOW)->version;
}
