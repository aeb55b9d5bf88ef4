/* One spec of a test. Its assertions become one assertion of ours, and one more for each attribute
 * of the injection record that some of them need: there `when` tells that it was not given. */
#include <stdio.h>

#include "config/config.h"
#include "tracetest/import_suite.h"
#include "tracetest/sayable.h"

struct made {
    struct translated_assertion said;
    struct bytes was;
    const char *notes[TRANSLATION_NOTES_MAX];
    uint32_t note_count;
    const char *needs;
    bool has_select;
    bool done;
};

struct making {
    struct import_specs *specs;
    const struct definition_spec *spec;
    struct translated_selector selector;
    const char *selector_notes[TRANSLATION_NOTES_MAX];
    uint32_t selector_note_count;
    struct made *made;
};

static void put_comment(struct import_specs *specs, const char *indent, const char *head,
                        struct bytes text)
{
    buf_printf(specs->out, "%s# %s", indent, head);
    messages_append_clean(specs->out, text);
    buf_append_char(specs->out, '\n');
}

static void put_lost(struct import_specs *specs, struct bytes text, const char *reason)
{
    buf_append_text(specs->out, "    # not carried over: ");
    messages_append_clean(specs->out, text);
    buf_append_text(specs->out, ": ");
    messages_append_clean(specs->out, bytes_of(reason));
    buf_append_char(specs->out, '\n');
}

static bool check_conditions(struct translation *translation,
                             const struct translated_assertion *said, bool has_select)
{
    for (uint32_t i = 0; i < said->count; i++) {
        if (!sayable_condition(translation, said->conditions[i], has_select)) {
            return false;
        }
    }
    return true;
}

static void make(struct making *making, uint32_t index)
{
    struct translation *translation = making->specs->translation;
    const struct definition_text *assertion = &making->spec->assertions[index];
    struct made *made = &making->made[index];
    translation_begin(translation);
    translation->line = assertion->line;
    made->was = assertion->text;
    bool good = translate_assertion(translation, assertion->text, &making->selector, &made->said);
    made->needs = translation->needs;
    made->has_select = !making->selector.is_trigger && (translation->reads_span || !made->needs);
    made->note_count = translation->note_count;
    memcpy(made->notes, translation->notes, sizeof made->notes);
    good = good && check_conditions(translation, &made->said, made->has_select);
    if (!good) {
        made->done = true;
        put_lost(making->specs, assertion->text, translation->lost);
        messages_add(translation->messages, translation->file, assertion->line,
                     "not carried over: %.*s: %s",
                     (int)(assertion->text.len < MESSAGES_TEXT_MAX ? assertion->text.len
                                                                   : MESSAGES_TEXT_MAX),
                     (const char *)assertion->text.data, translation->lost);
    } else if (made->said.count == 0) {
        made->done = true;
        put_comment(making->specs, "    ", "was: ", assertion->text);
        put_comment(making->specs, "    ", "",
                    bytes_of(made->note_count > 0 ? made->notes[0] : "left out"));
    }
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool goes_with(const struct made *a, const struct made *b)
{
    return !b->done && a->has_select == b->has_select && same_text(a->needs, b->needs);
}

static void put_condition(struct making *making, const struct made *made, bool last)
{
    struct buf *out = making->specs->out;
    if (made->note_count > 0) {
        put_comment(making->specs, "        ", "was: ", made->was);
    }
    for (uint32_t i = 0; i < made->note_count; i++) {
        put_comment(making->specs, "        ", "", bytes_of(made->notes[i]));
    }
    for (uint32_t i = 0; i < made->said.count; i++) {
        buf_append_text(out, "        ");
        config_print_quoted(out, made->said.conditions[i]);
        buf_append_text(out, last && i + 1 == made->said.count ? "\n" : ",\n");
    }
}

/* What the assertion needs, unless the name says so already (it does where it was exported). */
static void append_needs(struct buf *text, const char *needs)
{
    char suffix[64];
    int len = snprintf(suffix, sizeof suffix, " ($injection.%s)", needs != NULL ? needs : "");
    bool told = text->len >= (size_t)len &&
                memcmp(text->data + text->len - (size_t)len, suffix, (size_t)len) == 0;
    if (needs != NULL && text->len > 0 && !told) {
        buf_append_text(text, suffix);
    }
}

static void put_name(struct making *making, const char *needs)
{
    struct import_specs *specs = making->specs;
    struct bytes wanted = making->spec->name.text.data != NULL ? making->spec->name.text
                                                               : making->spec->selector.text;
    struct buf text = BUF_NULL;
    messages_append_clean(&text, wanted);
    append_needs(&text, needs);
    const char *name = import_unique(specs->translation->arena, specs->names, &specs->name_count,
                                     buf_bytes(&text), "all spans");
    specs->shared->no_memory |= name == NULL || text.failed;
    import_put_text(specs->shared, bytes_of(name));
    buf_deinit(&text);
}

/* The assertion of `first` and all that go with it. */
static void put_assertion(struct making *making, uint32_t first)
{
    struct import_specs *specs = making->specs;
    struct made *made = making->made;
    uint32_t last = first;
    for (uint32_t i = first; i < making->spec->assertion_count; i++) {
        last = goes_with(&made[first], &made[i]) ? i : last;
    }
    if (specs->assertion_count++ > 0) {
        buf_append_text(specs->out, "    ,\n");
    }
    for (uint32_t i = 0; i < making->selector_note_count && made[first].has_select; i++) {
        put_comment(specs, "    ", "", bytes_of(making->selector_notes[i]));
    }
    buf_append_text(specs->out, "    { name = ");
    put_name(making, made[first].needs);
    if (made[first].has_select) {
        buf_append_text(specs->out, ";\n      select = ");
        config_print_quoted(specs->out, making->selector.text);
    }
    if (made[first].needs != NULL) {
        buf_printf(specs->out, ";\n      when = \"$injection.%s exists\"", made[first].needs);
    }
    buf_append_text(specs->out, ";\n      assert = (\n");
    for (uint32_t i = first; i <= last; i++) {
        if (i == first || goes_with(&made[first], &made[i])) {
            put_condition(making, &made[i], i == last);
        }
    }
    buf_append_text(specs->out, "      ); }\n");
    struct made head = made[first];
    for (uint32_t i = first; i <= last; i++) {
        made[i].done = made[i].done || goes_with(&head, &made[i]);
    }
}

static bool select_spans(struct making *making)
{
    struct translation *translation = making->specs->translation;
    const struct definition_spec *spec = making->spec;
    translation_begin(translation);
    translation->line = spec->selector.line != 0 ? spec->selector.line : spec->line;
    bool good =
        translate_selector(translation, spec->selector.text, &making->selector) &&
        (making->selector.is_trigger || sayable_selector(translation, making->selector.text));
    making->selector_note_count = translation->note_count;
    memcpy(making->selector_notes, translation->notes, sizeof making->selector_notes);
    if (good) {
        return true;
    }
    put_lost(making->specs, spec->selector.text, translation->lost);
    for (uint32_t i = 0; i < spec->assertion_count; i++) {
        put_comment(making->specs, "    ", "    ", spec->assertions[i].text);
    }
    messages_add(translation->messages, translation->file, translation->line,
                 "not carried over: %.*s, with its assertions: %s",
                 (int)(spec->selector.text.len < MESSAGES_TEXT_MAX ? spec->selector.text.len
                                                                   : MESSAGES_TEXT_MAX),
                 (const char *)spec->selector.text.data, translation->lost);
    return false;
}

void import_put_spec(struct import_specs *specs, const struct definition_spec *spec)
{
    struct making making = {.specs = specs, .spec = spec};
    making.made =
        arena_calloc(specs->translation->arena,
                     spec->assertion_count > 0 ? spec->assertion_count : 1, sizeof *making.made);
    if (making.made == NULL) {
        specs->shared->no_memory = true;
        return;
    }
    if (!select_spans(&making)) {
        return;
    }
    for (uint32_t i = 0; i < spec->assertion_count; i++) {
        make(&making, i);
    }
    for (uint32_t i = 0; i < spec->assertion_count; i++) {
        if (!making.made[i].done) {
            put_assertion(&making, i);
        }
    }
}
