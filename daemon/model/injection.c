#include "daemon/model/injection.h"

#include <stddef.h>

/* Copies a view where it lies; an absent one (NULL) stays absent. */
static bool own(struct bytes *text, struct arena *arena)
{
    if (text->data != NULL) {
        *text = arena_copy(arena, *text);
        return text->data != NULL;
    }
    return true;
}

static bool own_attr(struct attr *attr, struct arena *arena)
{
    switch (attr->value.type) {
    case VALUE_TEXT:
    case VALUE_BYTES:
    case VALUE_ARRAY:
    case VALUE_MAP:
        return own(&attr->key, arena) && own(&attr->value.bytes, arena);
    default:
        return own(&attr->key, arena);
    }
}

static bool own_attrs(struct injection *injection, struct arena *arena)
{
    if (injection->attr_count == 0) {
        return true;
    }
    struct attr *attrs = arena_calloc(arena, injection->attr_count, sizeof *attrs);
    if (attrs == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < injection->attr_count; i++) {
        attrs[i] = injection->attrs[i];
        if (!own_attr(&attrs[i], arena)) {
            return false;
        }
    }
    injection->attrs = attrs;
    return true;
}

struct injection *injection_copy(const struct injection *injection, struct arena *arena)
{
    struct injection *copy = arena_alloc(arena, sizeof *copy);
    if (copy == NULL) {
        return NULL;
    }
    *copy = *injection;
    bool done = own(&copy->scenario, arena) && own(&copy->step, arena) && own(&copy->zone, arena) &&
                own(&copy->tenant, arena) && own(&copy->minion, arena) && own_attrs(copy, arena);
    return done ? copy : NULL;
}

const char *injection_outcome_name(enum injection_outcome outcome)
{
    static const char *const names[] = {NULL, "ok", "error", "not_sent"};
    return names[outcome];
}
