#include "tracetest/translation.h"

#include "daemon/core/number.h"
#include "daemon/core/units.h"

void translation_begin(struct translation *translation)
{
    translation->no_memory |= translation->text.failed;
    buf_reset(&translation->text);
    translation->note_count = 0;
    translation->lost = NULL;
    translation->needs = NULL;
    translation->reads_span = false;
    translation->of_span = NULL;
}

void translation_tell_once(struct translation *translation, const char *text)
{
    for (uint32_t i = 0; i < translation->told_count; i++) {
        if (strcmp(translation->told[i], text) == 0) {
            return;
        }
    }
    if (translation->told_count < TRANSLATION_TOLD_MAX) {
        translation->told[translation->told_count++] = text;
    }
    messages_add(translation->messages, translation->file, translation->line, "%s", text);
}

bool translation_lose(struct translation *translation, const char *reason)
{
    translation->no_memory |= reason == NULL;
    if (translation->lost == NULL) {
        translation->lost = reason != NULL ? reason : "no memory";
    }
    return false;
}

void translation_note(struct translation *translation, const char *note)
{
    for (uint32_t i = 0; i < translation->note_count; i++) {
        if (strcmp(translation->notes[i], note) == 0) {
            return;
        }
    }
    if (translation->note_count < TRANSLATION_NOTES_MAX) {
        translation->notes[translation->note_count++] = note;
    }
}

struct bytes translation_take(struct translation *translation, size_t from)
{
    struct buf *text = &translation->text;
    if (text->len == from) {
        translation->no_memory |= text->failed;
        return BYTES_LITERAL("");
    }
    struct bytes made = bytes_from(text->data + from, text->len - from);
    struct bytes copy = arena_copy(translation->arena, made);
    translation->no_memory |= text->failed || (made.len > 0 && copy.data == NULL);
    text->len = from;
    return copy.data != NULL ? copy : BYTES_LITERAL("");
}

const char *translation_say(struct translation *translation, const char *before, struct bytes name,
                            const char *after)
{
    const char *text = arena_printf(translation->arena, "%s%.*s%s", before, (int)name.len,
                                    (const char *)name.data, after);
    translation->no_memory |= text == NULL;
    return text != NULL ? text : "no memory";
}

void append_quoted(struct buf *out, struct bytes text)
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

void append_literal(struct buf *out, struct bytes text)
{
    int64_t ns;
    if (number_is_canonical(text) || bytes_is(text, "true") || bytes_is(text, "false") ||
        units_parse_duration(text, &ns) == 0) {
        buf_append_bytes(out, text);
    } else {
        append_quoted(out, text);
    }
}

/* Words that are no attribute without back quotes. */
static bool has_own_meaning(struct bytes name)
{
    static const char *const words[] = {
        "name",     "kind",        "status",  "service",  "duration", "start",  "end",    "count",
        "not",      "all",         "any",     "none",     "sum",      "avg",    "min",    "max",
        "p",        "each",        "no",      "same",     "unique",   "states", "edge",   "edges",
        "gap",      "lag",         "exactly", "at",       "true",     "false",  "f",      "in",
        "critical", "concurrency", "never",   "distinct", "contains", "exists", "missing"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (bytes_is(name, words[i])) {
            return true;
        }
    }
    return false;
}

static bool is_bare(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        int c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
        bool inner = (c >= '0' && c <= '9') || c == '-';
        if (!letter && !(inner && i > 0)) {
            return false;
        }
    }
    return name.len > 0 && !has_own_meaning(name);
}

bool append_key(struct buf *out, struct bytes name)
{
    if (is_bare(name)) {
        buf_append_bytes(out, name);
        return true;
    }
    if (name.len == 0 || memchr(name.data, '`', name.len) != NULL) {
        return false;
    }
    buf_append_char(out, '`');
    buf_append_bytes(out, name);
    buf_append_char(out, '`');
    return true;
}
