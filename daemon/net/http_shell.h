/* What the servers of HTTP/1.1 and HTTP/2 share around their protocols: who may come in, who is
 * there, and when patience ends.
 *
 * Thread rule: confined to the server's worker. Only for the servers of this folder. */
#ifndef ASSERTD_NET_HTTP_SHELL_H
#define ASSERTD_NET_HTTP_SHELL_H

#include "daemon/core/list.h"
#include "daemon/net/http_memory.h"
#include "daemon/net/transport.h"

/* Slower than this over a whole time-out is a peer that only holds on to the connection. */
#define HTTP_SLOWEST_BYTES_PER_S 1024
/* Of bodies that a connection hands to the handler in one turn of the loop; a larger one alone. */
#define HTTP_TURN_BYTES 262144

struct http_shell {
    struct list connections;
    uint32_t open;
    bool draining;
    struct http_memory memory;
};

/* A server without connections. */
void http_shell_init(struct http_shell *shell, const struct http_budget *budget);
/* When it has no connections any more: nothing of it stays in the budget. */
void http_shell_deinit(struct http_shell *shell);

/* Whether a further connection may come in; if not, it is closed and counted. */
bool http_shell_admit(struct http_shell *shell, const struct http_limits *limits,
                      struct http_counters *counters, struct transport *transport);

/* A connection came, or went. */
void http_shell_enter(struct http_shell *shell, struct list *link, struct http_counters *counters);
void http_shell_leave(struct http_shell *shell, struct list *link, struct http_counters *counters);

/* Calls `act` with the link of each connection; it may close that connection. */
void http_shell_each(struct http_shell *shell, void (*act)(struct list *link));

/* `timeout_ns` after `since_ns`, without running over. */
uint64_t http_deadline(uint64_t since_ns, uint64_t timeout_ns);

/* The earlier of two times. */
uint64_t http_earlier(uint64_t a_ns, uint64_t b_ns);

/* Whether enough bytes came or went in a time-out's period for another one. */
bool http_is_brisk(uint64_t bytes, uint64_t timeout_ns);

#endif
