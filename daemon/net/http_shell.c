#include "daemon/net/http_shell.h"

#include "daemon/core/clock.h"

void http_shell_init(struct http_shell *shell, const struct http_budget *budget)
{
    *shell = (struct http_shell){.memory = {.options = *budget}};
    list_init(&shell->connections);
}

void http_shell_deinit(struct http_shell *shell)
{
    struct http_memory *memory = &shell->memory;
    budget_tell(memory->options.budget, memory->options.buffers, &memory->told, 0);
}

bool http_shell_admit(struct http_shell *shell, const struct http_limits *limits,
                      struct http_counters *counters, struct transport *transport)
{
    if (!shell->draining && shell->open < limits->connections &&
        http_memory_enter(&shell->memory)) {
        return true;
    }
    counter_add(&counters->refused_connections, 1);
    budget_refuse(shell->memory.options.budget, BUDGET_CONNECTION);
    transport->type->free(transport);
    return false;
}

void http_shell_enter(struct http_shell *shell, struct list *link, struct http_counters *counters)
{
    list_append(&shell->connections, link);
    shell->open++;
    counter_add(&counters->connections_opened, 1);
}

void http_shell_leave(struct http_shell *shell, struct list *link, struct http_counters *counters)
{
    list_remove(link);
    shell->open--;
    http_memory_leave(&shell->memory);
    counter_add(&counters->connections_closed, 1);
}

void http_shell_each(struct http_shell *shell, void (*act)(struct list *link))
{
    struct list *link = shell->connections.next;
    while (link != &shell->connections) {
        struct list *next = link->next;
        act(link);
        link = next;
    }
}

uint64_t http_deadline(uint64_t since_ns, uint64_t timeout_ns)
{
    return timeout_ns < UINT64_MAX - since_ns ? since_ns + timeout_ns : UINT64_MAX;
}

uint64_t http_earlier(uint64_t a_ns, uint64_t b_ns)
{
    return a_ns < b_ns ? a_ns : b_ns;
}

bool http_is_brisk(uint64_t bytes, uint64_t timeout_ns)
{
    return bytes != 0 && bytes / HTTP_SLOWEST_BYTES_PER_S >= timeout_ns / NS_PER_S;
}
