#include "receivers/user_agents.h"

static bool is_kept(uint8_t c)
{
    uint8_t lower = c | 0x20;
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '+' || c == '/';
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* Words up to the first with a version ("OpenTelemetry Collector/0.155.0"), before any comment, as
 * they are kept; their length. */
static size_t take_product(struct bytes user_agent, char name[USER_AGENT_BYTES])
{
    struct bytes text = bytes_trim(user_agent);
    bool versioned = false;
    size_t len = 0;
    for (size_t i = 0; i < text.len && len < USER_AGENT_BYTES; i++) {
        uint8_t c = text.data[i];
        bool comment = i + 1 < text.len && text.data[i + 1] == '(';
        if (is_blank(c) && (versioned || comment)) {
            break;
        }
        versioned |= c == '/';
        name[len++] = is_kept(c) ? (char)c : '_';
    }
    return len;
}

static uint32_t find(const struct user_agents *agents, uint32_t count, struct bytes name)
{
    uint32_t i = 0;
    while (i < count && !bytes_equal(user_agent_name(agents, i), name)) {
        i++;
    }
    return i;
}

/* The release partners with the acquire of user_agents_known: who sees the count sees the name. */
static void add(struct user_agents *agents, uint32_t index, struct bytes name)
{
    struct user_agent *item = &agents->items[index];
    memcpy(item->name, name.data, name.len);
    item->len = (uint8_t)name.len;
    counter_set(&item->requests, 1);
    atomic_store_explicit(&agents->count, index + 1, memory_order_release);
}

void user_agents_count(struct user_agents *agents, struct bytes user_agent)
{
    char name[USER_AGENT_BYTES];
    struct bytes product = bytes_from(name, take_product(user_agent, name));
    uint32_t count = atomic_load_explicit(&agents->count, memory_order_relaxed);
    if (product.len == 0) {
        counter_add(&agents->unnamed, 1);
        return;
    }
    uint32_t index = find(agents, count, product);
    if (index < count) {
        counter_add(&agents->items[index].requests, 1);
    } else if (count < USER_AGENTS_MAX) {
        add(agents, count, product);
    } else {
        counter_add(&agents->others, 1);
    }
}

uint32_t user_agents_known(const struct user_agents *agents)
{
    return atomic_load_explicit(&agents->count, memory_order_acquire);
}

struct bytes user_agent_name(const struct user_agents *agents, uint32_t index)
{
    return bytes_from(agents->items[index].name, agents->items[index].len);
}

uint64_t user_agents_requests(const struct user_agents *agents, struct bytes name)
{
    uint32_t count = user_agents_known(agents);
    uint32_t index = find(agents, count, name);
    return index < count ? counter_get(&agents->items[index].requests) : 0;
}
