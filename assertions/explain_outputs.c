#include "assertions/explain_outputs.h"

#include <inttypes.h>

#include "assertions/ruling_expression.h"
#include "daemon/core/buf.h"

static void append_expr(struct buf *text, const char *words, const struct expr *expr)
{
    buf_append_text(text, words);
    buf_append_bytes(text, expr->text);
}

/* The first name that has not the one span that the expression needs. */
static bool append_unbound(struct buf *text, const struct ruling_scene *scene,
                           const struct expr_reads *reads, const struct explained_selection *names)
{
    for (uint32_t i = 0; i < reads->name_count; i++) {
        uint32_t name = reads->names[i];
        if (reads->counted[i] || names[name].count == 1) {
            continue;
        }
        buf_append_char(text, '$');
        buf_append_bytes(text, scene->suite->names[name].name);
        if (names[name].count == 0) {
            buf_append_text(text, " matched no span");
        } else {
            buf_printf(text, " matched %" PRIu32 " spans", names[name].count);
        }
        return true;
    }
    return false;
}

static void append_reason(struct buf *text, const struct ruling_scene *scene,
                          const struct output *output, const struct explained_selection *names)
{
    if (append_unbound(text, scene, &output->reads, names)) {
        return;
    }
    if (output->reads.injection && scene->injection == NULL) {
        buf_append_text(text, "no injection record came for this trace");
        return;
    }
    struct arena memory = ARENA_INIT(4096, 0);
    struct evaluated made = ruling_value(scene, output->value, &output->reads, &memory);
    if (made.trouble != TROUBLE_NONE) {
        append_expr(text, "can't be computed: ", made.culprit);
        buf_printf(text, ": %s", trouble_words(made.trouble));
    } else if (made.operand.type != OPERAND_MISSING) {
        buf_append_text(text, "longer than 64 KiB");
    } else if (made.culprit == NULL) {
        buf_append_text(text, "it hinges on dropped attributes, or on a clock that runs backwards");
    } else {
        append_expr(text, "missing: ", made.culprit);
    }
    arena_deinit(&memory);
}

/* The spans that it read: of each name that binds one. False: no memory. */
static bool list_spans(const struct expr_reads *reads, const struct explained_selection *names,
                       struct arena *out, struct explained_output *ret)
{
    uint32_t *spans = arena_calloc(out, (size_t)reads->name_count + 1, sizeof *spans);
    for (uint32_t i = 0; spans != NULL && i < reads->name_count; i++) {
        if (!reads->counted[i] && names[reads->names[i]].count == 1) {
            spans[ret->span_count++] = names[reads->names[i]].spans[0];
        }
    }
    ret->spans = spans;
    return spans != NULL;
}

const struct explained_output *explain_outputs(const struct ruling_scene *scene,
                                               const struct judgement *judgement,
                                               const struct explained_selection *names,
                                               struct arena *out)
{
    const struct suite *suite = judgement->suite;
    struct explained_output *told =
        arena_calloc(out, (size_t)judgement->output_count + 1, sizeof *told);
    bool good = told != NULL;
    for (uint32_t i = 0; good && i < judgement->output_count; i++) {
        struct buf text = BUF_NULL;
        told[i] = (struct explained_output){.output = &suite->outputs[i],
                                            .value = judgement->outputs[i].value};
        if (told[i].value.type == SEEN_NOTHING) {
            append_reason(&text, scene, told[i].output, names);
        }
        told[i].reason = arena_copy(out, buf_bytes(&text));
        good = !text.failed && told[i].reason.data != NULL &&
               list_spans(&told[i].output->reads, names, out, &told[i]);
        buf_deinit(&text);
    }
    return good ? told : NULL;
}
