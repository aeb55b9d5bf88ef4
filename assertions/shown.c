#include "assertions/shown.h"

#include "assertions/encode.h"
#include "assertions/lookup.h"
#include "daemon/core/hex.h"
#include "daemon/core/wire.h"

/* Values gathered as the encoded items of an ArrayValue (opentelemetry-proto common.proto). */
struct gathered {
    struct buf items;
    struct value last;
    uint32_t count;
};

static void gather(struct gathered *all, const struct value *value)
{
    if (value->type == VALUE_MISSING) {
        return;
    }
    encode_item(&all->items, value);
    all->last = *value;
    all->count++;
}

struct bytes shown_list(const struct operand *items, uint32_t count, struct arena *out)
{
    struct gathered all = {.items = BUF_NULL, .last = VALUE_NONE};
    for (uint32_t i = 0; i < count; i++) {
        char scratch[OPERAND_TEXT_MAX];
        struct value value = operand_seen(&items[i]).value;
        if (items[i].type == OPERAND_DURATION) {
            value = (struct value){.type = VALUE_TEXT, .bytes = operand_text(&items[i], scratch)};
        }
        gather(&all, &value);
    }
    struct bytes shown = all.items.failed ? BYTES_NULL : arena_copy(out, buf_bytes(&all.items));
    buf_deinit(&all.items);
    return shown;
}

static void gather_events(struct gathered *all, const struct key *key, const struct span *span,
                          struct arena *out)
{
    struct wire_reader reader = wire_reader_of(span->raw);
    struct event event;
    while (span_next_event(&reader, out, &event) == 0) {
        struct value value = !key->quoted && bytes_is(key->name, "name")
                                 ? (struct value){.type = VALUE_TEXT, .bytes = event.name}
                                 : attrs_find(event.attrs, event.attr_count, key->name);
        gather(all, &value);
    }
}

static struct value id_value(struct bytes id, struct arena *out)
{
    char *text = arena_alloc(out, id.len * 2 + 1);
    if (text == NULL) {
        return VALUE_NONE;
    }
    hex_print(text, id.data, id.len);
    return (struct value){.type = VALUE_TEXT, .bytes = bytes_from(text, id.len * 2)};
}

static struct value link_value(const struct key *key, const struct link *link, struct arena *out)
{
    if (!key->quoted && bytes_is(key->name, "trace_id")) {
        return id_value(link->trace_id, out);
    }
    if (!key->quoted && bytes_is(key->name, "span_id")) {
        return id_value(link->span_id, out);
    }
    return attrs_find(link->attrs, link->attr_count, key->name);
}

static void gather_links(struct gathered *all, const struct key *key, const struct span *span,
                         struct arena *out)
{
    struct wire_reader reader = wire_reader_of(span->raw);
    struct link link;
    while (span_next_link(&reader, out, &link) == 0) {
        struct value value = link_value(key, &link, out);
        gather(all, &value);
    }
}

struct operand shown_value(const struct key *key, const struct span *span, struct arena *out)
{
    struct gathered all = {.items = BUF_NULL, .last = VALUE_NONE};
    if (key->space != KEY_EVENT && key->space != KEY_LINK) {
        return lookup_value(key, span, out);
    }
    if (key->space == KEY_EVENT) {
        gather_events(&all, key, span, out);
    } else {
        gather_links(&all, key, span, out);
    }
    if (all.count > 1) {
        all.last =
            (struct value){.type = VALUE_ARRAY, .bytes = arena_copy(out, buf_bytes(&all.items))};
    }
    buf_deinit(&all.items);
    return operand_of_value(&all.last);
}
