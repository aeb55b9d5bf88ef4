#include "receivers/otlp_words.h"

#include <stdarg.h>
#include <stdio.h>

struct words {
    char *text;
    size_t len, room;
};

/* One more reason, behind a semicolon. */
__attribute__((format(printf, 2, 3))) static void add(struct words *words, const char *format, ...)
{
    if (words->len > 0 && words->len + 2 < words->room) {
        words->len += (size_t)snprintf(words->text + words->len, words->room - words->len, "; ");
    }
    va_list args;
    va_start(args, format);
    int len = vsnprintf(words->text + words->len, words->room - words->len, format, args);
    va_end(args);
    words->len += len > 0 ? (size_t)len : 0;
    words->len = words->len < words->room ? words->len : words->room - 1;
}

static void add_rejections(struct words *words, const struct span_set *set)
{
    if (set->rejected_ids > 0) {
        add(words,
            "%u with a trace ID, span ID or parent span ID that is missing, all zero or of the "
            "wrong length",
            set->rejected_ids);
    }
    if (set->rejected_counts > 0) {
        add(words, "%u with more attributes, events or links than the limits",
            set->rejected_counts);
    }
}

static void add_warnings(struct words *words, const struct span_set *set,
                         const struct otlp_json_notes *notes)
{
    if (set->bad_texts > 0) {
        add(words,
            "taken as they are: %u spans, resources or scopes with text that is not UTF-8, which "
            "is "
            "shown with U+FFFD",
            set->bad_texts);
    }
    if (set->table_references > 0 || (notes != NULL && notes->table_reference)) {
        add(words, "attributes by index into a table of strings, which traces do not have, are "
                   "read as absent");
    }
    if (set->hint != NULL) {
        add(words, "%s", set->hint);
    } else if (notes != NULL && notes->snake_case) {
        add(words, "ignored \"%s\": the keys of OTLP/JSON are in lowerCamelCase", notes->snake_key);
    }
}

void otlp_words(char *text, size_t room, const struct span_set *set,
                const struct otlp_json_notes *notes)
{
    struct words words = {text, 0, room};
    text[0] = '\0';
    add_rejections(&words, set);
    add_warnings(&words, set, notes);
}
