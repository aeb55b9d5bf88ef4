/*
 * The cursor that all parsers share.
 */
#include "assertions/lexer.h"

#include <stdarg.h>
#include <stdio.h>

#define MESSAGE_BYTES_MAX 512

bool parser_fail(struct parser *parser, size_t at, const char *format, ...)
{
    const struct parse_context *context = parser->context;
    char message[MESSAGE_BYTES_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    problems_add_at(context->problems, context->origin, context->path, (int)at + 1, "%s", message);
    return false;
}

bool parser_fail_memory(struct parser *parser)
{
    parser->context->store->no_memory = true;
    return parser_fail(parser, parser->at, "memory is exhausted");
}

bool parser_begin(struct parser *parser, const struct parse_context *context, struct bytes text,
                  const char *if_empty)
{
    *parser = (struct parser){.context = context, .text = text};
    if (text.len > EXPRESSION_BYTES_MAX) {
        return parser_fail(parser, EXPRESSION_BYTES_MAX,
                           "the expression is longer than %d bytes; split it",
                           EXPRESSION_BYTES_MAX);
    }
    parser->text = arena_copy(context->arena, text);
    if (text.len > 0 && parser->text.data == NULL) {
        parser->text = BYTES_NULL;
        return parser_fail_memory(parser);
    }
    parser_skip_blanks(parser);
    if (parser->at == parser->text.len) {
        return parser_fail(parser, 0, "the expression is empty; %s", if_empty);
    }
    return true;
}

void attempt_begin(struct attempt *ret, struct parser *parser)
{
    ret->before = *parser;
    ret->context = *parser->context;
    problems_init(&ret->problems);
    ret->context.problems = &ret->problems;
    parser->context = &ret->context;
}

void attempt_end(struct attempt *attempt, struct parser *parser, bool bad)
{
    parser->context = attempt->before.context;
    attempt->understood = parser->understood;
    if (bad) {
        *parser = attempt->before;
    }
}

bool attempt_tell(const struct attempt *first, const struct attempt *second, struct parser *parser)
{
    const struct problems *one = &first->problems;
    const struct problems *other = &second->problems;
    if (other->count == 0 || (one->count == 0 && one->errors != 0)) {
        return parser_fail_memory(parser);
    }
    if (one->count == 0) { /* it was good as far as it went */
        one = other;
    }
    bool further = other->items[0].byte > one->items[0].byte ||
                   (other->items[0].byte == one->items[0].byte && second->understood);
    const struct problem *told = further ? &other->items[0] : &one->items[0];
    return parser_fail(parser, (size_t)(told->byte - 1), "%s", told->text);
}

void attempt_deinit(struct attempt *attempt)
{
    problems_deinit(&attempt->problems);
}

int parser_peek(const struct parser *parser, size_t ahead)
{
    size_t at = parser->at + ahead;
    return at < parser->text.len ? parser->text.data[at] : -1;
}

bool parser_skip_blanks(struct parser *parser)
{
    size_t from = parser->at;
    int c = parser_peek(parser, 0);
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        parser->at++;
        c = parser_peek(parser, 0);
    }
    return parser->at > from;
}

bool parser_take(struct parser *parser, const char *symbol)
{
    struct bytes rest = bytes_from(parser->text.data + parser->at, parser->text.len - parser->at);
    if (parser->at >= parser->text.len || !bytes_start_with(rest, bytes_of(symbol))) {
        return false;
    }
    parser->at += strlen(symbol);
    return true;
}

static bool is_word_byte(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-' || c == '/';
}

struct bytes parser_word(struct parser *parser)
{
    size_t from = parser->at;
    while (is_word_byte(parser_peek(parser, 0))) {
        parser->at++;
    }
    return bytes_from(parser->text.data + from, parser->at - from);
}

bool parser_sees_word(const struct parser *parser, const char *word)
{
    struct parser ahead = *parser;
    return bytes_is(parser_word(&ahead), word);
}

const char *parser_found(const struct parser *parser, char out[PARSER_FOUND_MAX])
{
    if (parser->at >= parser->text.len) {
        return "the end";
    }
    size_t len = 1;
    while (len < 4 && (parser_peek(parser, len) & 0xC0) == 0x80 && parser_peek(parser, len) >= 0) {
        len++;
    }
    snprintf(out, PARSER_FOUND_MAX, "'%.*s'", (int)len,
             (const char *)parser->text.data + parser->at);
    return out;
}

struct bytes parser_slice(const struct parser *parser, size_t from)
{
    return bytes_trim(bytes_from(parser->text.data + from, parser->at - from));
}

/* What people write behind a comparison when they come from another language. */
static const char *advice_at_end(const struct parser *parser)
{
    if (parser_sees_word(parser, "over")) {
        return "windows stand beside the rule: over = \"30s\"";
    }
    if (parser_sees_word(parser, "within")) {
        return "the window stands before `after`: no $b within 5s after $a";
    }
    if (parser_peek(parser, 0) == '$') {
        return "names have commas between them: $a, $b";
    }
    static const char *const joins[] = {"and", "AND", "or", "OR"};
    for (size_t i = 0; i < sizeof joins / sizeof joins[0]; i++) {
        if (parser_sees_word(parser, joins[i])) {
            return "one comparison stands here; write several conditions as a list, where all must "
                   "hold, or (C) and (C), (C) or (C)";
        }
    }
    switch (parser_peek(parser, 0)) {
    case '&':
    case '|':
        return "one comparison stands here; write several conditions as a list, where all must "
               "hold, or (C) and (C), (C) or (C)";
    case '+':
    case '*':
    case '-':
    case '/':
        return "no arithmetic stands here; - and / need blanks around them";
    case '=':
    case '<':
    case '>':
    case '!':
        return "one comparison stands here, with the value on the right of its operator";
    default:
        return "put a text with blanks or signs in quotes, and write a unit directly after its "
               "number";
    }
}

bool parser_expect_end(struct parser *parser)
{
    parser_skip_blanks(parser);
    if (parser->at >= parser->text.len) {
        return true;
    }
    char found[PARSER_FOUND_MAX];
    return parser_fail(parser, parser->at, "unexpected %s; %s", parser_found(parser, found),
                       advice_at_end(parser));
}

bool parser_grow(struct parser *parser, void **items, uint32_t count, uint32_t *room, size_t size)
{
    if (count < *room) {
        return true;
    }
    uint32_t wanted = *room == 0 ? 2 : *room * 2;
    void *more = arena_calloc(parser->context->arena, wanted, size);
    if (more == NULL) {
        return parser_fail_memory(parser);
    }
    if (count > 0) {
        memcpy(more, *items, count * size);
    }
    *items = more;
    *room = wanted;
    return true;
}
