/* Outputs: the value that the first selected span has becomes one of a named span. */
#include "config/config.h"
#include "tracetest/import_suite.h"
#include "tracetest/sayable.h"

struct outputs {
    struct translation *translation;
    struct buf *out;        /* comments */
    struct buf spans, made; /* lines of the two groups */
    const char **taken;
    uint32_t taken_count;
};

static void lose(struct outputs *outputs, const struct definition_output *output)
{
    struct translation *translation = outputs->translation;
    messages_add(translation->messages, translation->file, output->name.line,
                 "not carried over: the output %.*s: %s",
                 (int)(output->name.text.len < 100 ? output->name.text.len : 100),
                 (const char *)output->name.text.data, translation->lost);
    buf_append_text(outputs->out, "  # not carried over: the output ");
    messages_append_clean(outputs->out, output->name.text);
    buf_append_text(outputs->out, ": ");
    messages_append_clean(outputs->out, bytes_of(translation->lost));
    buf_append_char(outputs->out, '\n');
}

/* The first span: a name binds one. */
static bool select_first(struct translation *translation, struct bytes text,
                         struct translated_selector *ret)
{
    if (!translate_selector(translation, text, ret)) {
        return false;
    }
    if (ret->is_or) {
        return translation_lose(translation,
                                "the first span of several selectors has no name here");
    }
    if (!ret->is_trigger && !ret->has_pick) {
        size_t from = translation->text.len;
        buf_append_bytes(&translation->text, ret->text);
        buf_append_text(&translation->text, ":first");
        ret->text = translation_take(translation, from);
    }
    return ret->is_trigger || sayable_selector(translation, ret->text);
}

/* Shows the output to the parser, together with those before it. */
static bool add_output(struct translation *translation, const char *own, const char *span,
                       struct bytes selector)
{
    struct said_output *output = &translation->outputs[translation->output_count];
    output->name = own;
    output->value = arena_string(translation->arena, translation_take(translation, 0));
    output->span = selector.len > 0 ? span : NULL;
    output->needs = translation->needs;
    output->selector = selector;
    translation->no_memory |= output->value == NULL;
    if (output->value == NULL) {
        return false;
    }
    translation->output_count++;
    bool taken = sayable_outputs(translation);
    translation->output_count -= !taken;
    return taken;
}

static bool translate_output(struct translation *translation,
                             const struct definition_output *output, const char *own,
                             const char *span)
{
    const struct foreign_expression *value = NULL;
    const char *flaw = NULL;
    struct translated_selector selector;
    struct said said;
    int bad = foreign_parse_value(&value, output->value.text, translation->arena, &flaw);
    if (bad) {
        translation->no_memory |= bad < 0;
        return translation_lose(translation,
                                arena_printf(translation->arena, "its value can't be read: %s",
                                             flaw != NULL ? flaw : "no memory"));
    }
    if (!select_first(translation, output->selector.text, &selector)) {
        return false;
    }
    translation->on_injection = selector.is_trigger;
    translation->of_span = selector.is_trigger ? NULL : span;
    return translate_expression(translation, value, SAID_LEFT, &said) &&
           add_output(translation, own, span, selector.text);
}

static void put_line(struct buf *out, const char *name, struct bytes value)
{
    buf_printf(out, "    %s = ", name);
    config_print_quoted(out, value);
    buf_append_text(out, ";\n");
}

static void put_output(struct outputs *outputs, uint32_t index)
{
    struct translation *translation = outputs->translation;
    const struct definition_output *output = &translation->test->outputs[index];
    const char *own = import_own_name(translation->arena, output->name.text);
    const char *span = arena_printf(translation->arena, "of_%s", own != NULL ? own : "");
    translation_begin(translation);
    translation->line = output->name.line;
    if (own == NULL || span == NULL) {
        translation->no_memory = true;
        return;
    }
    for (uint32_t i = 0; i < outputs->taken_count; i++) {
        if (strcmp(outputs->taken[i], own) == 0) {
            translation_lose(translation, "an output of that name is there already");
        }
    }
    if (translation->lost != NULL || !translate_output(translation, output, own, span)) {
        lose(outputs, output);
        return;
    }
    const struct said_output *said = &translation->outputs[translation->output_count - 1];
    outputs->taken[outputs->taken_count++] = own;
    translation->output_names[index] = own;
    if (said->span != NULL) {
        put_line(&outputs->spans, span, said->selector);
    }
    put_line(&outputs->made, own, bytes_of(said->value));
}

static void put_group(struct buf *out, const char *name, const struct buf *lines)
{
    if (lines->len > 0) {
        buf_printf(out, "  %s = {\n%.*s  };\n", name, (int)lines->len, (const char *)lines->data);
    }
    out->failed |= lines->failed;
}

void import_put_outputs(struct translation *translation, struct buf *out)
{
    struct outputs outputs = {
        .translation = translation, .out = out, .spans = BUF_NULL, .made = BUF_NULL};
    uint32_t count = translation->test->output_count;
    outputs.taken = arena_calloc(translation->arena, count + 1, sizeof(char *));
    translation->outputs =
        arena_calloc(translation->arena, count + 1, sizeof *translation->outputs);
    translation->no_memory |= outputs.taken == NULL || translation->outputs == NULL;
    for (uint32_t i = 0; i < count && !translation->no_memory; i++) {
        if (i < IMPORT_OUTPUTS_MAX) {
            put_output(&outputs, i);
            continue;
        }
        translation_begin(translation);
        translation_lose(translation, "there are too many outputs");
        lose(&outputs, &translation->test->outputs[i]);
    }
    put_group(out, "spans", &outputs.spans);
    put_group(out, "outputs", &outputs.made);
    buf_deinit(&outputs.spans);
    buf_deinit(&outputs.made);
}
