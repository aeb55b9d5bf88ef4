/*
 * What a condition across spans reads of each span: a key, or an expression over its keys.
 */
#include "assertions/parse_expr.h"
#include "assertions/parse_whole.h"

/* Whether a key comes next that nothing goes on from. */
static bool sees_plain_key(const struct parser *parser)
{
    struct parser ahead = *parser;
    if (parser_peek(&ahead, 0) == '`') {
        do {
            ahead.at++;
        } while (parser_peek(&ahead, 0) >= 0 && parser_peek(&ahead, 0) != '`');
        ahead.at++;
    }
    do {
        struct bytes word = parser_word(&ahead);
        if (bytes_is(word, "f") && parser_peek(&ahead, 0) == '\'') {
            return false;
        }
    } while (parser_take(&ahead, ":"));
    parser_skip_blanks(&ahead);
    int c = parser_peek(&ahead, 0);
    return c < 0 || strchr("(+*|%-/", c) == NULL || c == 0;
}

static bool parse_plain_value(struct parser *parser, struct whole_value *ret)
{
    size_t at = parser->at;
    if (!parse_key(parser, &ret->key)) {
        return false;
    }
    return (ret->key.space != KEY_EVENT && ret->key.space != KEY_LINK) ||
           parser_fail(parser, at,
                       "a span has many events and links; a key with one value stands here");
}

/* An expression; what it reads. */
static bool parse_computed(struct parser *parser, struct whole_value *ret, struct expr_reads *reads)
{
    bool words = parser->words;
    parser->inner = true;
    parser->words = false;
    if (!parse_value(parser, &ret->expr) || !parse_single(parser, ret->expr)) {
        return false;
    }
    parser->inner = false;
    parser->words = words;
    return expr_reads(ret->expr, parser->context->arena, reads) == 0 || parser_fail_memory(parser);
}

static bool parse_computed_value(struct parser *parser, struct whole_value *ret)
{
    size_t at = parser->at;
    struct expr_reads reads;
    if (!parse_computed(parser, ret, &reads)) {
        return false;
    }
    bool others = reads.selected || reads.injection || reads.name_count != 0;
    return (reads.span && !others) ||
           parser_fail(parser, at, "the value of one span stands here: its keys, nothing else");
}

bool parse_whole_value(struct parser *parser, struct whole_value *ret)
{
    size_t at = parser->at;
    bool plain = sees_plain_key(parser);
    if (!(plain ? parse_plain_value(parser, ret) : parse_computed_value(parser, ret))) {
        return false;
    }
    ret->text = parser_slice(parser, at);
    parser_skip_blanks(parser);
    return true;
}

/* Of an expression: CLASS_ANY may be a number, CLASS_TEXT never is a quantity. */
enum value_class class_of_read(const struct whole_value *value)
{
    if (value->expr == NULL) {
        return class_of_key(&value->key);
    }
    unsigned types = value->expr->types;
    if ((types & TYPES_NUMBER) == 0 && (types & TYPES_DURATION) != 0) {
        return CLASS_DURATION;
    }
    if ((types & TYPES_PRINTED) == 0) {
        return CLASS_TIME;
    }
    return (types & TYPES_NUMBER) != 0 && (types & TYPES_DURATION) == 0 ? CLASS_ANY : CLASS_TEXT;
}

bool parse_whole_skip_name(struct parser *ahead)
{
    if (parser_peek(ahead, 0) != '$') {
        return false;
    }
    int c;
    do {
        ahead->at++;
        c = parser_peek(ahead, 0);
    } while (c == '-' || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
             (c >= 'A' && c <= 'Z'));
    return parser_take(ahead, ".");
}

bool parse_whole_self_time(struct parser *parser)
{
    struct parser ahead = *parser;
    if (!bytes_is(parser_word(&ahead), "span")) {
        return false;
    }
    parser_skip_blanks(&ahead);
    if (!parser_take(&ahead, ":")) {
        return false;
    }
    parser_skip_blanks(&ahead);
    if (!bytes_is(parser_word(&ahead), "self_time")) {
        return false;
    }
    *parser = ahead;
    return true;
}

/* `$x.span:self_time`, if it comes next; which name. */
static bool sees_named_time(const struct parser *parser)
{
    struct parser ahead = *parser;
    return parse_whole_skip_name(&ahead) && parse_whole_self_time(&ahead);
}

/* `$x.KEY`, or an expression over keys of one name: KEY in $x. */
static bool parse_named_quantity(struct parser *parser, struct whole *whole)
{
    size_t at = parser->at;
    struct whole_value *value = &whole->value;
    struct expr_reads reads;
    if (sees_named_time(parser)) {
        whole->self_time = true;
        if (!parse_set_name(parser, &whole->sets[whole->set_count++])) {
            return false;
        }
        parser_take(parser, ".");
        parse_whole_self_time(parser);
    } else if (!parse_computed(parser, value, &reads)) {
        return false;
    } else if (reads.name_count != 1 || reads.numbers || reads.span || reads.selected ||
               reads.injection) {
        return parser_fail(parser, at,
                           "values of the spans of one name stand here: its keys, "
                           "nothing else");
    } else {
        whole->sets[whole->set_count++] = reads.names[0];
        if (value->expr->type == EXPR_NAME_KEY) {
            value->key = value->expr->key;
            value->expr = NULL;
        }
    }
    value->text = parser_slice(parser, at);
    parser_skip_blanks(parser);
    return true;
}

/* KEY or span:self_time, perhaps with `in $x`. */
static bool parse_read_quantity(struct parser *parser, struct whole *whole)
{
    size_t at = parser->at;
    whole->self_time = parse_whole_self_time(parser);
    if (whole->self_time) {
        whole->value.text = parser_slice(parser, at);
        parser_skip_blanks(parser);
    } else if (!parse_whole_value(parser, &whole->value)) {
        return false;
    }
    if (parse_whole_word(parser, "in")) {
        return parse_whole_set(parser, whole);
    }
    whole->sets[whole->set_count++] = WHOLE_SELECTED;
    return true;
}

/* Whether a name stands in what comes next, up to the end of the arguments. */
static bool sees_name(struct parser parser)
{
    unsigned depth = 0;
    for (int c = parser_peek(&parser, 0); c >= 0; c = parser_peek(&parser, 0)) {
        if (c == '\'' || c == '"' || c == '`') {
            do {
                parser.at++;
            } while (parser_peek(&parser, 0) >= 0 && parser_peek(&parser, 0) != c);
        } else if (c == '(') {
            depth++;
        } else if (c == ')' && depth-- == 0) {
            return false;
        } else if (c == '$') {
            struct parser ahead = parser;
            return parse_whole_skip_name(&ahead);
        }
        parser.at++;
    }
    return false;
}

bool parse_whole_quantity(struct parser *parser, struct whole *whole)
{
    size_t at = parser->at;
    bool named = sees_name(*parser);
    if (!(named ? parse_named_quantity(parser, whole) : parse_read_quantity(parser, whole))) {
        return false;
    }
    enum value_class class = whole->self_time ? CLASS_DURATION : class_of_read(&whole->value);
    bool ordered = class == CLASS_ANY || class == CLASS_DURATION || class == CLASS_INT;
    return (class != CLASS_TIME && (whole->type == WHOLE_DISTINCT || ordered)) ||
           parser_fail(parser, at, "'%.*s' is no number and no duration",
                       (int)whole->value.text.len, (const char *)whole->value.text.data);
}
