/* Two texts come from strangers: names and services of spans. In expressions they are quoted, in
 * the configuration's strings escaped once more, in comments mended and clipped. */
#include "daemon/suggestion.h"

#include <inttypes.h>
#include <stdio.h>

#include "config/config.h"
#include "config/expand.h"
#include "daemon/core/units.h"
#include "daemon/core/utf8.h"
#include "daemon/suggestion_attrs.h"

#define TITLE_MAX        80u
#define SERVICES_MAX     20u
#define NS_PER_MS_I64    INT64_C(1000000)
#define LONGEST_LIMIT_NS (INT64_C(3600) * 24 * 365 * 1000000000)

struct suggestion {
    struct buf *out;
    const struct trace *trace;
    struct kinds kinds;
    bool weak;      /* spans were lost: only what no further span can change is said */
    uint32_t shown; /* kinds that are written */
    const char **titles;
    const struct same_attrs *attrs; /* of the kinds that are written */
    struct arena arena;
    struct buf text; /* of the expression under way */
};

/* Texts. */

static void append_clean(struct buf *out, struct bytes text)
{
    size_t at = out->len;
    bool clipped = text.len > TITLE_MAX;
    text.len = clipped ? TITLE_MAX : text.len;
    utf8_append_mended(out, text);
    for (; at < out->len; at++) {
        if (out->data[at] < ' ' || out->data[at] == 0x7F) {
            out->data[at] = '?';
        }
    }
    buf_append_text(out, clipped ? "..." : "");
}

static void append_literal(struct buf *out, struct bytes text)
{
    buf_append_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\\' || text.data[i] == '\'') {
            buf_append_char(out, '\\');
        }
        buf_append_char(out, (char)text.data[i]);
    }
    buf_append_char(out, '\'');
}

static void append_span(struct buf *out, const struct kind_of_span *kind)
{
    buf_append_text(out, "span[service=");
    append_literal(out, kind->service);
    buf_append_text(out, " name=");
    append_literal(out, kind->name);
    buf_printf(out, " kind=%s]", span_kind_name(kind->kind));
}

/* The expression under way as a string of the configuration. */
static void put_text(struct suggestion *s)
{
    config_print_quoted(s->out, buf_bytes(&s->text));
    s->out->failed |= s->text.failed;
    buf_reset(&s->text);
}

/* A name: there `$` would begin a variable. */
static void put_name(struct suggestion *s, struct bytes name)
{
    expand_escape(&s->text, name);
    put_text(s);
}

static void put_selector(struct suggestion *s, const struct kind_of_span *kind)
{
    append_span(&s->text, kind);
    put_text(s);
}

static void append_ns(struct buf *out, uint64_t ns)
{
    units_print_duration_short(out, (__int128)ns);
}

/* Twice what was seen, rounded up to 1, 2 or 5 of a power of ten; at least 1 ms. 0: too long to be
 * limited. */
static int64_t limit_ns(uint64_t seen_ns)
{
    static const int64_t digits[] = {1, 2, 5};
    for (int64_t power = NS_PER_MS_I64; power < LONGEST_LIMIT_NS; power *= 10) {
        for (size_t i = 0; i < sizeof digits / sizeof digits[0]; i++) {
            if ((unsigned __int128)digits[i] * (uint64_t)power >= 2 * (unsigned __int128)seen_ns) {
                return digits[i] * power;
            }
        }
    }
    return 0;
}

/* Conditions of a list, each with its reason. */

static void put_condition(struct suggestion *s, bool first)
{
    buf_append_text(s->out, first ? "\n        " : "        ");
    put_text(s);
}

static void put_count(struct suggestion *s, uint32_t count, bool more)
{
    buf_printf(&s->text, "count %s %" PRIu32, s->weak ? ">=" : "=", count);
    put_condition(s, true);
    buf_printf(s->out, "%s # seen: %" PRIu32 "\n", more ? "," : "", count);
}

static bool has_status(const struct kind_of_span *kind)
{
    return kind->errors == 0 || kind->errors == kind->count;
}

static void put_status(struct suggestion *s, const struct kind_of_span *kind, bool more)
{
    bool failed = kind->errors != 0;
    buf_printf(&s->text, "%sstatus %s error", s->weak ? "any: " : "", failed ? "=" : "!=");
    put_condition(s, false);
    if (failed) {
        buf_printf(s->out, "%s # seen: an error each time; is that meant?\n", more ? "," : "");
    } else {
        buf_printf(s->out, "%s # seen: ok %" PRIu32 ", unset %" PRIu32 ", error 0\n",
                   more ? "," : "", kind->ok, kind->count - kind->ok);
    }
}

static void put_attrs(struct suggestion *s, const struct kind_of_span *kind,
                      const struct same_attrs *attrs, bool more)
{
    for (uint32_t i = 0; i < attrs->count; i++) {
        const struct attr *attr = &attrs->items[i];
        buf_append_text(&s->text, s->weak ? "any: " : "");
        buf_append_bytes(&s->text, attr->key);
        buf_append_text(&s->text, " = ");
        if (attr->value.type == VALUE_TEXT) {
            append_literal(&s->text, attr->value.bytes);
        } else if (attr->value.type == VALUE_INT) {
            buf_append_i64(&s->text, attr->value.integer);
        } else {
            buf_append_text(&s->text, attr->value.boolean ? "true" : "false");
        }
        put_condition(s, false);
        buf_printf(s->out, "%s # seen: the same on all %" PRIu32 "\n",
                   more || i + 1 < attrs->count ? "," : "", kind->count);
    }
}

static void put_duration(struct suggestion *s, const struct kind_of_span *kind, int64_t limit)
{
    buf_append_text(&s->text, s->weak ? "any: duration <= " : "duration <= ");
    units_print_duration(&s->text, limit);
    put_condition(s, false);
    buf_append_text(s->out, " # seen: at most ");
    append_ns(s->out, kind->longest_ns);
    buf_append_text(s->out, ", doubled and rounded up\n");
}

/* Assertions. */

static void begin_assertion(struct suggestion *s, struct bytes name)
{
    buf_append_text(s->out, "    { name = ");
    put_name(s, name);
    buf_append_text(s->out, ";\n");
}

static void end_assertion(struct suggestion *s, bool last)
{
    buf_append_text(s->out, last ? "      ); }\n" : "      ); },\n");
}

static void put_kind(struct suggestion *s, uint32_t index)
{
    const struct kind_of_span *kind = &s->kinds.items[index];
    int64_t limit = kind->backwards ? 0 : limit_ns(kind->longest_ns);
    begin_assertion(s, bytes_of(s->titles[index]));
    buf_append_text(s->out, "      select = ");
    put_selector(s, kind);
    buf_append_text(s->out, ";\n      assert = (");
    const struct same_attrs *attrs = &s->attrs[index];
    bool more = attrs->count != 0 || limit != 0;
    put_count(s, kind->count, has_status(kind) || more);
    if (has_status(kind)) {
        put_status(s, kind, more);
    } else {
        buf_printf(s->out,
                   "        # status: error %" PRIu32 " of %" PRIu32 "; say which is meant\n",
                   kind->errors, kind->count);
    }
    put_attrs(s, kind, attrs, limit != 0);
    if (limit != 0) {
        put_duration(s, kind, limit);
    } else {
        buf_append_text(s->out, kind->backwards
                                    ? "        # duration: a span ends before it starts\n"
                                    : "        # duration: too long for a limit\n");
    }
    end_assertion(s, false);
}

/* Stands in every suggestion, and last. */
static void put_errors(struct suggestion *s)
{
    uint32_t errors = 0;
    for (uint32_t i = 0; i < s->kinds.count; i++) {
        errors += s->kinds.items[i].errors;
    }
    begin_assertion(s, BYTES_LITERAL("all spans: errors"));
    buf_append_text(s->out, "      select = \"span[status=error]\";\n      assert = (");
    put_count(s, errors, false);
    end_assertion(s, true);
}

/* Adds a service that is not among the `count`. False: there are too many, or it can't be written.
 */
static bool add_service(struct bytes services[SERVICES_MAX], uint32_t *count,
                        const struct kind_of_span *kind)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (bytes_equal(services[i], kind->service)) {
            return true;
        }
    }
    if (*count == SERVICES_MAX || !kind->writable ||
        kind->service.len > SUGGESTION_TEXT_MAX / SERVICES_MAX) {
        return false;
    }
    services[(*count)++] = kind->service;
    return true;
}

/* No service but those that were seen. */
static void put_services(struct suggestion *s)
{
    struct bytes services[SERVICES_MAX];
    uint32_t count = 0;
    bool all = !s->weak;
    for (uint32_t i = 0; i < s->kinds.count && all; i++) {
        all = add_service(services, &count, &s->kinds.items[i]);
    }
    if (!all) {
        return;
    }
    begin_assertion(s, BYTES_LITERAL("all spans: no other service"));
    buf_append_text(&s->text, "span[");
    for (uint32_t i = 0; i < count; i++) {
        buf_append_text(&s->text, i > 0 ? " not (service=" : "not (service=");
        append_literal(&s->text, services[i]);
        buf_append_char(&s->text, ')');
    }
    buf_append_char(&s->text, ']');
    buf_append_text(s->out, "      select = ");
    put_text(s);
    buf_append_text(s->out, ";\n      assert = (");
    put_count(s, 0, false);
    end_assertion(s, false);
}

static void put_below(struct suggestion *s, const struct async_step *step, uint32_t number)
{
    const struct kind_of_span *producer = &s->kinds.items[step->producer];
    const struct kind_of_span *consumer = &s->kinds.items[step->consumer];
    char name[64];
    snprintf(name, sizeof name, "step %" PRIu32 ": consumers below their producer", number);
    begin_assertion(s, bytes_of(name));
    buf_append_text(s->out, "      select = ");
    append_span(&s->text, producer);
    buf_append_text(&s->text, " > ");
    append_span(&s->text, consumer);
    put_text(s);
    buf_append_text(s->out, ";\n      assert = (");
    put_count(s, step->children, false);
    end_assertion(s, false);
}

/* Both spans are named, so both must be one. */
static bool has_order(const struct suggestion *s, const struct async_step *step)
{
    const struct kind_of_span *producer = &s->kinds.items[step->producer];
    const struct kind_of_span *consumer = &s->kinds.items[step->consumer];
    return !s->weak && producer->count == 1 && consumer->count == 1 && !producer->backwards &&
           !consumer->backwards &&
           s->trace->spans[consumer->first].start_ns >= s->trace->spans[producer->first].start_ns &&
           limit_ns(s->trace->spans[consumer->first].start_ns -
                    s->trace->spans[producer->first].start_ns) != 0;
}

static void put_order(struct suggestion *s, const struct async_step *step, uint32_t number)
{
    uint64_t lag = s->trace->spans[s->kinds.items[step->consumer].first].start_ns -
                   s->trace->spans[s->kinds.items[step->producer].first].start_ns;
    char name[64];
    snprintf(name, sizeof name, "step %" PRIu32 ": consumed after it was produced", number);
    begin_assertion(s, bytes_of(name));
    buf_append_text(s->out, "      assert = (");
    buf_printf(&s->text, "$consumer%" PRIu32 ".start - $producer%" PRIu32 ".start >= 0ms", number,
               number);
    put_condition(s, true);
    buf_append_text(s->out, ", # seen in this order\n");
    buf_printf(&s->text, "$consumer%" PRIu32 ".start - $producer%" PRIu32 ".start <= ", number,
               number);
    units_print_duration(&s->text, limit_ns(lag));
    put_condition(s, false);
    buf_append_text(s->out, " # seen: ");
    append_ns(s->out, lag);
    buf_append_text(s->out, ", doubled and rounded up\n");
    end_assertion(s, false);
}

static bool is_shown(const struct suggestion *s, const struct async_step *step)
{
    return s->kinds.items[step->producer].writable && s->kinds.items[step->consumer].writable;
}

static void put_step(struct suggestion *s, uint32_t index)
{
    const struct async_step *step = &s->kinds.steps[index];
    if (!is_shown(s, step)) {
        return;
    }
    if (step->children != 0) {
        put_below(s, step, index + 1);
    }
    if (has_order(s, step)) {
        put_order(s, step, index + 1);
    }
}

static void put_step_names(struct suggestion *s)
{
    bool any = false;
    for (uint32_t i = 0; i < s->kinds.step_count; i++) {
        const struct async_step *step = &s->kinds.steps[i];
        if (!is_shown(s, step) || !has_order(s, step)) {
            continue;
        }
        buf_append_text(s->out, any ? "" : "  spans = {\n");
        any = true;
        buf_printf(s->out, "    producer%" PRIu32 " = ", i + 1);
        put_selector(s, &s->kinds.items[step->producer]);
        buf_printf(s->out, "; # sends what the next one gets\n    consumer%" PRIu32 " = ", i + 1);
        put_selector(s, &s->kinds.items[step->consumer]);
        buf_printf(s->out, "; # %s\n", step->children != 0 ? "its child" : "linked to it");
    }
    buf_append_text(s->out, any ? "  };\n" : "");
}

/* The suite. */

static void put_head(struct suggestion *s)
{
    char id[TRACE_ID_TEXT_LEN];
    trace_id_print(id, &s->trace->id);
    buf_printf(s->out,
               "# Suggested from trace %.*s: %" PRIu32 " spans of %" PRIu32 " kinds.\n"
               "# Each line holds for what was seen once: delete what is chance, widen what is "
               "tight.\n",
               TRACE_ID_TEXT_LEN, id, s->trace->count, s->kinds.count);
    if (s->weak) {
        buf_append_text(s->out,
                        "# Spans of this trace were lost or not sampled: only lower bounds can be "
                        "said.\n");
    }
}

static void put_suite_head(struct suggestion *s, unsigned reasons)
{
    bool has_top = s->kinds.top != UINT32_MAX && s->kinds.items[s->kinds.top].writable;
    buf_append_text(s->out, "suites = ( {\n  name = ");
    put_name(s, has_top ? bytes_of(s->titles[s->kinds.top]) : BYTES_LITERAL("suggested"));
    buf_append_text(s->out, ";\n");
    if (has_top) {
        buf_append_text(s->out, "  traces = ");
        put_selector(s, &s->kinds.items[s->kinds.top]);
        buf_append_text(s->out, "; # traces like this one, by its first top span\n");
    }
    if ((reasons & SHORT_PARENTS) != 0) {
        buf_append_text(s->out, "  evidence = \"lenient\"; # parents of some spans are missing\n");
    }
}

static void put_assertions(struct suggestion *s)
{
    uint32_t left_out = s->kinds.count - s->shown;
    buf_append_text(s->out, "  assertions = (\n");
    for (uint32_t i = 0; i < s->shown; i++) {
        if (s->kinds.items[i].writable) {
            put_kind(s, i);
        } else {
            buf_append_text(s->out, "    # too long, or with a NUL byte: ");
            append_clean(s->out, bytes_of(s->titles[i]));
            buf_append_char(s->out, '\n');
        }
    }
    if (left_out != 0) {
        buf_printf(s->out, "    # %" PRIu32 " further kinds of spans are left out\n", left_out);
    }
    for (uint32_t i = 0; i < s->kinds.step_count; i++) {
        put_step(s, i);
    }
    if (s->kinds.steps_omitted != 0) {
        buf_append_text(s->out, "    # further asynchronous steps are left out\n");
    }
    put_services(s);
    put_errors(s);
}

static bool is_taken(const struct suggestion *s, uint32_t count, struct bytes title)
{
    for (uint32_t i = 0; i < count; i++) {
        if (bytes_is(title, s->titles[i])) {
            return true;
        }
    }
    return false;
}

/* Each written kind's own title, unlike all others. */
static bool make_titles(struct suggestion *s)
{
    s->titles = arena_calloc(&s->arena, s->kinds.count, sizeof *s->titles);
    for (uint32_t i = 0; s->titles != NULL && i < s->kinds.count; i++) {
        const struct kind_of_span *kind = &s->kinds.items[i];
        append_clean(&s->text, kind->service);
        buf_append_text(&s->text, ": ");
        append_clean(&s->text, kind->name);
        buf_printf(&s->text, " (%s)", span_kind_name(kind->kind));
        if (i >= s->shown || is_taken(s, i, buf_bytes(&s->text))) {
            buf_printf(&s->text, " #%" PRIu32, i + 1);
        }
        s->titles[i] = arena_string(&s->arena, buf_bytes(&s->text));
        if (s->titles[i] == NULL || s->text.failed) {
            return false;
        }
        buf_reset(&s->text);
    }
    return s->titles != NULL;
}

int suggestion_write(struct buf *out, const struct trace *trace)
{
    uint32_t missing;
    unsigned reasons = trace_short(trace, false, &missing);
    struct suggestion s = {.out = out,
                           .trace = trace,
                           .weak = (reasons & (SHORT_LOST | SHORT_UNSAMPLED)) != 0,
                           .arena = ARENA_INIT(65536, 0),
                           .text = BUF_NULL};
    int bad = kinds_make(&s.kinds, trace, SUGGESTION_STEPS_MAX, &s.arena);
    s.shown = s.kinds.count < SUGGESTION_KINDS_MAX ? s.kinds.count : SUGGESTION_KINDS_MAX;
    s.attrs = bad ? NULL : same_attrs_make(&s.kinds, trace, s.shown, &s.arena);
    if (s.attrs != NULL && make_titles(&s)) {
        put_head(&s);
        put_suite_head(&s, reasons);
        put_step_names(&s);
        put_assertions(&s);
        buf_append_text(out, "  );\n} );\n");
    } else {
        bad = 1;
    }
    buf_deinit(&s.text);
    arena_deinit(&s.arena);
    return bad || out->failed;
}
