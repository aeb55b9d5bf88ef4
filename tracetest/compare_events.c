/* The events' names are what is asked of span.events; the rest of that JSON text is not there. */
#include "tracetest/comparing.h"

bool reads_events(const struct foreign_expression *expression)
{
    return expression->steps == NULL && expression->first->type == FOREIGN_ATTR &&
           special_find(expression->first->text) == SPECIAL_EVENTS;
}

static bool is_path_of_names(const struct foreign_filter *filter)
{
    static const char *const paths[] = {"$[*].name",  "$..name",   "[*].name", ".[*].name",
                                        "$.[*].name", "$[0].name", "[0].name"};
    struct bytes path;
    if (filter == NULL || filter->next != NULL || !bytes_is(filter->name, "json_path") ||
        filter->argument_count != 1 || !constant_text(filter->arguments, &path)) {
        return false;
    }
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (bytes_is(path, paths[i])) {
            return true;
        }
    }
    return false;
}

static bool is_plain_word(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (strchr("{}[]\":,", text.data[i]) != NULL) {
            return false;
        }
    }
    return text.len > 0;
}

bool compare_events(struct comparing *comparing)
{
    const struct foreign_filter *filter = comparing->assertion.left->filters;
    const struct foreign_term *term = comparing_constant(comparing->assertion.right);
    enum foreign_comparator comparator = comparing->assertion.comparator;
    struct bytes text;
    bool names = is_path_of_names(filter);
    bool asked = comparator == FOREIGN_CONTAINS || (names && comparator == FOREIGN_EQ);
    if (!asked || (filter != NULL && !names) || term == NULL || !constant_text(term, &text) ||
        !is_plain_word(text)) {
        return comparing_lose(comparing,
                              "the events of a span are no JSON text here; write conditions on "
                              "event:name and event:KEY");
    }
    comparing->translation->reads_span = true;
    translation_note(comparing->translation, "the name of one of the span's events; Tracetest "
                                             "searched a JSON text of them");
    size_t from = comparing_out(comparing)->len;
    append_quoted(comparing_out(comparing), text);
    return comparing_put(comparing, BYTES_LITERAL("event:name"), names ? "=" : "contains",
                         comparing_take(comparing, from));
}
