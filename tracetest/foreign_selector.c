#include "tracetest/foreign_selector.h"

#include <errno.h>

static void *allocate(struct foreign_scanner *scanner, size_t bytes)
{
    void *memory = arena_calloc(scanner->arena, 1, bytes);
    if (memory == NULL) {
        foreign_fail_memory(scanner);
    }
    return memory;
}

static bool parse_value(struct foreign_scanner *scanner, struct foreign_match *match)
{
    size_t begin = scanner->begin;
    bool minus;
    if (!foreign_take(scanner, "-", &minus)) {
        return false;
    }
    match->value = scanner->token;
    if (scanner->word == WORD_NUMBER) {
        match->type = FOREIGN_VALUE_NUMBER;
        match->value = bytes_from(scanner->text.data + begin, scanner->at - begin);
    } else if (minus) {
        return foreign_fail(scanner, "a number is missing after '-'");
    } else if (scanner->word == WORD_TEXT) {
        match->type = FOREIGN_VALUE_TEXT;
    } else if (foreign_sees_name(scanner, "true") || foreign_sees_name(scanner, "false")) {
        match->type = FOREIGN_VALUE_BOOL;
    } else {
        return foreign_fail(scanner, "a value is missing: a text in quotes, a number, true, false");
    }
    return foreign_scanner_next(scanner);
}

static struct foreign_match *parse_match(struct foreign_scanner *scanner)
{
    struct foreign_match *match = allocate(scanner, sizeof *match);
    if (match == NULL) {
        return NULL;
    }
    if (scanner->word != WORD_NAME) {
        foreign_fail(scanner, "an attribute's name is missing");
        return NULL;
    }
    match->name = scanner->token;
    bool good = foreign_scanner_next(scanner);
    match->contains = good && foreign_sees_name(scanner, "contains");
    if (good && !match->contains && !foreign_sees(scanner, "=")) {
        foreign_fail(scanner, "'=' or 'contains' is missing: a selector has no other comparison");
        return NULL;
    }
    return good && foreign_scanner_next(scanner) && parse_value(scanner, match) ? match : NULL;
}

static bool parse_matches(struct foreign_scanner *scanner, const struct foreign_match **ret)
{
    struct foreign_match *first = NULL;
    struct foreign_match **end = &first;
    while (scanner->flaw == NULL && !foreign_sees(scanner, "]")) {
        bool comma;
        *end = parse_match(scanner);
        if (*end == NULL || !foreign_take(scanner, ",", &comma)) {
            return false;
        }
        end = &(*end)->next;
    }
    *ret = first;
    return foreign_expect(scanner, "]");
}

static bool parse_nth(struct foreign_scanner *scanner, struct foreign_part *part)
{
    if (!foreign_expect(scanner, "(")) {
        return false;
    }
    if (scanner->word != WORD_NUMBER) {
        return foreign_fail(scanner, "a number is missing in nth_child(...)");
    }
    part->nth = scanner->token;
    return foreign_scanner_next(scanner) && foreign_expect(scanner, ")");
}

static bool parse_pick(struct foreign_scanner *scanner, struct foreign_part *part)
{
    bool colon;
    if (!foreign_take(scanner, ":", &colon) || !colon) {
        return scanner->flaw == NULL;
    }
    part->pick = foreign_sees_name(scanner, "first")       ? FOREIGN_FIRST
                 : foreign_sees_name(scanner, "last")      ? FOREIGN_LAST
                 : foreign_sees_name(scanner, "nth_child") ? FOREIGN_NTH
                                                           : FOREIGN_ALL;
    if (part->pick == FOREIGN_ALL) {
        return foreign_fail(scanner, "first, last or nth_child must follow ':'");
    }
    return foreign_scanner_next(scanner) && (part->pick != FOREIGN_NTH || parse_nth(scanner, part));
}

static struct foreign_part *parse_part(struct foreign_scanner *scanner)
{
    struct foreign_part *part = allocate(scanner, sizeof *part);
    if (part == NULL) {
        return NULL;
    }
    if (!foreign_sees_name(scanner, "span")) {
        foreign_fail(scanner, "span[...] is missing");
        return NULL;
    }
    return foreign_scanner_next(scanner) && foreign_expect(scanner, "[") &&
                   parse_matches(scanner, &part->matches) && parse_pick(scanner, part)
               ? part
               : NULL;
}

static struct foreign_chain *parse_chain(struct foreign_scanner *scanner)
{
    struct foreign_chain *chain = allocate(scanner, sizeof *chain);
    struct foreign_part *first = NULL;
    struct foreign_part **end = &first;
    if (chain == NULL) {
        return NULL;
    }
    do {
        *end = parse_part(scanner);
        if (*end == NULL) {
            return NULL;
        }
        end = &(*end)->next;
    } while (foreign_sees_name(scanner, "span"));
    chain->parts = first;
    return chain;
}

static bool parse_chains(struct foreign_scanner *scanner, const struct foreign_chain **ret)
{
    struct foreign_chain *first = NULL;
    struct foreign_chain **end = &first;
    bool more = true;
    while (more) {
        *end = parse_chain(scanner);
        if (*end == NULL || !foreign_take(scanner, ",", &more)) {
            return false;
        }
        end = &(*end)->next;
    }
    *ret = first;
    return scanner->word == WORD_END || foreign_fail(scanner, "something stands behind its end");
}

int foreign_parse_selector(const struct foreign_chain **ret, struct bytes text, struct arena *arena,
                           const char **ret_flaw)
{
    struct foreign_scanner scanner;
    const struct foreign_chain *first = NULL;
    foreign_scanner_begin(&scanner, FOREIGN_SELECTOR, text, arena);
    bool good =
        scanner.flaw == NULL && (scanner.word == WORD_END || parse_chains(&scanner, &first));
    if (scanner.no_memory) {
        return -ENOMEM;
    }
    *ret = first;
    *ret_flaw = scanner.flaw;
    return !good;
}
