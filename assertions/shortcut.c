/* The marks are made by the same function as all others, of spans that were made up. */
#include "assertions/shortcut.h"

#include "assertions/lookup.h"

static bool is_plain(const struct condition *condition)
{
    return condition->test == NULL && condition->right.type == TERM_LITERAL &&
           (condition->left.type == TERM_KEY || condition->left.type == TERM_NAME_KEY) &&
           !lookup_has_other_names(&condition->left.key);
}

static uint8_t mark_of(const struct condition *condition, const struct span *span)
{
    struct arena scratch = ARENA_INIT(256, 0);
    enum mark mark = marks_of_condition(condition, span, &scratch);
    arena_deinit(&scratch);
    return (uint8_t)mark;
}

static struct shortcut by_attr(const struct condition *condition)
{
    const struct span bare = {.resource = &resource_empty, .scope = &scope_empty};
    const struct key *key = &condition->left.key;
    return (struct shortcut){.type = key->space == KEY_ANY ? SHORTCUT_BARE : SHORTCUT_OWN,
                             .hint = attr_hint_of(key->name),
                             .marks = {mark_of(condition, &bare)}};
}

static struct shortcut by_duration(const struct condition *condition)
{
    const struct span broken = {.start_ns = 1, .resource = &resource_empty, .scope = &scope_empty};
    return (struct shortcut){.type = SHORTCUT_DURATION, .marks = {mark_of(condition, &broken)}};
}

/* Presence of a time is no comparison. */
static bool is_duration(const struct condition *condition)
{
    return condition->left.key.field == FIELD_DURATION && condition->op <= OP_GREATER_EQUAL &&
           condition->right.literal.type == OPERAND_DURATION;
}

static struct shortcut by_word(const struct condition *condition)
{
    bool by_kind = condition->left.key.field == FIELD_KIND;
    struct shortcut shortcut = {.type = by_kind ? SHORTCUT_KIND : SHORTCUT_STATUS};
    for (unsigned i = 0; i < SHORTCUT_MARKS; i++) {
        struct span span = {.resource = &resource_empty, .scope = &scope_empty};
        span.kind = by_kind ? (enum span_kind)i : KIND_INTERNAL;
        span.status = by_kind || i > STATUS_ERROR ? STATUS_UNSET : (enum span_status)i;
        shortcut.marks[i] = mark_of(condition, &span);
    }
    return shortcut;
}

struct shortcut shortcut_of(const struct condition *condition)
{
    const struct key *key = &condition->left.key;
    if (is_plain(condition) && (key->space == KEY_ATTR || key->space == KEY_ANY)) {
        return by_attr(condition);
    }
    if (is_plain(condition) && key->space == KEY_FIELD &&
        (key->field == FIELD_KIND || key->field == FIELD_STATUS)) {
        return by_word(condition);
    }
    if (is_plain(condition) && key->space == KEY_FIELD && is_duration(condition)) {
        return by_duration(condition);
    }
    return (struct shortcut){.type = SHORTCUT_NONE};
}
