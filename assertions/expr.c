#include "assertions/expr.h"

#include <errno.h>
#include <string.h>

bool expr_each(const struct expr *expr, expr_visit visit, void *self)
{
    for (uint32_t i = 0; i < expr->arg_count; i++) {
        if (!expr_each(expr->args[i], visit, self)) {
            return false;
        }
    }
    return visit(self, expr);
}

/* --- what is read --- */

struct gathering {
    struct expr_reads *reads;
    const struct condition **across;
    uint32_t *names;
    bool *counted;
    bool *timed;
};

static void gather_name(struct gathering *gathering, uint32_t name, bool counted, bool timed)
{
    uint32_t count = gathering->reads->name_count;
    uint32_t at = 0;
    while (at < count && gathering->names[at] < name) {
        at++;
    }
    if (at < count && gathering->names[at] == name) {
        gathering->counted[at] &= counted;
        gathering->timed[at] |= timed;
        return;
    }
    memmove(&gathering->names[at + 1], &gathering->names[at], (count - at) * sizeof(uint32_t));
    memmove(&gathering->counted[at + 1], &gathering->counted[at], (count - at) * sizeof(bool));
    memmove(&gathering->timed[at + 1], &gathering->timed[at], (count - at) * sizeof(bool));
    gathering->names[at] = name;
    gathering->counted[at] = counted;
    gathering->timed[at] = timed;
    gathering->reads->name_count++;
}

static bool gather(void *self, const struct expr *expr)
{
    struct gathering *gathering = self;
    bool timed = expr->types == TYPES_TIME;
    gathering->reads->self_time |=
        expr->key.space == KEY_FIELD && expr->key.field == FIELD_SELF_TIME;
    switch (expr->type) {
    case EXPR_ACROSS:
    case EXPR_ACROSS_TRUTH:
        gathering->across[expr->place] = expr->across;
        gathering->reads->across_count++;
        break;
    case EXPR_KEY:
        gathering->reads->span = true;
        gathering->reads->span_timed |= timed;
        break;
    case EXPR_COUNT:
        gathering->reads->selected = true;
        break;
    case EXPR_INJECTION:
        gathering->reads->injection = true;
        gathering->reads->injection_timed |= timed;
        break;
    case EXPR_NAME_KEY:
    case EXPR_NAME_COUNT:
        gathering->reads->numbers |= expr->type == EXPR_NAME_COUNT;
        gather_name(gathering, expr->name, expr->type == EXPR_NAME_COUNT, timed);
        break;
    default:
        break;
    }
    return true;
}

int expr_reads(const struct expr *expr, struct arena *arena, struct expr_reads *ret)
{
    *ret = (struct expr_reads){.names = NULL};
    struct gathering gathering = {
        .reads = ret,
        .names = arena_calloc(arena, (size_t)expr->nodes + 1, sizeof(uint32_t)),
        .counted = arena_calloc(arena, (size_t)expr->nodes + 1, sizeof(bool)),
        .timed = arena_calloc(arena, (size_t)expr->nodes + 1, sizeof(bool)),
    };
    gathering.across = arena_calloc(arena, (size_t)expr->nodes + 1, sizeof(*gathering.across));
    if (gathering.names == NULL || gathering.counted == NULL || gathering.timed == NULL ||
        gathering.across == NULL) {
        return -ENOMEM;
    }
    ret->across = gathering.across;
    ret->names = gathering.names;
    ret->counted = gathering.counted;
    ret->timed = gathering.timed;
    expr_each(expr, gather, &gathering);
    return 0;
}

/* --- places --- */

static struct expr *copy_of(const struct expr *expr, struct arena *arena)
{
    struct expr *copy = arena_alloc(arena, sizeof *copy);
    const struct expr **args = arena_calloc(arena, (size_t)expr->arg_count + 1, sizeof(*args));
    if (copy == NULL || args == NULL) {
        return NULL;
    }
    *copy = *expr;
    copy->args = args;
    return copy;
}

const struct expr *expr_placed(const struct expr *expr, struct arena *arena, uint32_t *next)
{
    uint32_t before = *next;
    bool across = expr->type == EXPR_ACROSS || expr->type == EXPR_ACROSS_TRUTH;
    struct expr *copy = copy_of(expr, arena);
    if (copy == NULL) {
        return NULL;
    }
    const struct expr **args = (const struct expr **)copy->args;
    for (uint32_t i = 0; i < expr->arg_count; i++) {
        args[i] = expr_placed(expr->args[i], arena, next);
        if (args[i] == NULL) {
            return NULL;
        }
    }
    copy->place = across ? (*next)++ : 0;
    return *next != before ? copy : expr;
}

/* --- equality --- */

static bool literal_equal(const struct operand *a, const struct operand *b)
{
    if (a->type != b->type) {
        return false;
    }
    switch (a->type) {
    case OPERAND_MISSING:
        return true;
    case OPERAND_BOOL:
        return a->boolean == b->boolean;
    case OPERAND_INT:
        return a->integer == b->integer;
    case OPERAND_DOUBLE:
        return memcmp(&a->number, &b->number, sizeof a->number) == 0;
    case OPERAND_DURATION:
    case OPERAND_TIME:
        return a->ns == b->ns;
    case OPERAND_LIST:
        return a->list == b->list;
    default:
        return bytes_equal(a->bytes, b->bytes);
    }
}

static bool key_equal(const struct key *a, const struct key *b)
{
    return a->space == b->space && a->field == b->field && a->quoted == b->quoted &&
           a->aliased == b->aliased && bytes_equal(a->name, b->name);
}

bool expr_equal(const struct expr *a, const struct expr *b)
{
    bool same = a->type == b->type && a->nodes == b->nodes && a->arg_count == b->arg_count &&
                a->op == b->op && a->negated == b->negated && a->function == b->function &&
                a->name == b->name && literal_equal(&a->literal, &b->literal) &&
                key_equal(&a->key, &b->key) &&
                bytes_equal(a->injection.injection_key, b->injection.injection_key) &&
                a->injection.injection_quoted == b->injection.injection_quoted;
    for (uint32_t i = 0; same && i < a->arg_count; i++) {
        same = expr_equal(a->args[i], b->args[i]);
    }
    return same;
}
