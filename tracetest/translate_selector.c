/* Selectors: the grammar is nearly ours. What differs is told in notes: what was counted twice, in
 * which order spans are picked, and Tracetest's own span, which no system under test sends. */
#include "daemon/core/number.h"
#include "tracetest/special.h"
#include "tracetest/translation.h"

#define TRIGGER_NAME "Tracetest trigger"

static bool is_trigger(const struct foreign_part *part)
{
    for (const struct foreign_match *match = part->matches; match != NULL; match = match->next) {
        enum special special = special_find(match->name);
        if ((special == SPECIAL_NAME && bytes_is(match->value, TRIGGER_NAME)) ||
            special_is_response(special)) {
            return true;
        }
    }
    return false;
}

/* A text with ${...}, as an expression writes it. */
static bool append_expression(struct translation *translation, struct bytes value)
{
    const char *flaw = NULL;
    const struct foreign_expression *expression = NULL;
    struct said said;
    struct buf quoted = BUF_NULL;
    buf_append_char(&quoted, '\'');
    for (size_t i = 0; i < value.len; i++) {
        buf_append_text(&quoted, value.data[i] == '\'' ? "\\" : "");
        buf_append_char(&quoted, (char)value.data[i]);
    }
    buf_append_char(&quoted, '\'');
    int bad = foreign_parse_value(&expression, buf_bytes(&quoted), translation->arena, &flaw);
    translation->no_memory |= bad < 0 || quoted.failed;
    buf_deinit(&quoted);
    if (bad) {
        return translation_lose(translation, "${...} in a selector can't be read");
    }
    translation->in_selector = true;
    bool good = translate_expression(translation, expression, SAID_RIGHT, &said);
    translation->in_selector = false;
    return good;
}

static bool append_value(struct translation *translation, const struct foreign_match *match,
                         enum special special)
{
    struct buf *out = &translation->text;
    if (match->type == FOREIGN_VALUE_TEXT && bytes_contain(match->value, BYTES_LITERAL("${"))) {
        return append_expression(translation, match->value);
    }
    if (match->type == FOREIGN_VALUE_TEXT || special == SPECIAL_NAME) {
        append_quoted(out, match->value);
        return true;
    }
    if (match->type == FOREIGN_VALUE_NUMBER) {
        if (memchr(match->value.data, '.', match->value.len) != NULL) {
            translation_note(translation,
                             "Tracetest compared this number as text with two decimals");
        }
        append_number(out, match->value);
        return true;
    }
    buf_append_bytes(out, match->value);
    return true;
}

static bool append_word(struct translation *translation, const struct foreign_match *match,
                        enum special special)
{
    const char *word = special_word(translation, special, match->value);
    if (match->contains) {
        return translation_lose(translation, "'contains' on a kind or status; write =");
    }
    if (word == NULL) {
        return translation_lose(translation, special == SPECIAL_KIND
                                                 ? "there is no such kind of span"
                                                 : "there is no such status");
    }
    buf_append_text(&translation->text, word);
    return true;
}

static bool append_match(struct translation *translation, const struct foreign_match *match)
{
    struct buf *out = &translation->text;
    enum special special = special_find(match->name);
    const char *key = special_key(special);
    if (special == SPECIAL_DURATION || special == SPECIAL_START || special == SPECIAL_END ||
        special == SPECIAL_COUNT || special == SPECIAL_EVENTS) {
        return translation_lose(translation,
                                arena_printf(translation->arena, "a selector can't compare %.*s",
                                             (int)match->name.len, (const char *)match->name.data));
    }
    if (key != NULL) {
        buf_append_text(out, key);
    } else if (!append_key(out, match->name)) {
        return translation_lose(translation, "an attribute's name can't be written");
    }
    buf_append_text(out, match->contains ? " contains " : "=");
    return special == SPECIAL_KIND || special == SPECIAL_STATUS
               ? append_word(translation, match, special)
               : append_value(translation, match, special);
}

static bool append_pick(struct translation *translation, const struct foreign_part *part)
{
    int64_t nth = 0;
    switch (part->pick) {
    case FOREIGN_ALL:
        return true;
    case FOREIGN_FIRST:
        buf_append_text(&translation->text, ":first");
        break;
    case FOREIGN_LAST:
        buf_append_text(&translation->text, ":last");
        break;
    case FOREIGN_NTH:
        if (number_parse_i64(part->nth, &nth) != 0 || nth < 1 || nth > INT32_MAX) {
            return translation_lose(translation, "nth_child counts from 1");
        }
        buf_printf(&translation->text, ":nth_child(%d)", (int)nth);
        break;
    }
    translation_note(translation, "picked by start time over the whole trace; Tracetest went from "
                                  "parent to children");
    return true;
}

static bool append_part(struct translation *translation, const struct foreign_part *part)
{
    buf_append_text(&translation->text, "span[");
    for (const struct foreign_match *match = part->matches; match != NULL; match = match->next) {
        if (!append_match(translation, match)) {
            return false;
        }
        buf_append_text(&translation->text, match->next != NULL ? " " : "");
    }
    buf_append_char(&translation->text, ']');
    return append_pick(translation, part);
}

/* The trigger's span above all others says nothing, and is left out. */
static bool append_chain(struct translation *translation, const struct foreign_chain *chain,
                         struct translated_selector *ret)
{
    const struct foreign_part *part = chain->parts;
    if (part->next != NULL && is_trigger(part)) {
        translation_note(translation, "Tracetest's trigger span is above all others, and not in "
                                      "the trace here");
        part = part->next;
    }
    for (bool first = true; part != NULL; part = part->next, first = false) {
        if (is_trigger(part)) {
            return translation_lose(translation,
                                    "Tracetest's trigger span is not in the trace here");
        }
        buf_append_text(&translation->text, first ? "" : " ");
        if (!append_part(translation, part)) {
            return false;
        }
        ret->has_pick = part->pick != FOREIGN_ALL;
    }
    return true;
}

static bool select_all(struct translation *translation, struct translated_selector *ret)
{
    ret->text = BYTES_LITERAL("span[]");
    ret->is_all = true;
    translation_note(translation, "all spans; Tracetest's trigger span is not among them here");
    return true;
}

bool translate_selector(struct translation *translation, struct bytes text,
                        struct translated_selector *ret)
{
    const struct foreign_chain *first = NULL;
    const char *flaw = NULL;
    *ret = (struct translated_selector){.text = BYTES_NULL};
    int bad = foreign_parse_selector(&first, text, translation->arena, &flaw);
    if (bad) {
        translation->no_memory |= bad < 0;
        return translation_lose(translation,
                                arena_printf(translation->arena,
                                             "the selector can't be read (Tracetest would have "
                                             "taken all spans): %s",
                                             flaw != NULL ? flaw : "no memory"));
    }
    if (first == NULL || (first->next == NULL && first->parts->next == NULL &&
                          first->parts->matches == NULL && first->parts->pick == FOREIGN_ALL)) {
        return select_all(translation, ret);
    }
    if (first->next == NULL && first->parts->next == NULL && is_trigger(first->parts)) {
        ret->is_trigger = true;
        return true;
    }
    size_t from = translation->text.len;
    ret->is_or = first->next != NULL;
    for (const struct foreign_chain *chain = first; chain != NULL; chain = chain->next) {
        if (!append_chain(translation, chain, ret)) {
            return false;
        }
        buf_append_text(&translation->text, chain->next != NULL ? ", " : "");
    }
    ret->text = translation_take(translation, from);
    return true;
}
