/*
 * The rules stand in the order of what people get wrong most surely: an open quote explains
 * everything behind it, a quote inside a text explains the word that follows, and only then the
 * grammar's own expectation is told.
 */
#include <string.h>

#include "config/syntax.h"

#define SHOWN_BYTES_MAX 60

#define SAY(syntax, origin, ...)                                                                   \
    problems_add((syntax)->source->problems, (origin), syntax_path(syntax), __VA_ARGS__)

/* The word that the reader stumbled over, short enough for a line. */
static struct bytes shown_word(const struct syntax *syntax)
{
    struct bytes word = syntax->token.type == TOKEN_MARK
                            ? syntax->token.text
                            : scanner_word(&syntax->file->scanner, &syntax->token);
    return bytes_from(word.data, word.len < SHOWN_BYTES_MAX ? word.len : SHOWN_BYTES_MAX);
}

static bool explain_open_text(struct syntax *syntax)
{
    enum token_type type = syntax->token.type;
    if (type == TOKEN_OPEN_COMMENT) {
        SAY(syntax, syntax->origin, "the comment that begins here has no end: write */ behind it");
        return true;
    }
    bool is_open = type == TOKEN_OPEN_STRING;
    if (syntax->long_string.file != NULL &&
        (is_open || syntax->last.last_line > syntax->last.line)) {
        is_open = true;
    } else if (is_open) {
        syntax->long_string = syntax->origin;
        syntax->long_string_path = syntax_path(syntax);
    }
    if (is_open) {
        problems_add(syntax->source->problems, syntax->long_string, syntax->long_string_path,
                     "the quote that opens here is not closed in this line: write \" at the end of "
                     "the text");
    }
    return is_open;
}

bool mistake_is_quote_inside(const struct syntax *syntax)
{
    const struct token *last = &syntax->last;
    return last->type == TOKEN_STRING && syntax->last_origin.file == syntax->origin.file &&
           syntax->token.start == last->end &&
           (syntax->token.type == TOKEN_NAME || syntax->token.type == TOKEN_INT ||
            syntax->token.type == TOKEN_FLOAT || syntax->token.type == TOKEN_BOOL ||
            syntax->token.type == TOKEN_BAD);
}

static bool explain_quotes_inside(struct syntax *syntax)
{
    bool touches = mistake_is_quote_inside(syntax);
    if (touches) {
        SAY(syntax, syntax->origin,
            "the text ends at the quote before %.*s: for a quote inside a text write ' or \\\"",
            (int)shown_word(syntax).len, (const char *)shown_word(syntax).data);
    }
    return touches;
}

static char closer_of(char open)
{
    return open == '{' ? '}' : open == '(' ? ')' : ']';
}

static bool is_closer(const struct token *token)
{
    return token_is_mark(token, '}') || token_is_mark(token, ')') || token_is_mark(token, ']');
}

static bool explain_brackets(struct syntax *syntax, enum syntax_place place)
{
    const struct syntax_frame *frame = syntax->frame;
    if (syntax->token.type == TOKEN_END && frame->open != 0) {
        SAY(syntax, frame->origin, "the %c that opens here is never closed: write %c", frame->open,
            closer_of(frame->open));
        return true;
    }
    if (!is_closer(&syntax->token)) {
        return false;
    }
    char closer = (char)syntax->token.text.data[0];
    if (frame->open == 0 && place == SYNTAX_NAME) {
        SAY(syntax, syntax->origin, "this %c closes nothing: remove it", closer);
        return true;
    }
    if (place == SYNTAX_ITEM && closer == closer_of(frame->open)) {
        SAY(syntax, syntax->last_origin, "a comma behind the last item: remove it");
        return true;
    }
    if (place != SYNTAX_VALUE && place != SYNTAX_EQUALS && closer != closer_of(frame->open)) {
        SAY(syntax, syntax->origin, "%c closes the %c of line %u: write %c", closer, frame->open,
            frame->origin.line, closer_of(frame->open));
        return true;
    }
    return false;
}

static void explain_name(struct syntax *syntax)
{
    struct bytes word = shown_word(syntax);
    int len = (int)word.len;
    const char *text = (const char *)word.data;
    if (syntax->token.type == TOKEN_STRING) {
        SAY(syntax, syntax->origin, "a setting's name stands without quotes: write name = value");
    } else if (token_is_mark(&syntax->token, '{') && syntax->frame->open == 0 &&
               syntax->last.type == TOKEN_END) {
        SAY(syntax, syntax->origin,
            "a file's settings stand without braces around them: remove { and }");
    } else if (token_is_mark(&syntax->token, ';') || token_is_mark(&syntax->token, ',')) {
        SAY(syntax, syntax->origin, "one %.*s too many: remove it", len, text);
    } else if (bytes_start_with(word, BYTES_LITERAL("@include"))) {
        SAY(syntax, syntax->origin, "an include stands alone in its line: write @include \"FILE\"");
    } else {
        SAY(syntax, syntax->origin,
            "the name of a setting is expected, not %.*s: a name begins with a letter", len, text);
    }
}

static void explain_equals(struct syntax *syntax)
{
    struct bytes word = shown_word(syntax);
    if (syntax->token.type == TOKEN_BAD && word.len > 0 && word.data[0] == '.') {
        SAY(syntax, syntax->origin, "a name has no dots: write %.*s = { ... } around it",
            (int)syntax->last.text.len, (const char *)syntax->last.text.data);
    } else if (syntax->last.type == TOKEN_NAME && bytes_is(syntax->last.text, "include")) {
        SAY(syntax, syntax->origin, "an include stands alone in its line: write @include \"FILE\"");
    } else {
        SAY(syntax, syntax->last_origin, "= is missing behind %.*s", (int)syntax->last.text.len,
            (const char *)syntax->last.text.data);
    }
}

static bool is_word(struct bytes word, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (bytes_is_nocase(word, *words)) {
            return true;
        }
    }
    return false;
}

static void explain_value(struct syntax *syntax)
{
    static const char *const yes[] = {"yes", "on", NULL};
    static const char *const no[] = {"no", "off", NULL};
    static const char *const none[] = {"null", "nil", "none", NULL};
    struct bytes word = shown_word(syntax);
    if (token_is_mark(&syntax->token, '=') || token_is_mark(&syntax->token, ':')) {
        SAY(syntax, syntax->origin, "write one = only");
    } else if (syntax->token.type == TOKEN_MARK || syntax->token.type == TOKEN_END) {
        SAY(syntax, syntax->last_origin, "a value is missing behind %.*s",
            (int)syntax->last.text.len, (const char *)syntax->last.text.data);
    } else if (word.len > 0 && word.data[0] == '\'') {
        SAY(syntax, syntax->origin,
            "a text stands in double quotes, not in single ones: write \"...\"");
    } else if (is_word(word, yes) || is_word(word, no)) {
        SAY(syntax, syntax->origin, "write %s instead of %.*s",
            is_word(word, yes) ? "true" : "false", (int)word.len, (const char *)word.data);
    } else if (is_word(word, none)) {
        SAY(syntax, syntax->origin, "there is no %.*s: leave the setting out", (int)word.len,
            (const char *)word.data);
    } else if (word.len > 0 && word.data[0] == '>' && syntax->last.end == syntax->token.start) {
        SAY(syntax, syntax->origin, "write = instead of =>");
    } else if (word.len > 0 && word.data[0] == '$') {
        SAY(syntax, syntax->origin, "a text stands in double quotes: write \"${env:NAME}\"");
    } else {
        SAY(syntax, syntax->origin, "a text stands in double quotes: write \"%.*s\"", (int)word.len,
            (const char *)word.data);
    }
}

static void explain_comma(struct syntax *syntax)
{
    struct bytes word = shown_word(syntax);
    if (token_is_mark(&syntax->token, ';')) {
        SAY(syntax, syntax->origin, "items of a list are parted by commas: write , instead of ;");
    } else if (token_is_mark(&syntax->token, '=') || token_is_mark(&syntax->token, ':')) {
        SAY(syntax, syntax->origin,
            "an item of a list has no name: write { name = value; } for a group");
    } else {
        SAY(syntax, syntax->last_origin, "a comma is missing before %.*s", (int)word.len,
            (const char *)word.data);
    }
}

static void explain_item(struct syntax *syntax)
{
    bool is_nested = token_is_mark(&syntax->token, '{') || token_is_mark(&syntax->token, '(') ||
                     token_is_mark(&syntax->token, '[');
    if (is_nested) {
        SAY(syntax, syntax->origin,
            "[ ] holds plain values only: write ( ) around groups and lists");
    } else if (token_is_mark(&syntax->token, ',')) {
        SAY(syntax, syntax->origin, "an item is missing before the comma");
    } else if (syntax->token.type == TOKEN_MARK) {
        SAY(syntax, syntax->origin, "an item of the list is expected, not %c",
            (char)syntax->token.text.data[0]);
    } else if (syntax->token.type == TOKEN_NAME && syntax->frame->open == '(') {
        SAY(syntax, syntax->origin,
            "an item of the list is expected: write \"%.*s\" for a text, { %.*s = ... } for a "
            "group",
            (int)syntax->token.text.len, (const char *)syntax->token.text.data,
            (int)syntax->token.text.len, (const char *)syntax->token.text.data);
    } else {
        explain_value(syntax);
    }
}

void mistake_explain(struct syntax *syntax, enum syntax_place place)
{
    if (explain_open_text(syntax) || explain_quotes_inside(syntax) ||
        explain_brackets(syntax, place)) {
        return;
    }
    switch (place) {
    case SYNTAX_NAME:
        explain_name(syntax);
        break;
    case SYNTAX_EQUALS:
        explain_equals(syntax);
        break;
    case SYNTAX_VALUE:
        explain_value(syntax);
        break;
    case SYNTAX_FIRST:
    case SYNTAX_ITEM:
        explain_item(syntax);
        break;
    case SYNTAX_COMMA:
        explain_comma(syntax);
        break;
    }
}
