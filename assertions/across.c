/* A part that is not known is a missing value, or false, with a flag that makes whatever hangs on
 * it unknown; one that further spans could change raises a flag of its own. So `and` and `or` leave
 * out what does not matter, for both alike. */
#include "assertions/across.h"

#include "assertions/lookup.h"
#include "assertions/self_time.h"
#include "assertions/trace_view.h"
#include "assertions/whole_ruling.h"

/* --- making --- */

/* Texts go with the scratch memory. */
static bool keep_text(struct bytes *text, struct arena *arena)
{
    if (text->len == 0) {
        return true;
    }
    *text = arena_copy_packed(arena, *text);
    return text->data != NULL;
}

static bool keep_part(struct ruling *part, struct arena *arena)
{
    bool text = part->actual.type == OPERAND_TEXT;
    return keep_text(&part->told, arena) && (!text || keep_text(&part->actual.bytes, arena));
}

static bool rule_parts(const struct ruling_scene *scene, const struct condition *condition,
                       const struct selection *selected, struct ruling *parts)
{
    struct arena *scratch = scene->look->scratch;
    bool good = true;
    for (uint32_t i = 0; good && i < condition->reads->across_count; i++) {
        struct arena_mark before = arena_mark(scratch);
        parts[i] = whole_rule(scene, condition->reads->across[i], selected);
        good = keep_part(&parts[i], &scene->look->shared);
        arena_rewind(scratch, before);
    }
    return good;
}

const struct across *across_make(const struct ruling_scene *scene,
                                 const struct condition *condition,
                                 const struct selection *selected)
{
    struct look *look = scene->look;
    const struct across *again = across_again(look, condition);
    if (again != NULL) {
        return again;
    }
    uint32_t count = condition->reads->across_count;
    struct across *across = arena_alloc(&look->shared, sizeof *across);
    struct ruling *parts = arena_calloc(&look->shared, (size_t)count + 1, sizeof *parts);
    if (across == NULL || parts == NULL || !rule_parts(scene, condition, selected, parts)) {
        look->failed = true;
        return NULL;
    }
    *across = (struct across){condition, parts, NULL};
    if (condition->reads->self_time && look->mode != LOOK_OPEN) {
        across->times = look_self_times(look, scene->suite, scene->injection);
    }
    look->across = across;
    return look->failed ? NULL : across;
}

const struct across *across_again(const struct look *look, const struct condition *condition)
{
    bool same = look->across != NULL && look->across->condition == condition;
    return same ? look->across : NULL;
}

/* --- reading --- */

static bool is_unknown(const struct ruling *part)
{
    return part->result == RESULT_INCONCLUSIVE || part->uncertain;
}

static unsigned flags_of(const struct ruling *part)
{
    unsigned flags = part->stays ? 0 : LOOKUP_UNSETTLED;
    if (part->cause == CAUSE_NO_MEMORY) {
        return flags | LOOKUP_NO_MEMORY;
    }
    if (is_unknown(part)) {
        flags |= part->cause == CAUSE_CLOCK  ? LOOKUP_CLOCK
                 : part->cause == CAUSE_SKEW ? LOOKUP_SKEW
                                             : LOOKUP_DROPPED;
    }
    return flags;
}

struct evaluated across_value(const struct across *across, const struct expr *expr)
{
    struct evaluated value = {.culprit = expr, .flags = LOOKUP_DROPPED | LOOKUP_UNSETTLED};
    if (across == NULL) {
        return value;
    }
    const struct ruling *part = &across->parts[expr->place];
    value.flags = flags_of(part);
    if (part->result == RESULT_PASS && !is_unknown(part)) {
        value.operand = part->value;
    } else if (part->result == RESULT_ERROR && !is_unknown(part)) {
        value.trouble = TROUBLE_ACROSS;
    }
    return value;
}

struct judged across_truth(const struct across *across, const struct expr *expr)
{
    struct judged judged = {.truth = TRUTH_FALSE, .culprit = expr};
    if (across == NULL) {
        judged.flags = LOOKUP_DROPPED | LOOKUP_UNSETTLED;
        return judged;
    }
    const struct ruling *part = &across->parts[expr->place];
    judged.flags = flags_of(part);
    if (part->result == RESULT_ERROR) {
        judged.truth = TRUTH_INCOMPARABLE;
        judged.trouble = TROUBLE_ACROSS;
    } else if (part->result == RESULT_PASS) {
        judged.truth = TRUTH_TRUE;
    }
    return judged;
}

/* A further child may take from it. */
struct evaluated across_self_time(const struct across *across, const struct expr *expr,
                                  uint32_t index)
{
    struct evaluated value = {
        .operand = {.type = OPERAND_DURATION}, .culprit = expr, .flags = LOOKUP_UNSETTLED};
    if (across == NULL || across->times == NULL) {
        value.flags |= LOOKUP_DROPPED;
    } else {
        const struct self_times *times = across->times;
        bool open = times->least[index] != times->most[index];
        value.flags |= times->clock[index] ? LOOKUP_CLOCK : open ? LOOKUP_SKEW : 0u;
        value.operand.ns = times->least[index];
    }
    return value;
}

const struct ruling *across_part(const struct across *across, const struct expr *expr)
{
    bool is_part = across != NULL && expr->type == EXPR_ACROSS_TRUTH;
    return is_part ? &across->parts[expr->place] : NULL;
}

bool across_hinges(const struct across *across)
{
    bool hinges = false;
    for (uint32_t i = 0; across != NULL && i < across->condition->reads->across_count; i++) {
        hinges |= across->parts[i].hinges;
    }
    return hinges;
}

const struct ruling *across_unknown(const struct across *across)
{
    for (uint32_t i = 0; across != NULL && i < across->condition->reads->across_count; i++) {
        if (is_unknown(&across->parts[i])) {
            return &across->parts[i];
        }
    }
    return NULL;
}

bool across_reads_trace(const struct expr_reads *reads)
{
    bool trace = false;
    for (uint32_t i = 0; i < reads->across_count; i++) {
        trace |= whole_reads_trace(reads->across[i]->left.whole);
    }
    return trace;
}
