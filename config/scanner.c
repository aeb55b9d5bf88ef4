/*
 * Follows scanner.l of libconfig 1.5; where it differs the header says why.
 */
#include "config/scanner.h"

#include "daemon/core/number.h"

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex_digit(int c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_name_start(int c)
{
    return is_letter(c) || c == '*';
}

static bool is_name_part(int c)
{
    return is_name_start(c) || is_digit(c) || c == '-' || c == '_';
}

static bool is_one_of(int c, const char *set)
{
    return c > 0 && strchr(set, c) != NULL;
}

/* The byte at `at`, -1 behind the end. */
static int peek(const struct scanner *scanner, size_t at)
{
    return at < scanner->text.len ? scanner->text.data[at] : -1;
}

struct scanner scanner_of(struct bytes text)
{
    return (struct scanner){text, 0, 1};
}

bool token_is_mark(const struct token *token, char c)
{
    return token->type == TOKEN_MARK && token->text.data[0] == (uint8_t)c;
}

static void advance_to(struct scanner *scanner, size_t at)
{
    for (; scanner->at < at; scanner->at++) {
        scanner->line += scanner->text.data[scanner->at] == '\n';
    }
}

/* The token from here to `end`. */
static struct token take(struct scanner *scanner, enum token_type type, size_t end)
{
    struct token token = {.type = type,
                          .text = bytes_from(scanner->text.data + scanner->at, end - scanner->at),
                          .start = scanner->at,
                          .end = end,
                          .line = scanner->line};
    advance_to(scanner, end);
    token.last_line = scanner->line;
    return token;
}

static void skip_line(struct scanner *scanner)
{
    size_t at = scanner->at;
    while (at < scanner->text.len && scanner->text.data[at] != '\n') {
        at++;
    }
    advance_to(scanner, at);
}

/* Skips a comment of several lines; false: it has no end. */
static bool skip_comment(struct scanner *scanner)
{
    for (size_t at = scanner->at + 2; at + 1 < scanner->text.len; at++) {
        if (scanner->text.data[at] == '*' && scanner->text.data[at + 1] == '/') {
            advance_to(scanner, at + 2);
            return true;
        }
    }
    return false;
}

/* False: stands at a comment that has no end. */
static bool skip_blanks(struct scanner *scanner)
{
    for (;;) {
        int c = peek(scanner, scanner->at);
        int next = peek(scanner, scanner->at + 1);
        if (is_one_of(c, " \t\r\n")) {
            advance_to(scanner, scanner->at + 1);
        } else if (c == '#' || (c == '/' && next == '/')) {
            skip_line(scanner);
        } else if (c == '/' && next == '*') {
            if (!skip_comment(scanner)) {
                return false;
            }
        } else {
            return true;
        }
    }
}

/* Where the string whose quote stands at `at` ends, behind its closing quote; 0: never. */
static size_t string_end(const struct scanner *scanner, size_t at)
{
    for (at++; at < scanner->text.len; at++) {
        if (scanner->text.data[at] == '"') {
            return at + 1;
        }
        at += scanner->text.data[at] == '\\';
    }
    return 0;
}

static struct token take_string(struct scanner *scanner)
{
    size_t end = string_end(scanner, scanner->at);
    if (end == 0) {
        return take(scanner, TOKEN_OPEN_STRING, scanner->text.len);
    }
    struct token token = take(scanner, TOKEN_STRING, end);
    token.inner = bytes_from(token.text.data + 1, token.text.len - 2);
    return token;
}

static size_t word_end(const struct scanner *scanner, size_t at)
{
    while (at < scanner->text.len && !is_one_of(scanner->text.data[at], " \t\r\n;,\"=(){}[]")) {
        at++;
    }
    return at;
}

struct bytes scanner_word(const struct scanner *scanner, const struct token *token)
{
    size_t end = word_end(scanner, token->end);
    return bytes_from(scanner->text.data + token->start, end - token->start);
}

static struct token take_bad(struct scanner *scanner)
{
    size_t end = word_end(scanner, scanner->at);
    return take(scanner, TOKEN_BAD, end > scanner->at ? end : scanner->at + 1);
}

static size_t skip_digits(const struct scanner *scanner, size_t at)
{
    while (is_digit(peek(scanner, at))) {
        at++;
    }
    return at;
}

/* Behind an exponent that stands at `at`, or `at`. */
static size_t skip_exponent(const struct scanner *scanner, size_t at)
{
    if (!is_one_of(peek(scanner, at), "eE")) {
        return at;
    }
    size_t digits = at + 1 + is_one_of(peek(scanner, at + 1), "+-");
    size_t end = skip_digits(scanner, digits);
    return end > digits ? end : at;
}

static size_t skip_suffix(const struct scanner *scanner, size_t at)
{
    size_t end = at;
    while (end < at + 2 && peek(scanner, end) == 'L') {
        end++;
    }
    return end;
}

static bool decimal_fits(struct bytes digits, bool is_wide)
{
    if (digits.data[0] == '+') {
        digits = bytes_from(digits.data + 1, digits.len - 1);
    }
    int64_t number;
    if (number_parse_i64(digits, &number) == 2) {
        return false;
    }
    return is_wide || (number >= INT32_MIN && number <= INT32_MAX);
}

static bool hex_fits(struct bytes digits, bool is_wide)
{
    while (digits.len > 0 && digits.data[0] == '0') {
        digits = bytes_from(digits.data + 1, digits.len - 1);
    }
    size_t room = is_wide ? 16 : 8;
    return digits.len < room || (digits.len == room && digits.data[0] < '8');
}

static struct token take_hex(struct scanner *scanner)
{
    size_t end = scanner->at + 2;
    while (is_hex_digit(peek(scanner, end))) {
        end++;
    }
    struct bytes digits = bytes_from(scanner->text.data + scanner->at + 2, end - scanner->at - 2);
    size_t behind = skip_suffix(scanner, end);
    struct token token = take(scanner, TOKEN_INT, behind);
    token.is_wide = behind > end;
    token.does_not_fit = !hex_fits(digits, token.is_wide);
    return token;
}

static struct token take_integer(struct scanner *scanner, size_t end)
{
    struct bytes digits = bytes_from(scanner->text.data + scanner->at, end - scanner->at);
    size_t behind = skip_suffix(scanner, end);
    struct token token = take(scanner, TOKEN_INT, behind);
    token.is_wide = behind > end;
    token.does_not_fit = !decimal_fits(digits, token.is_wide);
    return token;
}

/* Integers, floats, and what only begins like one. */
static struct token take_number(struct scanner *scanner)
{
    size_t at = scanner->at;
    if (peek(scanner, at) == '0' && is_one_of(peek(scanner, at + 1), "xX") &&
        is_hex_digit(peek(scanner, at + 2))) {
        return take_hex(scanner);
    }
    size_t digits = at + is_one_of(peek(scanner, at), "+-");
    size_t whole = skip_digits(scanner, digits);
    size_t end = whole;
    if (peek(scanner, whole) == '.') {
        end = skip_digits(scanner, whole + 1);
    }
    bool has_digits = whole > digits || end > whole + 1;
    end = has_digits ? skip_exponent(scanner, end) : end;
    if (!has_digits) {
        return take_bad(scanner);
    }
    return end > whole ? take(scanner, TOKEN_FLOAT, end) : take_integer(scanner, whole);
}

static struct token take_number_alone(struct scanner *scanner)
{
    struct scanner before = *scanner;
    struct token token = take_number(scanner);
    int next = peek(scanner, scanner->at);
    if (token.type != TOKEN_BAD && (is_name_part(next) || is_one_of(next, ".:%+"))) {
        *scanner = before;
        return take_bad(scanner);
    }
    return token;
}

static struct token take_name(struct scanner *scanner)
{
    size_t end = scanner->at;
    while (is_name_part(peek(scanner, end))) {
        end++;
    }
    struct token token = take(scanner, TOKEN_NAME, end);
    if (bytes_is_nocase(token.text, "true") || bytes_is_nocase(token.text, "false")) {
        token.type = TOKEN_BOOL;
    }
    return token;
}

static bool is_first_on_line(const struct scanner *scanner)
{
    size_t at = scanner->at;
    while (at > 0 && is_one_of(scanner->text.data[at - 1], " \t")) {
        at--;
    }
    return at == 0 || scanner->text.data[at - 1] == '\n';
}

static struct token take_include(struct scanner *scanner)
{
    static const struct bytes word = {(const uint8_t *)"@include", 8};
    struct bytes rest =
        bytes_from(scanner->text.data + scanner->at, scanner->text.len - scanner->at);
    size_t quote = scanner->at + word.len;
    while (is_one_of(peek(scanner, quote), " \t")) {
        quote++;
    }
    bool is_include =
        bytes_start_with(rest, word) && quote > scanner->at + word.len && is_first_on_line(scanner);
    size_t end = is_include && peek(scanner, quote) == '"' ? string_end(scanner, quote) : 0;
    if (end == 0) {
        return take_bad(scanner);
    }
    struct token token = take(scanner, TOKEN_INCLUDE, end);
    token.inner = bytes_from(scanner->text.data + quote + 1, end - quote - 2);
    return token;
}

struct token scanner_next(struct scanner *scanner)
{
    if (!skip_blanks(scanner)) {
        return take(scanner, TOKEN_OPEN_COMMENT, scanner->text.len);
    }
    int c = peek(scanner, scanner->at);
    if (c < 0) {
        return take(scanner, TOKEN_END, scanner->at);
    }
    if (is_one_of(c, "=:;,{}()[]")) {
        return take(scanner, TOKEN_MARK, scanner->at + 1);
    }
    if (c == '"') {
        return take_string(scanner);
    }
    if (is_name_start(c)) {
        return take_name(scanner);
    }
    if (is_digit(c) || is_one_of(c, "+-.")) {
        return take_number_alone(scanner);
    }
    return c == '@' ? take_include(scanner) : take_bad(scanner);
}
