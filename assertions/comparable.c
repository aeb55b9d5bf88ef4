/*
 * What can never be compared, told when the expression is read (SEMANTICS 2, "can't be compared"):
 * by the class of the left side, the operator and the type of the value.
 */
#include "assertions/habits.h"
#include "assertions/parse.h"
#include "assertions/unit_words.h"
#include "config/suggest.h"
#include "daemon/core/number.h"
#include "daemon/core/units.h"

static const char *const kinds[] = {"internal", "server", "client", "producer", "consumer"};
static const char *const types[] = {"database", "messaging", "faas",      "graphql",
                                    "rpc",      "http",      "exception", "general"};
static const char *const statuses[] = {"unset", "ok", "error"};

enum value_class class_of_key(const struct key *key)
{
    if (key->space != KEY_FIELD) {
        return key->space == KEY_DEFECT ? CLASS_TEXT : CLASS_ANY;
    }
    switch (key->field) {
    case FIELD_KIND:
        return CLASS_KIND;
    case FIELD_STATUS:
        return CLASS_STATUS;
    case FIELD_DURATION:
    case FIELD_SELF_TIME:
        return CLASS_DURATION;
    case FIELD_START:
    case FIELD_END:
        return CLASS_TIME;
    case FIELD_TYPE:
        return CLASS_TYPE;
    case FIELD_EVENT_COUNT:
    case FIELD_LINK_COUNT:
        return CLASS_INT;
    default:
        return CLASS_TEXT;
    }
}

static enum value_class class_of_injection(const struct term *term)
{
    static const struct {
        const char *name;
        enum value_class class;
    } members[] = {
        {"time", CLASS_TIME},     {"duration", CLASS_DURATION}, {"status", CLASS_INT},
        {"iteration", CLASS_INT}, {"outcome", CLASS_TEXT},      {"scenario", CLASS_TEXT},
        {"step", CLASS_TEXT},     {"zone", CLASS_TEXT},         {"tenant", CLASS_TEXT},
        {"minion", CLASS_TEXT},
    };
    for (size_t i = 0; !term->injection_quoted && i < sizeof members / sizeof members[0]; i++) {
        if (bytes_is(term->injection_key, members[i].name)) {
            return members[i].class;
        }
    }
    return CLASS_ANY;
}

enum value_class class_of_term(const struct term *term)
{
    switch (term->type) {
    case TERM_COUNT:
    case TERM_NAME_COUNT:
        return CLASS_COUNT;
    case TERM_DIFFERENCE:
        return CLASS_DURATION;
    case TERM_WHOLE:
        return class_of_whole(term->whole);
    case TERM_INJECTION:
        return class_of_injection(term);
    default:
        return class_of_key(&term->key);
    }
}

static bool is_order(enum compare_op op)
{
    return op == OP_LESS || op == OP_LESS_EQUAL || op == OP_GREATER || op == OP_GREATER_EQUAL;
}

static bool is_equality(enum compare_op op)
{
    return op == OP_EQUAL || op == OP_NOT_EQUAL;
}

static bool is_number(const struct operand *value)
{
    return value->type == OPERAND_INT || value->type == OPERAND_DOUBLE;
}

static bool is_canonical_duration(const struct operand *value)
{
    int64_t ns;
    char scratch[OPERAND_TEXT_MAX];
    if (value->type != OPERAND_TEXT || units_parse_duration(value->bytes, &ns) != 0) {
        return false;
    }
    struct operand duration = {.type = OPERAND_DURATION, .ns = ns};
    return bytes_equal(operand_text(&duration, scratch), value->bytes);
}

/* What a word that is no value may have been meant as; else `otherwise`. */
static const char *meant_by(const struct literal *literal, const char *otherwise)
{
    if (literal->quoted || literal->value.type != OPERAND_TEXT) {
        return "";
    }
    const char *words = unit_words(literal->value.bytes);
    return words != NULL ? words : otherwise;
}

/* `<` and its like on what may be any number or text. */
static bool check_order(struct parser *parser, struct bytes left,
                        const struct comparison *comparison)
{
    const char *meant = habit_of_duration(left);
    const struct operand *value = &comparison->literal.value;
    const char *op = compare_op_text(comparison->op);
    size_t at = comparison->literal.at;
    switch (value->type) {
    case OPERAND_BOOL:
        return parser_fail(parser, at, "'%s' can't compare with true or false; write = or !=", op);
    case OPERAND_DURATION:
        return parser_fail(parser, at,
                           "'%s' compares only times and durations with a duration (duration, "
                           "$x.duration, $x.start - $y.end); write a number for an attribute%s",
                           op, meant != NULL ? meant : "");
    case OPERAND_TEXT:
        return number_is_canonical(value->bytes) ||
               parser_fail(
                   parser, at, "'%s' needs a number; '%.*s' is a text%s", op,
                   (int)(value->bytes.len < 80 ? value->bytes.len : 80),
                   (const char *)value->bytes.data,
                   meant_by(&comparison->literal, "; a key on the right has its prefix: attr:x"));
    default:
        return true;
    }
}

static bool check_word(struct parser *parser, struct bytes left,
                       const struct comparison *comparison, const char *const *known, size_t count,
                       const char *list)
{
    const struct operand *value = &comparison->literal.value;
    if (is_order(comparison->op)) {
        return parser_fail(parser, comparison->op_at,
                           "'%.*s' has no order; write = or != and one of %s", (int)left.len,
                           (const char *)left.data, list);
    }
    if (!is_equality(comparison->op)) {
        return true;
    }
    for (size_t i = 0; value->type == OPERAND_TEXT && i < count; i++) {
        if (bytes_is(value->bytes, known[i])) {
            return true;
        }
    }
    const char *near = value->type == OPERAND_TEXT ? suggest(value->bytes, known, count) : NULL;
    return parser_fail(parser, comparison->literal.at, "'%.*s' is one of %s%s%s%s", (int)left.len,
                       (const char *)left.data, list, near != NULL ? "; did you mean " : "",
                       near != NULL ? near : "", near != NULL ? "?" : "");
}

static bool check_number(struct parser *parser, struct bytes left,
                         const struct comparison *comparison)
{
    const struct operand *value = &comparison->literal.value;
    if (!is_order(comparison->op) && !is_equality(comparison->op)) {
        return parser_fail(parser, comparison->op_at,
                           "'%.*s' is a number; compare it with = != < <= > >= in", (int)left.len,
                           (const char *)left.data);
    }
    bool fits =
        is_number(value) || (value->type == OPERAND_TEXT && number_is_canonical(value->bytes));
    return fits || parser_fail(parser, comparison->literal.at,
                               "'%.*s' is a number; compare it with a number%s", (int)left.len,
                               (const char *)left.data, meant_by(&comparison->literal, ""));
}

static bool check_ns(struct parser *parser, enum value_class class, struct bytes left,
                     const struct comparison *comparison)
{
    const struct operand *value = &comparison->literal.value;
    const char *what = class == CLASS_TIME ? "time" : "duration";
    if (!is_order(comparison->op) && !is_equality(comparison->op)) {
        return parser_fail(parser, comparison->op_at,
                           "'%.*s' is a %s; compare it with = != < <= > >= in", (int)left.len,
                           (const char *)left.data, what);
    }
    bool fits =
        value->type == OPERAND_DURATION ||
        (class == CLASS_DURATION && is_equality(comparison->op) && is_canonical_duration(value));
    const char *shown = is_number(value) ? ", with a unit, such as 50ms" : ", such as 50ms";
    if (!fits && class == CLASS_TIME) {
        return parser_fail(parser, comparison->literal.at,
                           "'%.*s' is a time; compare its difference from another one with a "
                           "duration: $x.start - $y.end < 5s",
                           (int)left.len, (const char *)left.data);
    }
    return fits ||
           parser_fail(parser, comparison->literal.at,
                       "'%.*s' is a %s; compare it with a duration%s%s", (int)left.len,
                       (const char *)left.data, what, shown, meant_by(&comparison->literal, ""));
}

bool check_comparable(struct parser *parser, enum value_class class, struct bytes left,
                      const struct comparison *comparison)
{
    bool presence = comparison->op == OP_EXISTS || comparison->op == OP_MISSING;
    if (presence && class != CLASS_COUNT) {
        return true;
    }
    switch (class) {
    case CLASS_ANY:
    case CLASS_TEXT:
        return !is_order(comparison->op) || check_order(parser, left, comparison);
    case CLASS_KIND:
        return check_word(parser, left, comparison, kinds, sizeof kinds / sizeof kinds[0],
                          "internal, server, client, producer, consumer");
    case CLASS_STATUS:
        return check_word(parser, left, comparison, statuses, sizeof statuses / sizeof statuses[0],
                          "unset, ok, error");
    case CLASS_TYPE:
        return check_word(parser, left, comparison, types, sizeof types / sizeof types[0],
                          "database, messaging, faas, graphql, rpc, http, exception, general");
    case CLASS_INT:
    case CLASS_COUNT:
        return check_number(parser, left, comparison);
    case CLASS_DURATION:
    case CLASS_TIME:
        return check_ns(parser, class, left, comparison);
    case CLASS_LIMIT:
        break;
    }
    return true;
}
