#include "tracetest/foreign_expression.h"

#include <errno.h>

static const struct foreign_expression *parse_expression(struct foreign_scanner *scanner);

static void *allocate(struct foreign_scanner *scanner, size_t bytes)
{
    void *memory = arena_calloc(scanner->arena, 1, bytes);
    if (memory == NULL) {
        foreign_fail_memory(scanner);
    }
    return memory;
}

/* Quoted texts. */

static const struct foreign_expression *parse_inner(struct foreign_scanner *scanner,
                                                    struct bytes text)
{
    struct foreign_scanner inner;
    foreign_scanner_begin(&inner, FOREIGN_EXPRESSION, text, scanner->arena);
    inner.depth = scanner->depth;
    const struct foreign_expression *value = parse_expression(&inner);
    if (value != NULL && inner.word != WORD_END) {
        foreign_fail(&inner, "something stands behind the expression in ${...}");
    }
    if (inner.flaw != NULL) {
        scanner->no_memory |= inner.no_memory;
        foreign_fail(scanner, inner.flaw);
        return NULL;
    }
    return value;
}

static size_t find_value(struct bytes text, size_t at)
{
    while (at + 1 < text.len && !(text.data[at] == '$' && text.data[at + 1] == '{')) {
        at++;
    }
    return at + 1 < text.len ? at : text.len;
}

static struct foreign_piece *add_piece(struct foreign_scanner *scanner, struct foreign_piece ***end,
                                       struct bytes text)
{
    struct foreign_piece *piece = allocate(scanner, sizeof *piece);
    if (piece != NULL) {
        piece->text = text;
        **end = piece;
        *end = &piece->next;
    }
    return piece;
}

static bool parse_pieces(struct foreign_scanner *scanner, struct bytes text,
                         const struct foreign_piece **ret)
{
    struct foreign_piece *first = NULL;
    struct foreign_piece **end = &first;
    size_t at = 0;
    while (at < text.len) {
        size_t dollar = find_value(text, at);
        if (dollar > at &&
            add_piece(scanner, &end, bytes_from(text.data + at, dollar - at)) == NULL) {
            return false;
        }
        at = dollar;
        if (at < text.len) {
            size_t behind = foreign_end_of_value(text, at + 2);
            if (behind == 0) {
                return foreign_fail(scanner, "${ is not closed");
            }
            struct foreign_piece *piece = add_piece(scanner, &end, BYTES_NULL);
            if (piece == NULL) {
                return false;
            }
            piece->value = parse_inner(scanner, bytes_from(text.data + at + 2, behind - at - 3));
            if (piece->value == NULL) {
                return false;
            }
            at = behind;
        }
    }
    *ret = first;
    return true;
}

/* Terms. */

/* ${VALUE} without quotes around it: the value. */
static bool parse_bare(struct foreign_scanner *scanner, struct foreign_term *term)
{
    struct bytes text = scanner->token;
    const struct foreign_expression *value =
        parse_inner(scanner, bytes_from(text.data + 2, text.len - 3));
    if (value == NULL) {
        return false;
    }
    if (value->steps != NULL || value->filters != NULL) {
        return foreign_fail(scanner, "one value stands in ${...}");
    }
    *term = *value->first;
    term->next = NULL;
    return foreign_scanner_next(scanner);
}

static struct foreign_term *parse_term(struct foreign_scanner *scanner);

/* Terms with commas between them, up to `close`. */
static bool parse_items(struct foreign_scanner *scanner, const char *close,
                        const struct foreign_term **ret)
{
    struct foreign_term *first = NULL;
    struct foreign_term **end = &first;
    bool more = !foreign_sees(scanner, close);
    while (more) {
        *end = parse_term(scanner);
        if (*end == NULL || !foreign_take(scanner, ",", &more)) {
            return false;
        }
        end = &(*end)->next;
    }
    *ret = first;
    return foreign_expect(scanner, close);
}

/* A name: a bool, a function's, or an attribute's as old files write it. */
static bool parse_name(struct foreign_scanner *scanner, struct foreign_term *term)
{
    bool call;
    term->text = scanner->token;
    bool is_bool = bytes_is(term->text, "true") || bytes_is(term->text, "false");
    if (!foreign_scanner_next(scanner) || !foreign_take(scanner, "(", &call)) {
        return false;
    }
    term->type = call ? FOREIGN_CALL : is_bool ? FOREIGN_BOOL : FOREIGN_ATTR;
    return !call || parse_items(scanner, ")", &term->items);
}

static bool parse_signed(struct foreign_scanner *scanner, struct foreign_term *term)
{
    size_t sign = scanner->begin;
    if (!foreign_scanner_next(scanner)) {
        return false;
    }
    if (scanner->word != WORD_NUMBER || scanner->begin != sign + 1) {
        return foreign_fail(scanner, "a value is missing");
    }
    term->type = FOREIGN_NUMBER;
    term->text = bytes_from(scanner->text.data + sign, scanner->at - sign);
    return foreign_scanner_next(scanner);
}

static bool parse_plain(struct foreign_scanner *scanner, struct foreign_term *term,
                        enum foreign_term_type type)
{
    term->type = type;
    term->text = scanner->token;
    return foreign_scanner_next(scanner);
}

static bool parse_array(struct foreign_scanner *scanner, struct foreign_term *term)
{
    term->type = FOREIGN_ARRAY;
    return foreign_scanner_next(scanner) && parse_items(scanner, "]", &term->items);
}

static bool parse_any(struct foreign_scanner *scanner, struct foreign_term *term)
{
    switch (scanner->word) {
    case WORD_ATTR:
        return parse_plain(scanner, term, FOREIGN_ATTR);
    case WORD_VARIABLE:
        return parse_plain(scanner, term, FOREIGN_VARIABLE);
    case WORD_ENV:
        return parse_plain(scanner, term, FOREIGN_ENV);
    case WORD_NUMBER:
        return parse_plain(scanner, term, FOREIGN_NUMBER);
    case WORD_DURATION:
        return parse_plain(scanner, term, FOREIGN_DURATION);
    case WORD_TEXT:
        if (scanner->text.data[scanner->begin] == '$') {
            return parse_bare(scanner, term);
        }
        return parse_pieces(scanner, scanner->token, &term->pieces) &&
               parse_plain(scanner, term, FOREIGN_TEXT);
    case WORD_NAME:
        return parse_name(scanner, term);
    case WORD_SYMBOL:
        if (foreign_sees(scanner, "[")) {
            return parse_array(scanner, term);
        }
        return foreign_sees(scanner, "-") ? parse_signed(scanner, term)
                                          : foreign_fail(scanner, "a value is missing");
    case WORD_END:
        break;
    }
    return foreign_fail(scanner, "a value is missing at the end");
}

static struct foreign_term *parse_term(struct foreign_scanner *scanner)
{
    struct foreign_term *term = allocate(scanner, sizeof *term);
    if (term == NULL) {
        return NULL;
    }
    if (scanner->depth == FOREIGN_DEPTH_MAX) {
        foreign_fail(scanner, "it is nested too deeply");
        return NULL;
    }
    scanner->depth++;
    bool good = parse_any(scanner, term);
    scanner->depth--;
    return good ? term : NULL;
}

/* Expressions. */

static bool sees_operator(const struct foreign_scanner *scanner)
{
    return scanner->word == WORD_SYMBOL && scanner->token.len == 1 &&
           strchr("+-*/", scanner->token.data[0]) != NULL;
}

static bool parse_steps(struct foreign_scanner *scanner, const struct foreign_step **ret)
{
    struct foreign_step *first = NULL;
    struct foreign_step **end = &first;
    while (sees_operator(scanner)) {
        struct foreign_step *step = allocate(scanner, sizeof *step);
        if (step == NULL) {
            return false;
        }
        step->op = (char)scanner->token.data[0];
        step->term = foreign_scanner_next(scanner) ? parse_term(scanner) : NULL;
        if (step->term == NULL) {
            return false;
        }
        *end = step;
        end = &step->next;
    }
    *ret = first;
    return true;
}

static bool sees_argument(const struct foreign_scanner *scanner)
{
    switch (scanner->word) {
    case WORD_ATTR:
    case WORD_VARIABLE:
    case WORD_ENV:
    case WORD_NUMBER:
    case WORD_DURATION:
    case WORD_TEXT:
        return true;
    default:
        return foreign_sees(scanner, "[");
    }
}

static struct foreign_filter *parse_filter(struct foreign_scanner *scanner)
{
    struct foreign_filter *filter = allocate(scanner, sizeof *filter);
    struct foreign_term *first = NULL;
    struct foreign_term **end = &first;
    if (filter == NULL) {
        return NULL;
    }
    if (scanner->word != WORD_NAME) {
        foreign_fail(scanner, "a filter's name is missing after '|'");
        return NULL;
    }
    filter->name = scanner->token;
    bool good = foreign_scanner_next(scanner);
    while (good && sees_argument(scanner)) {
        *end = parse_term(scanner);
        good = *end != NULL;
        end = good ? &(*end)->next : end;
        filter->argument_count++;
    }
    filter->arguments = first;
    return good ? filter : NULL;
}

static bool parse_filters(struct foreign_scanner *scanner, const struct foreign_filter **ret)
{
    struct foreign_filter *first = NULL;
    struct foreign_filter **end = &first;
    bool more;
    while (foreign_take(scanner, "|", &more) && more) {
        *end = parse_filter(scanner);
        if (*end == NULL) {
            return false;
        }
        end = &(*end)->next;
    }
    *ret = first;
    return scanner->flaw == NULL;
}

static const struct foreign_expression *parse_expression(struct foreign_scanner *scanner)
{
    struct foreign_expression *expression = allocate(scanner, sizeof *expression);
    if (expression == NULL) {
        return NULL;
    }
    expression->first = scanner->flaw == NULL ? parse_term(scanner) : NULL;
    bool good = expression->first != NULL && parse_steps(scanner, &expression->steps) &&
                parse_filters(scanner, &expression->filters);
    return good ? expression : NULL;
}

/* Assertions. */

static bool parse_comparator(struct foreign_scanner *scanner, enum foreign_comparator *ret)
{
    static const struct {
        const char *word;
        enum foreign_comparator comparator;
    } words[] = {{"=", FOREIGN_EQ},
                 {"!=", FOREIGN_NE},
                 {"<", FOREIGN_LT},
                 {"<=", FOREIGN_LE},
                 {">", FOREIGN_GT},
                 {">=", FOREIGN_GE},
                 {"contains", FOREIGN_CONTAINS},
                 {"not-contains", FOREIGN_NOT_CONTAINS},
                 {"starts-with", FOREIGN_STARTS_WITH},
                 {"startsWith", FOREIGN_STARTS_WITH},
                 {"ends-with", FOREIGN_ENDS_WITH},
                 {"endsWith", FOREIGN_ENDS_WITH},
                 {"json-contains", FOREIGN_JSON_CONTAINS}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (foreign_sees(scanner, words[i].word) || foreign_sees_name(scanner, words[i].word)) {
            *ret = words[i].comparator;
            return foreign_scanner_next(scanner);
        }
    }
    return foreign_fail(scanner, "a comparison is missing: = != < <= > >= contains not-contains");
}

static int outcome(struct foreign_scanner *scanner, bool good, const char **ret_flaw)
{
    if (good && scanner->word != WORD_END) {
        foreign_fail(scanner, "something stands behind its end");
    }
    if (scanner->no_memory) {
        return -ENOMEM;
    }
    *ret_flaw = scanner->flaw;
    return scanner->flaw != NULL;
}

int foreign_parse_assertion(struct foreign_assertion *ret, struct bytes text, struct arena *arena,
                            const char **ret_flaw)
{
    struct foreign_scanner scanner;
    foreign_scanner_begin(&scanner, FOREIGN_EXPRESSION, text, arena);
    ret->left = parse_expression(&scanner);
    bool good = ret->left != NULL && parse_comparator(&scanner, &ret->comparator);
    ret->right = good ? parse_expression(&scanner) : NULL;
    return outcome(&scanner, ret->right != NULL, ret_flaw);
}

int foreign_parse_value(const struct foreign_expression **ret, struct bytes text,
                        struct arena *arena, const char **ret_flaw)
{
    struct foreign_scanner scanner;
    foreign_scanner_begin(&scanner, FOREIGN_EXPRESSION, text, arena);
    *ret = parse_expression(&scanner);
    return outcome(&scanner, *ret != NULL, ret_flaw);
}
