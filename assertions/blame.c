#include "assertions/blame.h"

#include "assertions/lookup.h"

#define TEXT_MAX 200

/* A missing value makes a part false. */
static bool is_true(enum truth truth)
{
    return truth == TRUTH_TRUE;
}

static bool is_so(struct evaluation *evaluation, const struct expr *expr, bool wanted)
{
    struct judged judged = evaluate_truth(evaluation, expr);
    return judged.truth != TRUTH_INCOMPARABLE && is_true(judged.truth) == wanted &&
           (judged.flags & LOOKUP_UNKNOWN) == 0;
}

/* The first part of a group that is so; NULL: none. */
static const struct expr *first_so(struct evaluation *evaluation, const struct expr *group,
                                   bool wanted)
{
    for (uint32_t i = 0; i < group->arg_count; i++) {
        if (is_so(evaluation, group->args[i], wanted)) {
            return group->args[i];
        }
    }
    return NULL;
}

struct blame blame_find(struct evaluation *evaluation, const struct expr *test)
{
    struct blame blame = {.part = test};
    for (;;) {
        const struct expr *next = NULL;
        if (blame.part->type == EXPR_NOT) {
            blame.holds = !blame.holds;
            next = blame.part->args[0];
        } else if (blame.part->type == (blame.holds ? EXPR_OR : EXPR_AND)) {
            next = first_so(evaluation, blame.part, blame.holds);
        }
        if (next == NULL) {
            return blame;
        }
        blame.part = next;
    }
}

/* --- the sentence --- */

static int clip(size_t len)
{
    return len < TEXT_MAX ? (int)len : TEXT_MAX;
}

/* Why a part across spans fails, where that is not what was compared. */
static const char *words_of(const struct ruling_scene *scene, const struct ruling *part)
{
    struct arena *arena = &scene->look->shared;
    struct bytes name = BYTES_NULL;
    switch (part->cause) {
    case CAUSE_WHOLE:
        return arena_printf(arena, "%.*s", clip(part->told.len), (const char *)part->told.data);
    case CAUSE_NOTHING:
        return "no span matched";
    case CAUSE_NO_SPAN:
        name = scene->suite->names[part->name].name;
        return arena_printf(arena, "$%.*s matched no span", clip(name.len),
                            (const char *)name.data);
    default:
        return "does not hold";
    }
}

void blame_tell(const struct ruling_scene *scene, struct evaluation *evaluation,
                const struct expr *test, struct ruling *ruling)
{
    struct blame blame = blame_find(evaluation, test);
    const struct ruling *part = across_part(evaluation->across, blame.part);
    struct bytes text = blame.part->text;
    const char *words = blame.holds    ? "holds, must not"
                        : part != NULL ? words_of(scene, part)
                                       : "does not hold";
    const char *told = words != NULL ? arena_printf(&scene->look->shared, "%.*s: %s",
                                                    clip(text.len), (const char *)text.data, words)
                                     : NULL;
    if (told == NULL) {
        scene->look->failed = true;
        return;
    }
    ruling->cause = CAUSE_WHOLE;
    ruling->told = bytes_of(told);
    if (part != NULL) {
        ruling->span = part->span;
        ruling->actual = part->actual;
    }
}
