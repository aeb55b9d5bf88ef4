#include "assertions/reason.h"

#include "assertions/across.h"
#include "assertions/lookup.h"
#include "assertions/nearest.h"
#include "assertions/ruling_expression.h"
#include "assertions/self_time.h"
#include "daemon/core/buf.h"
#include "daemon/core/utf8.h"
#include "daemon/model/injection.h"

#define REASON_TEXT_MAX 80

static void append_clipped(struct buf *text, struct bytes name)
{
    if (name.len > REASON_TEXT_MAX) {
        name.len = REASON_TEXT_MAX;
    }
    utf8_append_mended(text, name);
}

static void append_other(struct buf *text, struct bytes other)
{
    if (other.len != 0) {
        buf_append_text(text, "; the span has ");
        append_clipped(text, other);
        buf_append_text(text, ", another name of the key: set semconv_aliases = true");
    }
}

static void append_nearest(struct buf *text, struct look *look, const struct selector *selector)
{
    struct nearest nearest;
    if (selector == NULL || !nearest_find(look, selector, &nearest)) {
        return;
    }
    const struct trace_span *span = &look->judge->trace->spans[nearest.span];
    buf_append_text(text, "; nearest is '");
    append_clipped(text, trace_span_name(span));
    struct bytes service = trace_span_resource(look->judge->trace, span)->service;
    if (service.len != 0) {
        buf_append_text(text, "' of '");
        append_clipped(text, service);
    }
    if (nearest.broken != NULL) {
        buf_append_text(text, "', removed by ");
        append_clipped(text, nearest.broken->text);
        append_other(text, nearest.other);
    } else {
        buf_append_text(text, "', which fits but for its place in the trace");
    }
}

/* The first span in order whose parent is missing (and is not the load generator's own span). */
static uint32_t find_orphan(const struct trace *trace)
{
    span_id injected = trace->injection != NULL ? trace->injection->span_id : 0;
    uint32_t orphan = UINT32_MAX;
    for (uint32_t i = 0; i < trace->count; i++) {
        span_id parent = trace->spans[i].parent;
        if (parent != 0 && parent != injected && trace_find(trace, parent, 0) == UINT32_MAX &&
            (orphan == UINT32_MAX || trace_span_compare(trace, i, orphan) < 0)) {
            orphan = i;
        }
    }
    return orphan;
}

static void append_orphans(struct buf *text, const struct trace *trace)
{
    uint32_t orphan = find_orphan(trace);
    struct bytes service = orphan != UINT32_MAX
                               ? trace_span_resource(trace, &trace->spans[orphan])->service
                               : BYTES_NULL;
    buf_append_text(text, "parents of some spans never came");
    if (service.len != 0) {
        buf_append_text(text, " (first: above a span of '");
        append_clipped(text, service);
        buf_append_text(text, "')");
    }
    buf_append_text(text, ": if a service never exports, set evidence = 'lenient'");
}

static void append_short(struct buf *text, const struct ruling_scene *scene, unsigned reasons)
{
    if (reasons & SHORT_UNSAMPLED) {
        buf_append_text(text,
                        "a span says that it was not sampled: sample every request of a campaign");
    } else if (reasons & SHORT_LOST) {
        buf_append_text(text,
                        "spans of this trace were rejected or cut: see the limits and the ledger");
    } else if (reasons & SHORT_PARENTS) {
        append_orphans(text, scene->look->judge->trace);
    } else {
        buf_append_text(
            text, "the suite took the trace only by a key that may have been dropped: raise the "
                  "attribute limit of the SDK");
    }
}

static void append_name(struct buf *text, const struct ruling_scene *scene,
                        const struct ruling *ruling)
{
    buf_append_char(text, '$');
    append_clipped(text, scene->suite->names[ruling->name].name);
}

static bool is_count(const struct condition *condition)
{
    return condition->left.type == TERM_COUNT || condition->left.type == TERM_NAME_COUNT;
}

static void append_key(struct buf *text, const struct key *key)
{
    static const char *const prefixes[] = {
        [KEY_ATTR] = "attr:",   [KEY_RESOURCE] = "resource:", [KEY_SCOPE] = "scope:",
        [KEY_EVENT] = "event:", [KEY_LINK] = "link:",         [KEY_FIELD] = "",
        [KEY_ANY] = "",         [KEY_DEFECT] = "defect:",
    };
    bool prefixed = key->space == KEY_FIELD && key->field > FIELD_END;
    buf_append_text(text, prefixed ? "span:" : prefixes[key->space]);
    append_clipped(text, key->name);
}

/* What of an expression is missing, or can't be computed and why. */
static void append_culprit(struct buf *text, const struct ruling_scene *scene,
                           const struct condition *condition, const struct ruling *ruling)
{
    struct arena memory = ARENA_INIT(4096, 0);
    struct judged judged;
    struct sides sides;
    if (!ruling_evaluate(scene, condition, NULL, ruling->span, &memory, &judged, &sides)) {
        judged = (struct judged){.culprit = condition->test};
    }
    bool absent = ruling->cause == CAUSE_ABSENT;
    bool key = judged.culprit->type == EXPR_KEY || judged.culprit->type == EXPR_NAME_KEY;
    buf_append_text(text, !absent ? "can't be compared: "
                          : key   ? "attribute missing: "
                                  : "value missing: ");
    append_clipped(text, judged.culprit->text);
    if (!absent) {
        buf_printf(text, ": %s", trouble_words(judged.trouble));
    }
    arena_deinit(&memory);
}

/* A record has no attribute missing but a member; of a difference only its time can be. */
static void append_absent(struct buf *text, const struct ruling_scene *scene,
                          const struct condition *condition, uint32_t index)
{
    if (condition->left.type == TERM_INJECTION || condition->left.type == TERM_DIFFERENCE) {
        buf_append_text(text, "the injection record has no ");
        append_clipped(text, condition->left.type == TERM_INJECTION ? condition->left.injection_key
                                                                    : BYTES_LITERAL("time"));
        return;
    }
    buf_append_text(text, "attribute missing: ");
    append_key(text, &condition->left.key);
    const struct span *span = index != RULING_NO_SPAN && condition->left.key.alias_count != 0
                                  ? look_span(scene->look, index)
                                  : NULL;
    append_other(text, span != NULL ? lookup_other_name(&condition->left.key, span) : BYTES_NULL);
}

static void append_counted(struct buf *text, const struct ruling_scene *scene,
                           const struct condition *condition, const struct selector *selector,
                           const struct ruling *ruling)
{
    if (condition->left.type == TERM_NAME_COUNT) {
        selector = scene->suite->names[condition->left.name].selector;
    }
    if (ruling->number == 0) {
        buf_append_text(text, "no span matched");
        append_nearest(text, scene->look, selector);
    } else {
        buf_append_text(text, "the number of spans that matched is another");
    }
}

static void append_compared(struct buf *text, const struct ruling_scene *scene,
                            const struct condition *condition, uint32_t index)
{
    bool plain = condition->test == NULL && condition->negations == 0 &&
                 condition->left.type != TERM_INJECTION;
    if (condition->quantifier == QUANTIFIER_NONE) {
        buf_append_text(text, "holds for a span, must hold for none");
    } else if (condition->quantifier == QUANTIFIER_ANY) {
        buf_append_text(text, "holds for no span, must hold for one");
    } else if (plain && condition->op == OP_EXISTS) {
        append_absent(text, scene, condition, index);
    } else if (plain && condition->op == OP_MISSING) {
        bool defect = condition->left.key.space == KEY_DEFECT;
        buf_append_text(text, defect ? "breaks the rule: " : "attribute is there: ");
        append_key(text, &condition->left.key);
    } else {
        buf_append_text(text, "does not hold");
    }
}

static void append_incomparable(struct buf *text, const struct condition *condition)
{
    bool pattern = condition->op == OP_MATCHES || condition->op == OP_NOT_MATCHES;
    buf_append_text(text, pattern ? "can't be compared: a pattern needs a text of valid UTF-8 that "
                                    "it can match within its limit"
                                  : "can't be compared: the value has another type");
}

static void append_duration(struct buf *text, __int128 ns)
{
    char scratch[OPERAND_TEXT_MAX];
    struct operand duration = {.type = OPERAND_DURATION, .ns = ns};
    struct bytes shown = operand_text(&duration, scratch);
    buf_append(text, shown.data, shown.len);
}

static void append_skew(struct buf *text, const struct ruling *ruling)
{
    if (ruling->told.len != 0) {
        utf8_append_mended(text, ruling->told);
        return;
    }
    bool has_least = skew_is_bounded(ruling->bounds.least);
    bool has_most = skew_is_bounded(ruling->bounds.most);
    append_duration(text, ruling->actual.ns);
    buf_append_text(text, " by the clocks of two processes, really ");
    if (!has_least && !has_most) {
        buf_append_text(text, "anything: no call between them bounds their clocks, see "
                              "max_clock_skew");
        return;
    }
    if (has_least) {
        buf_append_text(text, has_most ? "from " : "no less than ");
        append_duration(text, ruling->bounds.least);
    }
    if (has_most) {
        buf_append_text(text, has_least ? " to " : "no more than ");
        append_duration(text, ruling->bounds.most);
    }
}

/* The first own time in an expression that clocks leave open on the span at hand. */
static const struct expr *open_time(const struct ruling_scene *scene, const struct expr *expr,
                                    uint32_t index, const struct self_times *times,
                                    uint32_t *ret_index)
{
    bool named = expr->type == EXPR_NAME_KEY;
    if (named || expr->type == EXPR_KEY) {
        bool own = expr->key.space == KEY_FIELD && expr->key.field == FIELD_SELF_TIME;
        *ret_index = named ? ruling_binding(scene, expr->name).first : index;
        bool open = own && *ret_index < scene->look->judge->trace->count &&
                    times->least[*ret_index] != times->most[*ret_index];
        return open ? expr : NULL;
    }
    const struct expr *found = NULL;
    for (uint32_t i = 0; i < expr->arg_count && found == NULL; i++) {
        found = open_time(scene, expr->args[i], index, times, ret_index);
    }
    return found;
}

static bool reads_across(const struct condition *condition)
{
    return condition != NULL && condition->test != NULL && condition->reads != NULL &&
           expr_reads_across(condition->reads);
}

/* What the clocks leave open in an expression: a part of it, or an own time. */
static void append_open(struct buf *text, const struct ruling_scene *scene,
                        const struct condition *condition, const struct ruling *ruling)
{
    const struct across *across = across_again(scene->look, condition);
    const struct ruling *part = across_unknown(across);
    const struct self_times *times = across != NULL ? across->times : NULL;
    uint32_t index = 0;
    const struct expr *own =
        times != NULL ? open_time(scene, condition->test, ruling->span, times, &index) : NULL;
    if (own != NULL) {
        append_clipped(text, own->text);
        buf_append_text(text, " is really from ");
        append_duration(text, times->least[index]);
        buf_append_text(text, " to ");
        append_duration(text, times->most[index]);
        buf_append_text(text, ": the clocks of its children may be apart");
    } else if (part != NULL && part->cause == CAUSE_SKEW && part->told.len != 0) {
        utf8_append_mended(text, part->told);
    } else {
        buf_append_text(text, "the clocks of several processes leave it open");
    }
}

/* What is always told in the same words; NULL: it depends on the condition or the ruling. */
static const char *fixed_words(enum cause cause)
{
    switch (cause) {
    case CAUSE_CLOCK:
        return "clock: the span ends before it starts";
    case CAUSE_DROPPED:
        return "the span dropped attributes, events or links: raise the limits of the SDK";
    case CAUSE_NO_RECORD:
        return "no injection record came for this trace";
    case CAUSE_UNKNOWN:
        return "it can't be told of some span, which could change the number";
    case CAUSE_NO_MEMORY:
        return "memory ran out while the span was looked at: raise limits.memory";
    case CAUSE_UNCERTAIN:
        return "a selector reads a key that may have been dropped: raise the attribute limit of "
               "the SDK";
    default:
        return NULL;
    }
}

static void append_cause(struct buf *text, const struct ruling_scene *scene,
                         const struct condition *condition, const struct selector *selector,
                         const struct ruling *ruling, unsigned short_reasons)
{
    const char *fixed = fixed_words(ruling->cause);
    if (fixed != NULL) {
        buf_append_text(text, fixed);
        return;
    }
    switch (ruling->cause) {
    case CAUSE_ABSENT:
        append_absent(text, scene, condition, ruling->span);
        break;
    case CAUSE_INCOMPARABLE:
        append_incomparable(text, condition);
        break;
    case CAUSE_SKEW:
        if (reads_across(condition) && ruling->told.len == 0) {
            append_open(text, scene, condition, ruling);
        } else {
            append_skew(text, ruling);
        }
        break;
    case CAUSE_NOTHING:
        buf_append_text(text, "no span matched");
        append_nearest(text, scene->look, selector);
        break;
    case CAUSE_NO_SPAN:
        append_name(text, scene, ruling);
        buf_append_text(text, " matched no span");
        append_nearest(text, scene->look, scene->suite->names[ruling->name].selector);
        break;
    case CAUSE_SEVERAL:
        append_name(text, scene, ruling);
        buf_printf(text, " matched %llu spans, needs one", (unsigned long long)ruling->number);
        break;
    case CAUSE_SHORT:
        append_short(text, scene, short_reasons);
        break;
    case CAUSE_WHOLE:
        utf8_append_mended(text, ruling->told);
        break;
    default:
        if (condition != NULL && is_count(condition)) {
            append_counted(text, scene, condition, selector, ruling);
        } else if (condition != NULL) {
            append_compared(text, scene, condition, ruling->span);
        }
        break;
    }
}

struct bytes reason_nearest(struct look *look, const struct selector *selector, struct arena *out)
{
    struct buf text = BUF_NULL;
    append_nearest(&text, look, selector);
    size_t joint = sizeof "; " - 1;
    struct bytes nearest = BYTES_LITERAL("");
    if (text.len > joint) {
        nearest = arena_copy(out, bytes_from(text.data + joint, text.len - joint));
    }
    buf_deinit(&text);
    return nearest;
}

struct bytes reason_make(const struct ruling_scene *scene, const struct condition *condition,
                         const struct selector *selector, const struct ruling *ruling,
                         unsigned short_reasons, struct arena *out)
{
    struct buf text = BUF_NULL;
    bool tested = condition != NULL && condition->test != NULL;
    if (tested && (ruling->cause == CAUSE_ABSENT || ruling->cause == CAUSE_INCOMPARABLE)) {
        append_culprit(&text, scene, condition, ruling);
    } else {
        append_cause(&text, scene, condition, selector, ruling, short_reasons);
    }
    struct bytes reason = arena_copy(out, buf_bytes(&text));
    buf_deinit(&text);
    return reason;
}
