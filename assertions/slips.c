/* Looks at tokens alone: what stands where was found good by the parsers. */
#include "assertions/slips.h"

#include <ctype.h>
#include <string.h>

enum token_type { TOKEN_END, TOKEN_WORD, TOKEN_TEXT, TOKEN_SIGN };

struct token {
    enum token_type type;
    struct bytes text;   /* without its quotes */
    bool interpolated;   /* a text with an f before it */
    struct bytes before; /* the operator or word before it, blanks and ( , left out */
};

struct scanner {
    struct bytes rest;
    struct bytes before;
    bool types; /* a type was asked for since the last value */
};

static bool is_word_byte(uint8_t c)
{
    return isalnum(c) != 0 || c >= 0x80 || (c != '\0' && strchr("_.-/:$", c) != NULL);
}

static bool is_sign_byte(uint8_t c)
{
    return c != '\0' && strchr("=!<>~", c) != NULL;
}

static size_t run_of(struct bytes text, bool (*belongs)(uint8_t))
{
    size_t len = 0;
    while (len < text.len && belongs(text.data[len])) {
        len++;
    }
    return len;
}

/* The length of a quoted text with both quotes; an escape passes the byte behind it. */
static size_t quoted_len(struct bytes text)
{
    size_t len = 1;
    while (len < text.len && text.data[len] != text.data[0]) {
        len += text.data[len] == '\\' && text.data[0] != '`' ? 2 : 1;
    }
    return len < text.len ? len + 1 : text.len;
}

static struct bytes take(struct scanner *scanner, size_t len)
{
    struct bytes taken = bytes_from(scanner->rest.data, len);
    scanner->rest = bytes_from(scanner->rest.data + len, scanner->rest.len - len);
    return taken;
}

static struct token take_quoted(struct scanner *scanner, bool interpolated)
{
    struct bytes quoted = take(scanner, quoted_len(scanner->rest));
    size_t inner = quoted.len >= 2 ? quoted.len - 2 : 0;
    return (struct token){TOKEN_TEXT, bytes_from(quoted.data + 1, inner), interpolated,
                          scanner->before};
}

static struct token next_token(struct scanner *scanner)
{
    while (scanner->rest.len != 0) {
        uint8_t c = scanner->rest.data[0];
        bool interpolates = c == 'f' && scanner->rest.len > 1 &&
                            (scanner->rest.data[1] == '\'' || scanner->rest.data[1] == '"');
        if (interpolates) {
            take(scanner, 1);
        }
        if (interpolates || c == '\'' || c == '"') {
            return take_quoted(scanner, interpolates);
        }
        if (is_word_byte(c)) {
            size_t len = run_of(scanner->rest, is_word_byte);
            return (struct token){TOKEN_WORD, take(scanner, len), false, scanner->before};
        }
        if (is_sign_byte(c)) {
            size_t len = run_of(scanner->rest, is_sign_byte);
            return (struct token){TOKEN_SIGN, take(scanner, len), false, scanner->before};
        }
        take(scanner, c == '`' ? quoted_len(scanner->rest) : 1);
    }
    return (struct token){TOKEN_END, BYTES_NULL, false, BYTES_NULL};
}

static bool is_any(struct bytes word, const char *const *known, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_is(word, known[i])) {
            return true;
        }
    }
    return false;
}
#define IS_ANY(word, known) is_any(word, known, sizeof(known) / sizeof(known)[0])

static bool ends_with(struct bytes text, const char *end)
{
    size_t len = strlen(end);
    return text.len >= len && memcmp(text.data + text.len - len, end, len) == 0;
}

/* --- values --- */

static const char *slip_of_word(struct bytes word)
{
    static const char *const nothing[] = {"null", "NULL", "nil", "undefined"};
    static const char *const bools[] = {"TRUE", "True", "FALSE", "False"};
    bool number = isdigit(word.data[0]) != 0;
    if (IS_ANY(word, nothing)) {
        return "is a text; write KEY missing, or KEY exists";
    }
    if (IS_ANY(word, bools)) {
        return "is a text; write true or false";
    }
    if (number && bytes_contain(word, bytes_of(".."))) {
        return "is a text, not a range; write two comparisons, >= and <=";
    }
    if (number && word.len == 3 && (ends_with(word, "xx") || ends_with(word, "XX"))) {
        return "is a text, not a class of numbers; write two comparisons, such as >= 200 and < 300";
    }
    if (number && run_of(word, is_word_byte) == word.len && memchr(word.data, '_', word.len) &&
        isdigit(word.data[word.len - 1])) {
        return "is a text; write a number with digits alone";
    }
    if (word.len > 1 && word.data[0] == '.' && isdigit(word.data[1])) {
        return "is a text; write a digit before the point";
    }
    return NULL;
}

static bool looks_like_json(struct bytes text)
{
    struct bytes trimmed = bytes_trim(text);
    bool object = bytes_start_with(trimmed, bytes_of("{")) && ends_with(trimmed, "}");
    bool array = bytes_start_with(trimmed, bytes_of("[")) && ends_with(trimmed, "]");
    return object || array;
}

/* What no text can match: something before its beginning, behind its end. */
static bool is_between_slashes(struct bytes pattern)
{
    return bytes_start_with(pattern, bytes_of("/^")) || ends_with(pattern, "$/") ||
           ends_with(pattern, "$/i");
}

static const char *slip_of_value(const struct scanner *scanner, const struct token *token)
{
    static const char *const types[] = {"string",  "number", "integer", "float",
                                        "boolean", "object", "list",    "nil"};
    struct bytes text = token->text;
    if (bytes_is(token->before, "=~") || bytes_is(token->before, "!~")) {
        return is_between_slashes(text) ? "never matches: the slashes are part of the pattern"
                                        : NULL;
    }
    if (scanner->types && IS_ANY(text, types)) {
        return "is no type; there are text bool int double bytes array map duration time";
    }
    if (token->type == TOKEN_WORD) {
        return slip_of_word(text);
    }
    if (!token->interpolated && bytes_contain(text, bytes_of("${"))) {
        return "is taken as it is; write f'...${KEY}...' to put values in";
    }
    if (bytes_is(token->before, "contains") && looks_like_json(text)) {
        return "is looked for byte by byte; write json-contains to compare JSON";
    }
    if (bytes_is(token->before, "=") && bytes_is(text, "*")) {
        return "is a text, not any value; write KEY exists";
    }
    return NULL;
}

/* --- keys --- */

/* A sign within a key, with a number behind it. */
static bool holds_arithmetic(struct bytes word)
{
    static const char *const times[] = {"duration-", "start-", "end-"};
    size_t digits = 0;
    while (digits < word.len && isdigit(word.data[word.len - 1 - digits])) {
        digits++;
    }
    if (digits != 0 && digits < word.len && word.data[word.len - 1 - digits] == '/') {
        return true;
    }
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        if (bytes_start_with(word, bytes_of(times[i]))) {
            return true;
        }
    }
    return false;
}

static const char *slip_of_key(struct bytes word)
{
    if (bytes_start_with(word, bytes_of("attr:tracetest."))) {
        word = bytes_from(word.data + 5, word.len - 5);
    }
    static const struct {
        const char *key, *instead;
    } keys[] = {
        {"span.kind", "is an attribute; the span's own is kind"},
        {"otel.status_code", "is an attribute; the span's own is status"},
        {"status.code", "is an attribute; the span's own is status"},
        {"events.name", "is an attribute; that of an event is event:name"},
        {"parent.name", "is an attribute; write span[name=PARENT] > span[...]"},
        {"name.length", "is an attribute; write length(name)"},
        {"duration.ms", "is an attribute; the span's own is duration, with a unit: 500ms"},
        {"duration_ms", "is an attribute; the span's own is duration, with a unit: 500ms"},
        {"otel.scope.name", "is an attribute; the scope's is scope:name"},
        {"otel.library.name", "is an attribute; the scope's is scope:name"},
        {"tracetest.selected_spans.count", "is an attribute; write count"},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (bytes_is(word, keys[i].key)) {
            return keys[i].instead;
        }
    }
    if (bytes_start_with(word, bytes_of("attributes."))) {
        return "is an attribute of that name; write attr:KEY";
    }
    if (word.data[0] == '$' && ends_with(word, ".count")) {
        return "is an attribute; the number of spans is count($x)";
    }
    if (bytes_start_with(word, bytes_of("tracetest.span."))) {
        return "is an attribute; the span's own are name, kind, status, duration, span:type";
    }
    if (bytes_start_with(word, bytes_of("resource."))) {
        return "is an attribute of that name; the resource's are resource:KEY";
    }
    return holds_arithmetic(word) ? "is one key; put blanks around the sign" : NULL;
}

/* --- all --- */

static bool is_operator_word(struct bytes word)
{
    static const char *const words[] = {"in", "contains", "starts-with", "ends-with",
                                        "json-contains"};
    return IS_ANY(word, words);
}

static bool is_value(const struct token *token)
{
    bool compared =
        token->before.len != 0 && (is_sign_byte(token->before.data[token->before.len - 1]) ||
                                   is_operator_word(token->before));
    return token->type == TOKEN_TEXT || compared;
}

/* What the token that is passed means for the next one: a list's values all stand behind `in`. */
static void pass(struct scanner *scanner, const struct token *token)
{
    bool operates = token->type == TOKEN_SIGN || is_operator_word(token->text);
    bool listed = bytes_is(scanner->before, "in") && scanner->rest.len != 0 && !operates &&
                  (scanner->rest.data[0] == ',');
    if (token->type == TOKEN_WORD && bytes_is(token->text, "type")) {
        scanner->types = true;
    } else if (!operates && !listed) {
        scanner->types = scanner->types && !is_value(token);
    }
    if (!listed) {
        scanner->before = token->text;
    }
}

bool slip_find(struct bytes expression, struct slip *ret)
{
    struct scanner scanner = {expression, BYTES_NULL, false};
    struct token token;
    while ((token = next_token(&scanner)).type != TOKEN_END) {
        const char *instead = NULL;
        if (token.type == TOKEN_WORD && !is_value(&token)) {
            instead = slip_of_key(token.text);
        } else if (token.type != TOKEN_SIGN) {
            instead = slip_of_value(&scanner, &token);
        }
        if (instead != NULL) {
            *ret = (struct slip){token.text, instead};
            return true;
        }
        pass(&scanner, &token);
    }
    return false;
}
