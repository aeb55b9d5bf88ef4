#include "tracetest/foreign_words.h"

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_byte(int c)
{
    return is_letter(c) || is_digit(c) || c == '.' || c == '-';
}

static int peek(const struct foreign_scanner *scanner, size_t at)
{
    return at < scanner->text.len ? scanner->text.data[at] : -1;
}

bool foreign_fail(struct foreign_scanner *scanner, const char *flaw)
{
    if (scanner->flaw == NULL) {
        scanner->flaw = flaw;
    }
    scanner->word = WORD_END;
    return false;
}

bool foreign_fail_memory(struct foreign_scanner *scanner)
{
    scanner->no_memory = true;
    return foreign_fail(scanner, "no memory");
}

static void skip_blanks(struct foreign_scanner *scanner)
{
    int c = peek(scanner, scanner->at);
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        c = peek(scanner, ++scanner->at);
    }
}

static bool tell(struct foreign_scanner *scanner, enum foreign_word word, size_t from, size_t to)
{
    scanner->word = word;
    scanner->token = bytes_from(scanner->text.data + from, to - from);
    scanner->at = to;
    return true;
}

/* Names. */

static size_t end_of_name(const struct foreign_scanner *scanner, size_t at)
{
    while (is_name_byte(peek(scanner, at))) {
        at++;
    }
    return at;
}

/* A prefix belongs to the name that follows it without a blank. */
static bool scan_name(struct foreign_scanner *scanner)
{
    size_t end = end_of_name(scanner, scanner->begin);
    struct bytes name = bytes_from(scanner->text.data + scanner->begin, end - scanner->begin);
    enum foreign_word word = bytes_is(name, "attr")  ? WORD_ATTR
                             : bytes_is(name, "var") ? WORD_VARIABLE
                             : bytes_is(name, "env") ? WORD_ENV
                                                     : WORD_NAME;
    if (scanner->mode == FOREIGN_SELECTOR || word == WORD_NAME || peek(scanner, end) != ':') {
        return tell(scanner, WORD_NAME, scanner->begin, end);
    }
    size_t behind = end_of_name(scanner, end + 1);
    return behind > end + 1 ? tell(scanner, word, end + 1, behind)
                            : foreign_fail(scanner, "a name is missing after ':'");
}

/* Numbers and durations. */

static size_t end_of_number(const struct foreign_scanner *scanner, size_t at)
{
    while (is_digit(peek(scanner, at))) {
        at++;
    }
    if (peek(scanner, at) == '.' && is_digit(peek(scanner, at + 1))) {
        at += 2;
        while (is_digit(peek(scanner, at))) {
            at++;
        }
    }
    return at;
}

/* Length of the unit at `at`; 0: none. */
static size_t unit_at(const struct foreign_scanner *scanner, size_t at)
{
    static const char *const units[] = {"ns", "us", "ms", "s", "m", "h"};
    size_t end = end_of_name(scanner, at);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (bytes_is(bytes_from(scanner->text.data + at, end - at), units[i])) {
            return end - at;
        }
    }
    return 0;
}

/* A duration's number and unit, without the blank that may stand between them. */
static bool scan_duration(struct foreign_scanner *scanner, size_t number_end, size_t unit,
                          size_t unit_len)
{
    size_t len = number_end - scanner->begin;
    uint8_t *text = arena_alloc(scanner->arena, len + unit_len);
    if (text == NULL) {
        return foreign_fail_memory(scanner);
    }
    memcpy(text, scanner->text.data + scanner->begin, len);
    memcpy(text + len, scanner->text.data + unit, unit_len);
    scanner->word = WORD_DURATION;
    scanner->token = bytes_from(text, len + unit_len);
    scanner->at = unit + unit_len;
    return true;
}

static bool scan_number(struct foreign_scanner *scanner)
{
    size_t end = end_of_number(scanner, scanner->begin);
    size_t unit = end;
    if (scanner->mode == FOREIGN_EXPRESSION) {
        while (peek(scanner, unit) == ' ') {
            unit++;
        }
        size_t unit_len = unit_at(scanner, unit);
        if (unit_len > 0) {
            return scan_duration(scanner, end, unit, unit_len);
        }
    }
    return is_name_byte(peek(scanner, end)) && peek(scanner, end) != '-'
               ? foreign_fail(scanner, "a number must end before a letter or point")
               : tell(scanner, WORD_NUMBER, scanner->begin, end);
}

/* Quoted texts. */

static int unescape(const struct foreign_scanner *scanner, int quote, int c)
{
    if (c == quote) {
        return c;
    }
    if (scanner->mode == FOREIGN_EXPRESSION) {
        return -1;
    }
    return c == '\\' ? '\\' : c == 'n' ? '\n' : c == 't' ? '\t' : -1;
}

static bool scan_text(struct foreign_scanner *scanner)
{
    int quote = peek(scanner, scanner->begin);
    size_t at = scanner->begin + 1;
    uint8_t *text = arena_alloc(scanner->arena, scanner->text.len - scanner->begin);
    size_t len = 0;
    if (text == NULL) {
        return foreign_fail_memory(scanner);
    }
    for (int c = peek(scanner, at); c != quote; c = peek(scanner, at)) {
        if (c < 0) {
            return foreign_fail(scanner, "a quote is not closed");
        }
        int escaped = c == '\\' ? unescape(scanner, quote, peek(scanner, at + 1)) : -1;
        text[len++] = (uint8_t)(escaped >= 0 ? escaped : c);
        at += escaped >= 0 ? 2 : 1;
    }
    arena_trim(scanner->arena, text, scanner->text.len - scanner->begin, len > 0 ? len : 1);
    scanner->word = WORD_TEXT;
    scanner->token = bytes_from(text, len);
    scanner->at = at + 1;
    return true;
}

size_t foreign_end_of_value(struct bytes text, size_t at)
{
    int quote = 0;
    for (; at < text.len; at++) {
        int c = text.data[at];
        if (quote != 0) {
            quote = c == quote ? 0 : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '}') {
            return at + 1;
        }
    }
    return 0;
}

/* ${VALUE} without quotes around it, as it stands there. */
static bool scan_value(struct foreign_scanner *scanner)
{
    size_t end = foreign_end_of_value(scanner->text, scanner->begin + 2);
    return end != 0 ? tell(scanner, WORD_TEXT, scanner->begin, end)
                    : foreign_fail(scanner, "${ is not closed");
}

/* Symbols. */

static bool scan_symbol(struct foreign_scanner *scanner)
{
    int c = peek(scanner, scanner->begin);
    bool compared = c == '!' || c == '<' || c == '>';
    if (compared && peek(scanner, scanner->begin + 1) == '=') {
        return tell(scanner, WORD_SYMBOL, scanner->begin, scanner->begin + 2);
    }
    return c != '!' && c > 0 && c < 0x80 && strchr("=<>+-*/()[],|:", c) != NULL
               ? tell(scanner, WORD_SYMBOL, scanner->begin, scanner->begin + 1)
               : foreign_fail(scanner, "a character that has no meaning there");
}

bool foreign_scanner_next(struct foreign_scanner *scanner)
{
    if (scanner->flaw != NULL) {
        return false;
    }
    skip_blanks(scanner);
    scanner->begin = scanner->at;
    int c = peek(scanner, scanner->at);
    if (c < 0) {
        return tell(scanner, WORD_END, scanner->at, scanner->at);
    }
    if (is_letter(c)) {
        return scan_name(scanner);
    }
    if (is_digit(c)) {
        return scan_number(scanner);
    }
    if (c == '$' && peek(scanner, scanner->at + 1) == '{') {
        return scan_value(scanner);
    }
    return c == '"' || c == '\'' ? scan_text(scanner) : scan_symbol(scanner);
}

void foreign_scanner_begin(struct foreign_scanner *scanner, enum foreign_mode mode,
                           struct bytes text, struct arena *arena)
{
    text = text.data != NULL ? text : BYTES_LITERAL("");
    *scanner = (struct foreign_scanner){.text = text, .mode = mode, .arena = arena};
    if (text.len > FOREIGN_BYTES_MAX) {
        foreign_fail(scanner, "it is longer than 16384 bytes");
    }
    foreign_scanner_next(scanner);
}

bool foreign_sees(const struct foreign_scanner *scanner, const char *symbol)
{
    return scanner->word == WORD_SYMBOL && bytes_is(scanner->token, symbol);
}

bool foreign_sees_name(const struct foreign_scanner *scanner, const char *name)
{
    return scanner->word == WORD_NAME && bytes_is(scanner->token, name);
}

bool foreign_take(struct foreign_scanner *scanner, const char *symbol, bool *ret_taken)
{
    *ret_taken = foreign_sees(scanner, symbol);
    return !*ret_taken || foreign_scanner_next(scanner);
}

bool foreign_expect(struct foreign_scanner *scanner, const char *symbol)
{
    bool taken;
    if (!foreign_take(scanner, symbol, &taken)) {
        return false;
    }
    if (taken) {
        return true;
    }
    const char *flaw = arena_printf(scanner->arena, "'%s' is missing", symbol);
    return flaw == NULL ? foreign_fail_memory(scanner) : foreign_fail(scanner, flaw);
}
