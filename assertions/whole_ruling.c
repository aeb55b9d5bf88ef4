/* A failure says what was demanded in its reason, which is alike in all traces so that equal
 * failures group, and the deciding spans with their numbers in what was seen. */
#include "assertions/whole_ruling.h"

#include <stdarg.h>
#include <stdio.h>

#include "assertions/whole_scene.h"
#include "daemon/core/utf8.h"

#define TEXT_MAX 400

/* --- outcomes --- */

void whole_pass(struct whole_scene *scene)
{
    scene->ruling.result = RESULT_PASS;
    scene->ruling.cause = CAUSE_COMPARED;
}

static struct bytes keep(struct whole_scene *scene, const char *text, size_t len)
{
    struct bytes kept = arena_copy(scene->look->scratch, bytes_from(text, len));
    scene->look->failed |= kept.data == NULL && len != 0;
    return kept;
}

static size_t clip(int len)
{
    return len < 0 ? 0 : len < TEXT_MAX ? (size_t)len : TEXT_MAX - 1;
}

static bool picks(const struct whole_scene *scene)
{
    bool picks = false;
    for (uint32_t i = 0; i < scene->whole->set_count; i++) {
        picks |= scene->sets[i].pseudo;
    }
    return picks;
}

__attribute__((format(printf, 4, 0))) static void
rule(struct whole_scene *scene, enum result result, uint32_t span, const char *format, va_list args)
{
    char text[TEXT_MAX];
    size_t len = clip(vsnprintf(text, sizeof text, format, args));
    scene->ruling.result = result;
    scene->ruling.cause = CAUSE_WHOLE;
    scene->ruling.span = span;
    scene->ruling.told = keep(scene, text, len);
}

void whole_fail(struct whole_scene *scene, bool stays, uint32_t span, const char *reason, ...)
{
    va_list args;
    va_start(args, reason);
    rule(scene, RESULT_FAIL, span, reason, args);
    va_end(args);
    scene->ruling.stays = stays && !picks(scene);
    scene->ruling.absence = !scene->ruling.stays;
}

void whole_error(struct whole_scene *scene, uint32_t span, const char *reason, ...)
{
    va_list args;
    va_start(args, reason);
    rule(scene, RESULT_ERROR, span, reason, args);
    va_end(args);
}

void whole_unknown(struct whole_scene *scene, enum cause cause, uint32_t span)
{
    scene->ruling.result = RESULT_INCONCLUSIVE;
    scene->ruling.cause = cause;
    scene->ruling.span = span;
}

bool whole_no_memory(struct whole_scene *scene)
{
    scene->look->failed = true;
    whole_unknown(scene, CAUSE_NO_MEMORY, RULING_NO_SPAN);
    return false;
}

void *whole_take(struct whole_scene *scene, size_t n, size_t bytes)
{
    void *memory = arena_calloc(scene->look->scratch, n + 1, bytes);
    if (memory == NULL) {
        whole_no_memory(scene);
    }
    return memory;
}

static bool is_within(struct whole_scene *scene, bool within)
{
    if (within) {
        return true;
    }
    whole_error(scene, RULING_NO_SPAN,
                "step limit: the conditions across spans would need more than %llu steps in this "
                "trace",
                (unsigned long long)VIEW_STEPS_MAX);
    return false;
}

bool whole_spend(struct whole_scene *scene, uint64_t n)
{
    return is_within(scene, view_spend(scene->look, n));
}

/* --- what was seen --- */

static void see(struct whole_scene *scene, const char *text, size_t len)
{
    struct operand *actual = &scene->ruling.actual;
    struct bytes before = actual->type == OPERAND_TEXT ? actual->bytes : BYTES_NULL;
    char joined[2 * TEXT_MAX];
    size_t room = sizeof joined - before.len;
    len = len < room ? len : room;
    if (before.len != 0) {
        memcpy(joined, before.data, before.len);
    }
    memcpy(joined + before.len, text, len);
    actual->type = OPERAND_TEXT;
    actual->bytes = keep(scene, joined, before.len + len);
}

void whole_see(struct whole_scene *scene, const char *format, ...)
{
    char text[TEXT_MAX];
    va_list args;
    va_start(args, format);
    size_t len = clip(vsnprintf(text, sizeof text, format, args));
    va_end(args);
    see(scene, text, len);
}

void whole_see_span(struct whole_scene *scene, uint32_t set, uint32_t place)
{
    uint32_t index = scene->sets[set].spans[place];
    whole_see(scene, "%s #%u (span %016llx)", whole_set_name(scene, set), place + 1,
              (unsigned long long)scene->trace->spans[index].id);
}

const char *whole_set_name(const struct whole_scene *scene, uint32_t set)
{
    uint32_t name = scene->whole->sets[set];
    if (name == WHOLE_SELECTED) {
        return "selected";
    }
    struct bytes text = scene->at->suite->names[name].name;
    const char *told = arena_printf(scene->look->scratch, "$%.*s", (int)text.len, text.data);
    scene->look->failed |= told == NULL;
    return told != NULL ? told : "";
}

const char *whole_window_text(struct whole_scene *scene)
{
    const struct whole *whole = scene->whole;
    char scratch[OPERAND_TEXT_MAX];
    struct operand within = {.type = OPERAND_DURATION, .ns = whole->within_ns};
    struct bytes duration = operand_text(&within, scratch);
    const char *text =
        arena_printf(scene->look->scratch, "%s%.*s%s%.*s", whole->has_within ? " within " : "",
                     whole->has_within ? (int)duration.len : 0, (const char *)duration.data,
                     whole->has_by ? " by " : "", whole->has_by ? (int)whole->by.text.len : 0,
                     whole->has_by ? (const char *)whole->by.text.data : "");
    scene->look->failed |= text == NULL;
    return text != NULL ? text : "";
}

/* --- sets --- */

bool whole_sets(struct whole_scene *scene)
{
    const struct whole *whole = scene->whole;
    for (uint32_t i = 0; i < whole->set_count; i++) {
        struct selection selection = whole->sets[i] == WHOLE_SELECTED
                                         ? *scene->selected
                                         : ruling_binding(scene->at, whole->sets[i]);
        if (!view_set_make(&scene->sets[i], &selection, scene->look)) {
            return whole_no_memory(scene);
        }
        scene->ruling.hinges |= scene->sets[i].maybe;
        if (!is_within(scene, view_walk(scene->look, scene->trace->count))) {
            return false;
        }
    }
    return true;
}

bool whole_is_empty(struct whole_scene *scene, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (scene->sets[i].count == 0) {
            bool selected = scene->whole->sets[i] == WHOLE_SELECTED;
            scene->ruling.result = RESULT_FAIL;
            scene->ruling.cause = selected ? CAUSE_NOTHING : CAUSE_NO_SPAN;
            scene->ruling.name = selected ? 0 : scene->whole->sets[i];
            scene->ruling.absence = true;
            return true;
        }
    }
    return false;
}

bool whole_rule_clock(struct whole_scene *scene, uint32_t set_count)
{
    for (uint32_t s = 0; s < set_count; s++) {
        for (uint32_t i = 0; i < scene->sets[s].count; i++) {
            if (view_is_backwards(scene->trace, scene->sets[s].spans[i])) {
                whole_unknown(scene, CAUSE_CLOCK, scene->sets[s].spans[i]);
                return true;
            }
        }
    }
    return false;
}

/* Whether a ruling as bad as this stands already. */
static bool is_ruled(const struct whole_scene *scene, enum result result)
{
    return scene->ruling.cause != CAUSE_NONE && scene->ruling.result >= result;
}

bool whole_rule_states(struct whole_scene *scene, uint32_t set, const struct view_value *values,
                       bool (*is_wrong)(const struct operand *value),
                       const struct whole_value *read)
{
    const struct view_set *spans = &scene->sets[set];
    struct bytes key = read->text;
    uint32_t first[] = {[VALUE_KNOWN] = UINT32_MAX,
                        [VALUE_ABSENT] = UINT32_MAX,
                        [VALUE_CLOCK] = UINT32_MAX,
                        [VALUE_SKEW] = UINT32_MAX,
                        [VALUE_DROPPED] = UINT32_MAX};
    for (uint32_t i = spans->count; i-- > 0;) {
        if (values[i].state != VALUE_KNOWN || is_wrong(&values[i].value)) {
            first[values[i].state] = i;
        }
    }
    uint32_t absent = first[VALUE_ABSENT];
    uint32_t wrong = first[VALUE_KNOWN];
    bool dropped = first[VALUE_DROPPED] != UINT32_MAX;
    bool clock = !dropped && first[VALUE_CLOCK] != UINT32_MAX;
    uint32_t unknown = dropped ? first[VALUE_DROPPED]
                       : clock ? first[VALUE_CLOCK]
                               : first[VALUE_SKEW];
    if (absent != UINT32_MAX && !is_ruled(scene, RESULT_FAIL)) {
        whole_fail(scene, true, spans->spans[absent], "attribute missing: %.*s", (int)key.len,
                   (const char *)key.data);
        scene->ruling.actual = OPERAND_NONE;
        whole_see_span(scene, set, absent);
    } else if (wrong != UINT32_MAX && !is_ruled(scene, RESULT_ERROR)) {
        whole_error(scene, spans->spans[wrong], "can't be computed: %.*s%s", (int)key.len,
                    (const char *)key.data, read->expr == NULL ? " has another type" : "");
    } else if (unknown != UINT32_MAX && !is_ruled(scene, RESULT_INCONCLUSIVE)) {
        whole_unknown(scene,
                      dropped ? CAUSE_DROPPED
                      : clock ? CAUSE_CLOCK
                              : CAUSE_SKEW,
                      spans->spans[unknown]);
        if (!dropped && !clock) {
            scene->ruling.told = BYTES_LITERAL("the clocks of its children may be apart");
        }
    }
    return absent != UINT32_MAX || wrong != UINT32_MAX || unknown != UINT32_MAX;
}

/* --- comparing --- */

enum truth whole_compare(const struct whole_scene *scene, const struct operand *value)
{
    const struct condition *condition = scene->condition;
    enum truth truth = compare(condition->op, value, &condition->right.literal, condition->regex);
    return truth_negate(truth, condition->negations);
}

/* The operator that says the same with `not (...)` undone. */
static enum compare_op plain_op(const struct condition *condition)
{
    static const enum compare_op opposite[] = {
        [OP_EQUAL] = OP_NOT_EQUAL,    [OP_NOT_EQUAL] = OP_EQUAL,    [OP_LESS] = OP_GREATER_EQUAL,
        [OP_GREATER_EQUAL] = OP_LESS, [OP_GREATER] = OP_LESS_EQUAL, [OP_LESS_EQUAL] = OP_GREATER,
    };
    bool known = condition->op <= OP_GREATER_EQUAL;
    return known && condition->negations % 2 != 0 ? opposite[condition->op] : condition->op;
}

/* Of a list: beyond all its values it is in none of them, whatever comes. */
static bool is_beyond_list(const struct operand *value, const struct operand *literal,
                           int direction)
{
    enum compare_op beyond = direction > 0 ? OP_GREATER : OP_LESS;
    for (uint32_t i = 0; i < literal->list->count; i++) {
        if (compare(beyond, value, &literal->list->items[i], NULL) != TRUTH_TRUE) {
            return false;
        }
    }
    return direction != 0;
}

bool whole_is_settled(const struct whole_scene *scene, const struct operand *value, int direction)
{
    const struct operand *literal = &scene->condition->right.literal;
    if (literal->type == OPERAND_LIST) {
        return is_beyond_list(value, literal, direction);
    }
    bool above = compare(OP_GREATER, value, literal, NULL) == TRUTH_TRUE;
    bool below = compare(OP_LESS, value, literal, NULL) == TRUTH_TRUE;
    bool equal = compare(OP_EQUAL, value, literal, NULL) == TRUTH_TRUE;
    switch (plain_op(scene->condition)) {
    case OP_EQUAL:
    case OP_NOT_EQUAL:
        return direction > 0 ? above : direction < 0 && below;
    case OP_LESS:
    case OP_GREATER_EQUAL:
        return direction > 0 ? above || equal : direction < 0 && below;
    case OP_LESS_EQUAL:
    case OP_GREATER:
        return direction > 0 ? above : direction < 0 && (below || equal);
    default:
        return false;
    }
}

void whole_rule_value(struct whole_scene *scene, const struct operand *value, int direction,
                      uint32_t span)
{
    enum truth truth = whole_compare(scene, value);
    bool settled = whole_is_settled(scene, value, direction);
    if (truth == TRUTH_INCOMPARABLE) {
        whole_error(scene, span, "can't be compared: the value has another type");
    } else if (truth == TRUTH_TRUE) {
        whole_pass(scene);
        scene->ruling.stays = settled && !picks(scene);
        scene->ruling.span = span;
    } else {
        whole_fail(scene, settled, span, "does not hold");
    }
    scene->ruling.actual = *value;
    scene->ruling.value = *value;
}

/* --- dispatch --- */

static void judge(struct whole_scene *scene)
{
    switch (scene->whole->type) {
    case WHOLE_DURATION:
    case WHOLE_SPANS:
    case WHOLE_ERRORS:
    case WHOLE_SERVICES:
    case WHOLE_DEPTH:
    case WHOLE_ROOTS:
    case WHOLE_EDGES:
        whole_judge_trace(scene);
        break;
    case WHOLE_FAN_OUT:
    case WHOLE_REPEATS:
    case WHOLE_RETRIES:
        whole_judge_children(scene);
        break;
    case WHOLE_CRITICAL:
        whole_judge_critical(scene);
        break;
    case WHOLE_SELF_TIME:
        whole_judge_self_time(scene);
        break;
    case WHOLE_QUANTIFIED:
        whole_judge_quantified(scene);
        break;
    case WHOLE_SUM:
    case WHOLE_AVG:
    case WHOLE_MIN:
    case WHOLE_MAX:
    case WHOLE_PERCENTILE:
    case WHOLE_DISTINCT:
        whole_judge_aggregate(scene);
        break;
    case WHOLE_FOLLOWED:
    case WHOLE_NONE_AFTER:
    case WHOLE_HAS:
        whole_judge_pairs(scene);
        break;
    case WHOLE_SAME:
    case WHOLE_UNIQUE:
        whole_judge_values(scene);
        break;
    case WHOLE_STATES:
        whole_judge_states(scene);
        break;
    default:
        whole_judge_order(scene);
        break;
    }
}

struct ruling whole_rule(const struct ruling_scene *at, const struct condition *condition,
                         const struct selection *selected)
{
    struct whole_scene scene = {.at = at,
                                .look = at->look,
                                .trace = at->look->judge->trace,
                                .condition = condition,
                                .whole = condition->left.whole,
                                .selected = selected,
                                .ruling = {.result = RESULT_INCONCLUSIVE, .span = RULING_NO_SPAN}};
    bool early = totals_tell(condition->left.whole) && !at->suite->estimates_skew;
    if (at->look->mode == LOOK_OPEN && !early) {
        return scene.ruling;
    }
    if ((totals_tell(condition->left.whole) || is_within(&scene, view_walk(at->look, 1))) &&
        whole_sets(&scene)) {
        judge(&scene);
    }
    scene.ruling.uncertain = scene.ruling.hinges && !scene.ruling.stays;
    return scene.ruling;
}
